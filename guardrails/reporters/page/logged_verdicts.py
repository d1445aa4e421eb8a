"""What a page shows of an environment's audit log: its newest verdicts and deployments, as plain data."""

from __future__ import annotations

from collections import deque

from guardrails.audit import reader
from guardrails.errors import AuditError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERDICTS, DEPLOYMENTS = 500, 20  # newest records of each that a page holds
_OF_VERDICT = (
    *("number", "at", "kind", "moment", "operation", "verdict", "exit_code", "commit", "candidate"),
    *("policy_set", "blocking", "waivers", "errors", "user", "host"),
)
_OF_DEPLOYMENT = ("number", "at", "operation", "commit", "previous", "user", "host")


def read_verdicts(path: str, environment: str, *, upto: int | None = None) -> dict[str, Any]:
    """The newest verdicts on an environment and its newest deployments, the oldest first.

    `upto` is the number of the last record that counts. `total` is how many verdicts there are in all; `problem` says
    what keeps the log from telling all, None where nothing does. Never raises for a log that cannot be read.
    """
    verdicts: deque[dict[str, Any]] = deque(maxlen=VERDICTS)
    deployments: deque[dict[str, Any]] = deque(maxlen=DEPLOYMENTS)
    total, broken, problem = 0, [], None
    try:
        for number, record in reader.records(path):
            if upto is not None and number > upto:
                break
            if record is None:
                broken.append(number)
            elif record.get("environment") != environment:  # several may share a log
                continue
            elif record.get("kind") == "deployment":
                deployments.append(_chosen(record, _OF_DEPLOYMENT))
            elif "verdict" in record:
                total += 1
                verdicts.append(_chosen(record, _OF_VERDICT))
    except FileNotFoundError:
        problem = "there is no audit log yet"
    except AuditError as error:
        problem = str(error)
    if broken:
        problem = f"line {broken[0]} of the audit log is no record: guardrails log verify says more"
    return {"verdicts": list(verdicts), "deployments": list(deployments), "total": total, "problem": problem}


def _chosen(record: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: record[name] for name in names if record.get(name) not in (None, "", [])}

"""What the audit log tells of earlier checks of an environment, and whether it is still the log that it was."""

from __future__ import annotations

import json
from collections import deque
from types import MappingProxyType

from guardrails.audit import reader
from guardrails.audit.chain import digest, record_in
from guardrails.errors import AuditError
from guardrails.record import Record
from guardrails.watch.comparison import ALLOWED, Standing, stand
from guardrails.wording.times import seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from guardrails.audit.chain import Head
    from guardrails.watch.comparison import Key

WINDOW = 5000  # checks that are looked back at: seven weeks of one every quarter of an hour
_NEAR = 600.0  # seconds from when a check began to when it was written; `--at` judges another time


class History(Record):
    """Earlier checks of what holds at all times: the last one, and since when what it found has been there.

    Times are in seconds since the epoch: `since` when each finding of the last check was first there in a row, and
    `verdict_since` when the last verdict was first given in a row. `problem` is why the log is not the one that it was.
    """

    last: Standing | None = None
    since: Mapping[Key, float] = MappingProxyType({})
    verdict_since: float | None = None
    last_allow: float | None = None
    problem: str = ""


def read_history(path: str, environment: str, head: Head | None) -> History:
    """The history of an environment, by the log at a path; `head` is a record that must still be in it."""
    lines: deque[bytes] = deque(maxlen=WINDOW)
    marks = (b'"kind":"check"', b'"moment":"standing"', f'"environment":{json.dumps(environment)}'.encode())
    count = 0
    try:
        for count, line in reader.read_lines(path):
            if head and count == head.number and digest(line.removesuffix(b"\n")) != head.digest:
                return _from(lines, environment, f"record {count} of the audit log {path} is another one than it was")
            if all(mark in line for mark in marks) and line.endswith(b"\n"):
                lines.append(line[:-1])
    except FileNotFoundError:
        return History(problem=f"the audit log {path} is gone" if head else "")
    except AuditError as error:
        return History(problem=str(error))
    cut = head is not None and count < head.number
    return _from(
        lines, environment, f"the audit log {path} was cut: it had {head.number} records" if head and cut else ""
    )


def _from(lines: Iterable[bytes], environment: str, problem: str) -> History:
    last, verdict_since, last_allow = None, None, None
    since: dict[Key, float] = {}
    for line in lines:
        now = _standing_in(line, environment)
        if now is None:
            continue
        if now.verdict == ALLOWED:
            last_allow = now.at
        if last is None or last.verdict != now.verdict:
            verdict_since = now.at
        since = {one.key: since.get(one.key, now.at) for one in now.seen}
        last = now
    return History(last, since, verdict_since, last_allow, problem)


def _standing_in(line: bytes, environment: str) -> Standing | None:
    """What the check of a record came to; None for one of something else, or by a version that kept no findings."""
    try:
        record: Any = record_in(line)
        if (record["kind"], record["environment"], record["moment"]) != ("check", environment, "standing"):
            return None
        at = seconds_of(record["judged_at"])
        if record["left_out"] or record["candidate"] or abs(seconds_of(record["at"]) - at) > _NEAR:
            return None
        return stand(record["exit_code"], record["found"], record["errors"], at=at, digest=record["findings_digest"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None

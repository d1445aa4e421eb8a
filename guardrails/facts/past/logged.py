"""What the audit log says of an environment's moves: its guarded runs, and what people have accepted.

A guarded run logs the record of its deployment (`guardrails.facts.approval.deployments`) as soon as HEAD has arrived,
and how it ended later; when it goes on with `--resume`, each process logs an end. A person's acceptance is of kind
`acceptance`: `{"commit": ID, "reason": TEXT, "settles": [{"at": SECONDS, "old": ID, "new": ID}]}` holds just the moves
that it settles, as the reflog has them, so that none is settled that was made later.

Each record says where HEAD's reflog stood when it was written, as `reflog`: `{"bytes": SIZE, "last": SHA-256 of the
last line}`. That, and no time, tells what came before it.
"""

from __future__ import annotations

from guardrails.exit_codes import UNVERIFIED
from guardrails.facts.approval.deployments import LOGGED
from guardrails.facts.git.reflog import Entry
from guardrails.record import Record
from guardrails.wording.times import seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from guardrails.facts.approval.deployments import Deployment

    Logged = dict[str, Any]

ACCEPTED = "acceptance"  # the kind of the audit log's records of what a person has settled


class Stood(Record):
    """Where a reflog stood: its size in bytes, and the SHA-256 of its last line."""

    size: int
    last: str


class GuardedRun(Record):
    """A run that led HEAD from `previous` to `commit`: when that was logged, in seconds since the epoch, and by whom.

    `record` is the id of its record, and `verdict` what came of it in the end: allow, or deny when what must hold after
    it did not. `stood` is where HEAD's reflog stood then, None where the log does not say.
    """

    at: float
    operation: str
    previous: str
    commit: str
    by: str
    record: str
    verdict: str
    stood: Stood | None = None


class Acceptance(Record):
    """That a person has settled the moves to and from a commit: when, in seconds since the epoch, who, and why."""

    at: float
    by: str
    commit: str
    reason: str
    settles: tuple[Entry, ...]


def guarded_runs(records: Sequence[Logged], chain: Mapping[str, Deployment], repo: str) -> list[GuardedRun]:
    """The runs that led HEAD of this repository somewhere, in the order of the log.

    `chain` are the records of deployments by their ids: the log tells of each which process made it, and the id, by
    which git has the rest. A record that the chain has not says nothing.
    """
    found: list[GuardedRun] = []
    allowed: set[Any] = {None}  # the processes that were; earlier versions log none
    for place, record in enumerate(records):
        if record.get("kind") == "run" and record.get("verdict") == "allow":
            allowed.add(record.get("run"))
        if record.get("kind") != LOGGED or record.get("repo") != repo or record.get("run") not in allowed:
            continue
        if made := chain.get(str(record.get("record"))):
            verdict = "deny" if _last_end(records[place + 1 :], made) == UNVERIFIED else "allow"
            ends = made.operation, made.previous, made.commit
            found.append(GuardedRun(time_of(record), *ends, who(record), made.record, verdict, stood_of(record)))
    return found


def acceptances(records: Iterable[Logged], at: float) -> list[Acceptance]:
    """What people had accepted at a time, in seconds since the epoch."""
    found = []
    for record in records:
        if record.get("kind") != ACCEPTED or time_of(record) > at:
            continue
        try:
            settles = tuple(Entry(one["old"], one["new"], one["at"]) for one in record["settles"])
            found.append(Acceptance(time_of(record), who(record), record["commit"], record["reason"], settles))
        except (KeyError, TypeError):
            continue
    return found


def stood_of(record: Logged) -> Stood | None:
    """Where HEAD's reflog stood when a record was written; None where it does not say."""
    said = record.get("reflog")
    if not isinstance(said, dict) or type(said.get("bytes")) is not int or not isinstance(said.get("last"), str):
        return None
    return Stood(said["bytes"], said["last"])


def who(record: Logged) -> str:
    """Who wrote a record: the name of the user, or the number where this machine knows none, and the machine."""
    import pwd

    user = record.get("user")
    try:
        name = pwd.getpwuid(user).pw_name  # type: ignore[arg-type]  # checked by what it raises
    except (KeyError, OverflowError, TypeError):
        name = str(user)
    return f"{name}@{record.get('host')}"


def _last_end(after: Iterable[Logged], made: Deployment) -> Any:
    """With which code the run ended that a deployment is of, or went on and ended later; None when it has no end."""
    ended = None
    for record in after:
        if record.get("kind") == LOGGED:
            break
        pins = record.get("pins")
        ends = (pins.get("head"), pins.get("target")) if isinstance(pins, dict) else ()
        if (record.get("operation"), *ends) == (made.operation, made.previous, made.commit):
            ended = record.get("ended")
    return ended


def time_of(record: Logged) -> float:
    """When a record was written, in seconds since the epoch; later than anything where it does not say."""
    try:
        return seconds_of(record.get("at"))
    except ValueError:
        return float("inf")

"""The record of guarded operations that moved an environment's HEAD: what it ran, and what it ran before.

`refs/guardrails/deployments` names the newest record. Each is a commit: its tree is that of the commit that was
deployed; its parents are the earlier record (none for number 1), the commit that was deployed, and the one that ran
before (left out when it is the same), so that git keeps all of them; its message is one line of JSON:
`{"number": 2, "operation": "promote", "environment": "prod", "commit": ID, "previous": ID, "at": RFC 3339}`. What it
says must be what the parents say, so a ref that was moved by hand to something else is no record.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, parse_json
from guardrails.facts.refs import read
from guardrails.facts.repository import Checkout
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

RECORDS = "refs/guardrails/deployments"
LIMIT = 1000  # records that are read
_FORMAT = "--format=%H %P%n%B"


class Deployment(Record):
    """One recorded operation: HEAD went from `previous` to `commit`. `at` is RFC 3339, `record` the record's own id."""

    number: int
    operation: str
    environment: str
    commit: str
    previous: str
    at: str
    record: str


class Deployments(Fact):
    """The recorded operations of an environment's repository, newest first."""

    repo: str
    records: tuple[Deployment, ...]

    @property
    def way_back(self) -> str | None:
        """The commit that a rollback returns to; a second rollback goes one further back, not forward again."""
        undone = 0
        for record in self.records:
            if record.operation == "rollback":
                undone += 1
            elif undone:
                undone -= 1
            else:
                return record.previous
        return None

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read the chain. Raises CannotKnow when a record is not what it says."""
        checkout: Checkout = await world.fact(Checkout, None)
        git, where = checkout.git, f"{RECORDS} of {checkout.git.path}"
        tip = await read(git, RECORDS)
        if tip is None:
            return cls(git.path, ())
        newest = _record(await git.run("log", "-1", _FORMAT, tip, "--"), where)
        most = f"--max-count={min(newest.number, LIMIT)}"  # the first parent of number 1 is no record any more
        listing = await git.run("log", "-z", "--first-parent", most, _FORMAT, tip, "--")
        records = tuple(_record(entry, where) for entry in listing.split(b"\0") if entry)
        if [record.number for record in records] != list(range(newest.number, newest.number - len(records), -1)):
            raise CannotKnow(f"{where} is a broken chain of records")
        return cls(git.path, records)


def _record(entry: bytes, where: str) -> Deployment:
    """One record, held to its own parents."""
    head, _, message = decode(entry, where).partition("\n")
    record, *parents = head.split(" ")
    content = parse_json(message, f"record {record[:12]} in {where}") if message.startswith("{") else None
    try:
        found = Deployment(**content, record=record)  # type: ignore[arg-type]  # checked at once
    except TypeError:
        raise CannotKnow(f"{where} leads to {record[:12]}, which is no record; it was moved by hand") from None
    texts = (found.operation, found.environment, found.commit, found.previous, found.at)
    if type(found.number) is not int or found.number < 1 or not all(isinstance(text, str) for text in texts):
        raise CannotKnow(f"record {record[:12]} in {where} makes no sense")
    earlier = parents[:1] if found.number > 1 else []
    if parents != [*earlier, *dict.fromkeys((found.commit, found.previous))]:
        raise CannotKnow(f"record {record[:12]} in {where} says something else than its parents")
    return found

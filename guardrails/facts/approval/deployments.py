"""The record of guarded operations that moved an environment's HEAD: what it ran, and what it ran before.

`refs/guardrails/deployments` names the newest record. Each is a commit: its tree is that of the commit that was
deployed; its parents are the earlier record (none for number 1), the commit that was deployed, and the one that ran
before (left out when it is the same), so that git keeps all of them; its message is one line of JSON:
`{"number": 2, "operation": "promote", "moves": "candidate", "environment": "prod", "commit": ID, "previous": ID,
"at": RFC 3339}`. What it says must be what the parents say.

Anybody who can write to the repository can move a ref or make such a commit, so a record is believed only when
something else tells of it. A guarded run logs the id of each record in the audit log; the newest record must be the one
that was logged last, and its id stands for all before it. A chain that was never logged (version 0.3.0 logged none, and
another user has another log) must be what the reflog of HEAD says.
"""

from __future__ import annotations

from guardrails.errors import AuditError, CannotKnow
from guardrails.facts.files import decode, parse_json
from guardrails.facts.git import reflog
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.objects import read_verified
from guardrails.facts.git.reader import resolve
from guardrails.facts.git.refs import read_ref
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

RECORDS = "refs/guardrails/deployments"
LIMIT = 1000  # records that are read
LOGGED = "deployment"  # the kind of the audit log's records that tell of ours
_FORMAT = "--format=%H %P%n%B"
_MOVES = ("candidate", "upstream", "previous")
_MOVES_BY_NAME = {"promote": "candidate", "update": "upstream", "recover": "upstream", "rollback": "previous"}


class Deployment(Record):
    """One recorded operation: HEAD went from `previous` to `commit`. `at` is RFC 3339, `record` the record's own id.

    `moves` is where the operation led: candidate, upstream or previous; a record of version 0.3.0 does not say.
    """

    number: int
    operation: str
    environment: str
    commit: str
    previous: str
    at: str
    record: str
    moves: str = ""

    @property
    def leads_to(self) -> str:
        """What `moves` says or, where it says nothing, what an operation of this name did; empty when that is open."""
        return self.moves or _MOVES_BY_NAME.get(self.operation, "")


class Chain(Fact):
    """The records as the ref has them, newest first, each held to its parents; whether they are true is not asked."""

    repo: str
    records: tuple[Deployment, ...]

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read the chain. Raises CannotKnow when a record is not what it says."""
        checkout: Checkout = await world.fact(Checkout, None)
        git, where = checkout.git, f"{RECORDS} of {checkout.git.path}"
        tip = await read_ref(git, RECORDS)
        if tip is None:
            return cls(git.path, ())
        newest = _record(await git.run("log", "-1", _FORMAT, tip, "--"), where)
        most = f"--max-count={min(newest.number, LIMIT)}"  # the first parent of number 1 is no record any more
        listing = await git.run("log", "-z", "--first-parent", most, _FORMAT, tip, "--")
        records = tuple(_record(entry, where) for entry in listing.split(b"\0") if entry)
        if [record.number for record in records] != list(range(newest.number, newest.number - len(records), -1)):
            raise CannotKnow(f"{where} is a broken chain of records")
        await read_verified(git, "commit", [record.record for record in records])
        return cls(git.path, records)


class Deployments(Fact):
    """The recorded operations of an environment's repository, newest first; `logged` says that the audit log has them.

    Without that, the reflog of HEAD has: it tells that each move was made, and not that it was the last one recorded.
    """

    repo: str
    records: tuple[Deployment, ...]
    logged: bool = False

    @property
    def releases(self) -> dict[str, str]:
        """The commits that promotions brought, by the id of the record."""
        return {record.record: record.commit for record in self.records if record.leads_to == "candidate"}

    @property
    def updates(self) -> dict[str, str]:
        """The commits of upstream that were led to, by the id of the record."""
        return {record.record: record.commit for record in self.records if record.leads_to == "upstream"}

    @property
    def way_back(self) -> str | None:
        """The commit that ran before the one that the newest record leads to, None when the records do not tell.

        A commit that a rollback has left is no way back, so each rollback leads one further back, and never forward
        again. Where one record does not begin where the one before has ended, somebody has moved HEAD in between: then
        no record before that is a way back either.
        """
        ran: list[str] = []
        for record in reversed(self.records):
            if record.leads_to in ("candidate", "upstream"):
                ran = ran if ran[-1:] == [record.previous] else [record.previous]
                ran.append(record.commit)
            else:
                ran = ran[:-1] if record.leads_to == "previous" else []
                ran = ran if ran[-1:] == [record.commit] else [record.commit]
        return ran[-2] if len(ran) > 1 else None

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read the chain, and hold it to the audit log or the reflog. Raises CannotKnow for one that neither has."""
        checkout: Checkout = await world.fact(Checkout, None)
        records = (await world.fact(Chain)).records
        logged = logged_last(world, checkout.git.path)
        newest = records[0].record if records else None
        if logged is None:
            _require_moves(checkout, records)
        elif newest != logged and (records or await resolve(checkout.git, f"{logged}^{{commit}}")):
            raise CannotKnow(await _describe_moved(checkout, newest, logged))
        return cls(checkout.git.path, records, logged is not None)


def logged_last(world: World, repo: str) -> str | None:
    """The id of the record that the audit log tells of last, None when it tells of none of this repository.

    Raises CannotKnow when the log cannot be read.
    """
    if world.log is None:
        return None
    from guardrails.audit.reader import newest

    try:
        said = newest(world.log, LOGGED, repo=repo, environment=world.environment.name)
    except AuditError as error:
        raise CannotKnow(f"whether the record of deployments is true cannot be told: {error}") from None
    found = said.get("record") if said else None
    if said and not isinstance(found, str):
        raise CannotKnow(f"the audit log {world.log} tells of a deployment without its record")
    return found


def _require_moves(checkout: Checkout, records: tuple[Deployment, ...]) -> None:
    """Raise CannotKnow unless HEAD has made the moves of the records, as far back as its reflog goes."""
    made = reflog.read_moves(checkout.git_dir, checkout.commit) or [] if records else []
    whole = not made or not made[0][0].strip("0")
    for record in records:
        stayed = record.commit == record.previous and record.commit in reflog.commits_of_moves(made)
        if (record.previous, record.commit) in made or stayed:
            continue
        if record is records[0] or whole:
            raise CannotKnow(
                f"record {record.record[:12]} in {RECORDS} of {checkout.git.path} was made by hand: neither the audit "
                f"log nor the reflog of HEAD tells that HEAD went from {record.previous} to {record.commit}; "
                + _forget(checkout, records[0].record)
            )
        return  # the reflog does not go back further


async def _describe_moved(checkout: Checkout, newest: str | None, logged: str) -> str:
    """Say that a ref does not name the record that was logged last, and how to mend that."""
    where = f"{RECORDS} of {checkout.git.path}"
    problem = f"{where} was moved by hand: the audit log has {logged} as the newest record"
    if newest is None or await resolve(checkout.git, f"{logged}^{{commit}}"):
        return f"{problem}; git -C {_quote(checkout.git.path)} update-ref {RECORDS} {logged}"
    return f"{problem}, which is not there; {_forget(checkout, newest)}"


def _forget(checkout: Checkout, newest: str) -> str:
    return (
        f"git -C {_quote(checkout.git.path)} update-ref -d {RECORDS} {newest}   # then there is no way back by record"
    )


def _quote(text: str) -> str:
    from shlex import quote

    return quote(text)


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
    if "moves" in content and found.moves not in _MOVES:  # type: ignore[operator]  # it made a record
        raise CannotKnow(f"record {record[:12]} in {where} does not say where it led")
    earlier = parents[:1] if found.number > 1 else []
    if parents != [*earlier, *dict.fromkeys((found.commit, found.previous))]:
        raise CannotKnow(f"record {record[:12]} in {where} says something else than its parents")
    return found

"""Who approves or rejects the candidate, and who made it.

A sign-off is a statement of type `urn:guardrails:signoff:v1` about one commit and its tree:

    {"role": "architect-1", "decision": "approved", "environment": "prod", "signer": "peter@example.org",
     "plan": "sha256:…", "issuedOn": "2026-02-01T10:00:00Z", "after": ["architect-2"], "notes": "…"}

`decision` is approved or rejected. `plan` is the digest of what is approved (`guardrails.facts.approval.proposal`): an
approval of another operation or of other steps does not count here. A rejection is about the commit, for every plan.
`after` names the roles on whose approval it depends; it and `notes` may be left out. `signer` says who it is where
nobody need sign; a signed statement is by its key.
"""

from __future__ import annotations

import re

from guardrails.errors import CannotKnow
from guardrails.facts.approval.evidence import candidate_tree
from guardrails.facts.approval.proposal import plan_digest
from guardrails.facts.approval.signatures import SIGN_OFF, AllowedSigners, DatedStatement, Ignored, find_newest, key_of
from guardrails.facts.approval.statements import SIGNOFF, SIGNOFFS, Statement, read_statements
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.objects import read_verified
from guardrails.facts.operation.candidate import Ancestry
from guardrails.policy import Fact
from guardrails.record import Record
from guardrails.remedies import Guardrails
from guardrails.wording.durations import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping
    from typing import Self

    from guardrails.policy import World

COMMIT_LIMIT = 10_000  # new commits of one candidate
COMMITS_LIMIT = 64 * 1024 * 1024  # bytes of them
_MAKER = re.compile(r"(?m)^(?:author|committer) (.*>) ")
_CO_AUTHOR = re.compile(r"(?im)^[ \t]*co-authored-by[ \t]*:(.*)$")


class SignOff(Record):
    """One decision about the candidate. `at` is in seconds since the epoch.

    `principals` are the names that its signature was verified for, or the one that an unsigned sign-off gives itself.
    `person` are all names of that person: two sign-offs are of one person exactly when these are equal.
    """

    role: str
    decision: str
    principals: tuple[str, ...]
    person: tuple[str, ...]
    at: float
    ref: str
    after: tuple[str, ...] = ()
    notes: str = ""

    def is_by(self, principals: Collection[str]) -> bool:
        """Whether one of the principals says so; with none, anybody may."""
        names = {name.casefold() for name in principals}
        return not names or any(name.casefold() in names for name in self.principals)


class SignOffs(Fact):
    """The newest sign-off of each person in each role that counts for the candidate, and the newer ones that do not.

    `committed_at` is when the candidate was committed. `makers` are the authors, committers and co-authors of the
    commits that it brings, each as name and e-mail address. `signed` tells whether only signed statements count. `at`
    is the time of the check, `environment` and `operation` are those in question, and `plan` is the digest of what the
    operation does with the commit. `repo` is where the candidate comes from.
    """

    environment: str
    operation: str
    plan: str
    commit: str
    committed_at: float
    at: float
    signed: bool
    makers: tuple[str, ...]
    found: tuple[SignOff, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    repo: str = ""
    guardrails: Guardrails = Guardrails()

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read and verify them. Raises CannotKnow when there is no candidate, or one cannot be read.

        Raises it as well where history is cut short, since the authors of missing commits could approve their own work.
        """
        candidate, tree, source = await candidate_tree(world)
        makers = world.start(_makers(world))
        subject, operation = {"gitCommit": candidate.commit, "gitTree": tree}, world.operation
        if operation is None:
            raise CannotKnow("a sign-off is about an operation, and none was named; add --op")
        plan = plan_digest(operation, world.environment.name, candidate.commit)
        said = [
            summarise_signoff(one, subject, plan, world.environment.name, world.at)
            for one in await read_statements(world, f"{SIGNOFFS}/{candidate.commit}")
        ]
        counted, ignored = await find_newest(world, said, speaker, SIGN_OFF)
        found: dict[Hashable, SignOff] = {}
        for one in sorted(map(_sign_off, counted), key=lambda one: (one.at, one.decision == "rejected")):
            found[one.role, one.person] = one  # of a person with two keys, the newest too
        committed_at, names = await makers
        return cls(
            environment=world.environment.name,
            operation=operation.name,
            plan=plan,
            commit=candidate.commit,
            committed_at=committed_at,
            at=world.at,
            signed=(await world.fact(AllowedSigners)).path is not None,
            makers=names,
            found=tuple(sorted(found.values(), key=lambda one: (one.role, one.person))),
            ignored=tuple(ignored),
            repo=source.repo,
            guardrails=world.guardrails,
        )

    def is_of_a_maker(self, one: SignOff) -> bool:
        """Whether it is by somebody who made part of what the candidate brings."""
        makers = {maker.casefold() for maker in self.makers}
        return any(name.casefold() in makers for name in one.person)

    def obstacle(self, one: SignOff, principals: Collection[str], max_age: str) -> str:
        """Why a sign-off approves nothing in a role that these may speak for; empty when it does."""
        granted = {other.role for other in self.found if other.decision == "approved" and other.person != one.person}
        missing = [role for role in one.after if role not in granted]
        reasons = (
            (one.decision != "approved", "which is no approval"),
            (not one.is_by(principals), f"who does not speak for {one.role}"),
            (self.is_of_a_maker(one), "who made part of what it brings"),
            (one.at < self.committed_at, "which is older than the commit"),
            (self.at - one.at > seconds(max_age), f"which is older than {max_age}"),
            (bool(missing), f"which depends on {', '.join(missing)}"),
        )
        return next((reason for holds, reason in reasons if holds), "")

    @staticmethod
    def by_different_people(approvers: Mapping[str, list[tuple[str, ...]]]) -> set[str]:
        """The roles that can be filled, each by one of its people, no person in two; as many as possible."""
        filled: dict[tuple[str, ...], str] = {}  # the role of a person; a maximum matching, one role after another

        def fill(role: str, asked: set[tuple[str, ...]]) -> bool:
            for person in approvers[role]:
                if person not in asked:
                    asked.add(person)
                    if person not in filled or fill(filled[person], asked):
                        filled[person] = role
                        return True
            return False

        return {role for role in approvers if fill(role, set())}


def summarise_signoff(
    statement: Statement, subject: dict[str, str], plan: str, environment: str, now: float
) -> DatedStatement:
    """What a statement says in short, and why it does not count for this plan in this environment.

    Raises CannotKnow when it is no sign-off.
    """
    if statement.kind != SIGNOFF:
        raise CannotKnow(f"{statement.where} is no sign-off")
    decision, at = statement.text("decision"), statement.time("issuedOn")
    if decision not in ("approved", "rejected"):
        raise CannotKnow(f"{statement.where} neither approves nor rejects")
    for name in ("role", "environment", "signer"):
        statement.text(name)
    after = statement.predicate.get("after", [])
    if not isinstance(after, list) or not all(isinstance(role, str) for role in after):
        raise CannotKnow(f"{statement.where} depends on something that is no list of roles")
    if not isinstance(statement.predicate.get("notes", ""), str):
        raise CannotKnow(f"{statement.where} has notes that are no text")
    obstacle = ""
    if any(statement.subject.get(kind) != digest for kind, digest in subject.items()):
        obstacle = f"it is about the commit {statement.subject.get('gitCommit')}"
    elif statement.predicate["environment"] != environment:
        obstacle = f"it is for {statement.predicate['environment']}"
    elif decision == "approved" and statement.predicate.get("plan") != plan:
        obstacle = "it approves another plan (steps or operation have changed)"
    elif at > now:
        obstacle = "it is from after the time of the check"
    return DatedStatement(statement, at, decision == "rejected", obstacle)


def speaker(told: DatedStatement) -> Hashable:
    """Whose sign-off it claims to be, and in which role: by the key, or by name where nobody signed."""
    predicate = told.statement.predicate
    return predicate["role"], key_of(told.statement.signature) or predicate["signer"].casefold()


def _sign_off(told: DatedStatement) -> SignOff:
    predicate = told.statement.predicate
    claimed = (predicate["signer"],)
    return SignOff(
        role=predicate["role"],
        decision=predicate["decision"],
        principals=told.signature.principals or claimed,
        person=told.signature.person or (predicate["signer"].casefold(),),
        at=told.at,
        ref=told.statement.ref,
        after=tuple(predicate.get("after", ())),
        notes=predicate.get("notes", ""),
    )


async def _makers(world: World) -> tuple[float, tuple[str, ...]]:
    """When the candidate was committed, and every name and address in the commits that it brings."""
    ancestry: Ancestry = await world.fact(Ancestry)
    here: Checkout = await world.fact(Checkout, None)
    source = (world.operation.candidate_from if world.operation else None) or world.environment
    there: Checkout = await world.fact(Checkout, source.repo)
    commit, objects = ancestry.candidate.commit, there.objects
    listing = await here.git.run(
        "rev-list", f"--max-count={COMMIT_LIMIT + 1}", commit, f"^{ancestry.head}", "--", also_objects_of=objects
    )
    brought = listing.decode().split()
    if len(brought) > COMMIT_LIMIT:
        raise CannotKnow(f"the candidate brings more than {COMMIT_LIMIT} commits, too many to tell who made them")
    (newest_one, *others) = await read_verified(
        here.git, "commit", [commit, *brought], also_objects_of=objects, limit=COMMITS_LIMIT
    )
    names: dict[str, None] = {}
    for one in map(_commit, others):
        names.update(dict.fromkeys(_people_of(one)))
    return _committed_at(_commit(newest_one)), tuple(sorted(name for name in names if name))


def _commit(data: bytes) -> str:
    """A commit as text, in the encoding that it says it has."""
    said = re.search(rb"^encoding (\S+)$", data.partition(b"\n\n")[0], re.MULTILINE)
    try:
        return data.decode(said[1].decode() if said else "utf-8", "backslashreplace")
    except (LookupError, UnicodeDecodeError):
        return data.decode("utf-8", "backslashreplace")


def _people_of(commit: str) -> Iterator[str]:
    """The names and addresses of its author, its committer and its co-authors."""
    header, _, message = commit.partition("\n\n")
    for line in [*_MAKER.findall(header), *_CO_AUTHOR.findall(message)]:
        name, _, address = line.strip().removesuffix(">").rpartition("<")
        yield from (name.strip(), address.strip())


def _committed_at(commit: str) -> float:
    found = re.search(r"(?m)^committer .*> (\d+) [+-]\d+$", commit.partition("\n\n")[0])
    if found is None:
        raise CannotKnow("the candidate does not say when it was committed")
    return float(found[1])

"""Every statement in one repository about what its branches and HEAD lead to, and why it would not count."""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.approval import evidence, signoffs
from guardrails.facts.approval.signatures import ATTEST, SIGN_OFF, AllowedSigners, DatedStatement, Verifier
from guardrails.facts.approval.statements import (
    ATTESTATIONS,
    COUNT_LIMIT,
    SIGNOFFS,
    SIZE_LIMIT,
    Statement,
    parse_statement,
    refs_of,
)
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.objects import read_verified
from guardrails.facts.git.reader import complaint
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.facts.git.reader import Repository
    from guardrails.policy import World


class TipStatement(Record):
    """One statement: its ref, the commit or tree that the ref names, and what it says, None when that is unreadable.

    `why` is why it would not count, as far as the statement and the allowed signers tell; empty when it would.
    """

    ref: str
    subject: str
    told: DatedStatement | None
    why: str = ""


class TipStatements(Fact):
    """The statements about tips, and how many there are about anything else, which are not read."""

    repo: str
    found: tuple[TipStatement, ...] = ()
    others: int = 0

    @classmethod
    async def gather(cls, world: World, repo: str) -> Self:
        """Read and verify each. Raises CannotKnow when the refs cannot be listed, or are too many."""
        checkout: Checkout = await world.fact(Checkout, repo)
        trees = await _tips(checkout)
        subjects = {ATTESTATIONS: set(trees.values()), SIGNOFFS: set(trees)}
        problem = f"the statements of {checkout.git.path} cannot be listed"
        listing = await refs_of(checkout.git, f"{ATTESTATIONS}/", f"{SIGNOFFS}/", problem=problem)
        wanted = [line for line in listing if _subject(line[3]) in subjects["/".join(line[3].split("/")[:2])]]
        if len(wanted) > COUNT_LIMIT:
            raise CannotKnow(
                f"{checkout.git.path} has more than {COUNT_LIMIT} statements about the tips of its branches"
            )
        signers: AllowedSigners = await world.fact(AllowedSigners)
        verifiers = {
            prefix: Verifier(world, signers, namespace)
            for prefix, namespace in ((ATTESTATIONS, ATTEST), (SIGNOFFS, SIGN_OFF))
        }
        looks = [world.start(_look(checkout.git, line, trees, verifiers, world.at)) for line in wanted]
        return cls(checkout.git.path, tuple([await look for look in looks]), len(listing) - len(wanted))


async def _tips(checkout: Checkout) -> dict[str, str]:
    """The commits that branches and HEAD lead to, each with its tree."""
    done = await checkout.git.attempt("for-each-ref", "--format=%(objectname) %(tree)", "refs/heads/")
    if done.status != 0 or done.stderr:
        raise CannotKnow(f"the branches of {checkout.git.path} cannot be read: {complaint(done)}")
    pairs = (line.split(" ", 1) for line in done.stdout.decode().split("\n")[:-1])
    return {checkout.commit: checkout.tree, **dict(pairs)}


def _subject(name: str) -> str:
    """The commit or tree that the ref of a statement is about."""
    return name.split("/")[2]


async def _look(
    git: Repository, line: tuple[str, str, int, str], trees: dict[str, str], verifiers: dict[str, Verifier], now: float
) -> TipStatement:
    """One statement, with what is wrong with it, if anything."""
    oid, kind, size, name = line
    subject, prefix = _subject(name), "/".join(name.split("/")[:2])
    try:
        if kind != "blob" or size > SIZE_LIMIT:
            raise CannotKnow(f"it is a {kind} of {size} bytes, not a statement")
        (data,) = await read_verified(git, "blob", [oid])
        told = _date_statement(parse_statement(data, name, git.path), prefix, subject, trees, now)
    except CannotKnow as error:
        return TipStatement(name, subject, None, str(error))
    if told.obstacle:
        return TipStatement(name, subject, told, told.obstacle)
    try:
        held = await verifiers[prefix].verify(told.statement, told.at)
    except CannotKnow as error:
        return TipStatement(name, subject, told, str(error))
    return TipStatement(name, subject, told, held if isinstance(held, str) else "")


def _date_statement(
    statement: Statement, prefix: str, subject: str, trees: dict[str, str], now: float
) -> DatedStatement:
    """What it says in short. Which environment and plan it approves is the configuration's to judge."""
    if prefix == ATTESTATIONS:
        return evidence.summarise_test_result(statement, subject, now)
    said = statement.predicate
    about = {"gitCommit": subject, "gitTree": trees[subject]}
    return signoffs.summarise_signoff(statement, about, said.get("plan", ""), said.get("environment", ""), now)

"""Record that somebody approves or rejects a commit: what `required-signoffs` asks for."""

from __future__ import annotations

import time

from guardrails.errors import UsageError
from guardrails.facts.git import Repository
from guardrails.facts.history import Candidate
from guardrails.facts.processes import finished
from guardrails.facts.proposal import plan_digest
from guardrails.gather import gathered
from guardrails.operations.statements import record_sign_off
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.operations.statements import Key
    from guardrails.policy import World


class SignedOff(Record):
    """What was signed off: the commit, the first line of its message, the digest of the plan, and the record's ref."""

    commit: str
    subject: str
    plan: str
    ref: str


def sign_off(
    world: World,
    role: str,
    decision: str,
    *,
    signer: str = "",
    after: tuple[str, ...] = (),
    notes: str = "",
    key: Key | None = None,
) -> SignedOff:
    """Record a decision about the candidate of the operation in question, where that candidate comes from.

    `signer` is who says so; without it the e-mail address that git has for this user. Raises CannotKnow when there is
    no such commit, or it cannot be signed or kept; UsageError for nobody, and without an operation.
    """
    if world.operation is None:
        raise UsageError("for which operation? add --op")
    source = world.operation.candidate_from or world.environment
    commit = gathered(Candidate, world).commit
    plan = plan_digest(world.operation, world.environment.name, commit)
    git = Repository(source.repo, timeout=world.timeout)
    said = finished(git.run("log", "-1", "--encoding=UTF-8", "--format=%T%n%s", commit, "--"))
    tree, _, subject = said.decode(errors="replace").removesuffix("\n").partition("\n")
    who = signer or finished(_own_address(git, world.home))
    if not who:
        raise UsageError("who signs off? add --signer, or tell git: git config --global user.email ADDRESS")
    ref = record_sign_off(
        source.repo, commit, tree, role, decision,
        environment=world.environment.name, plan=plan, signer=who, issued=time.time(),
        after=after, notes=notes, key=key,
    )  # fmt: skip
    return SignedOff(commit, subject, plan, ref)


async def _own_address(git: Repository, home: str) -> str:
    done = await git.attempt("config", "--get", "user.email", home=home)
    return done.stdout.decode(errors="replace").strip()

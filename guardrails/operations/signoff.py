"""Record that somebody approves or rejects a commit: what `required-signoffs` asks for."""

from __future__ import annotations

import time

from guardrails.errors import UsageError
from guardrails.facts.git import Repository
from guardrails.facts.history import Candidate
from guardrails.facts.processes import finished
from guardrails.gather import gathered
from guardrails.operations.statements import record_sign_off

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.operations.statements import Key
    from guardrails.policy import World


def sign_off(
    world: World,
    role: str,
    decision: str,
    *,
    signer: str = "",
    after: tuple[str, ...] = (),
    notes: str = "",
    key: Key | None = None,
) -> tuple[str, str]:
    """Record a decision about the candidate of the operation in question, where that candidate comes from.

    `signer` is who says so; without it the e-mail address that git has for this user. Gives the commit and the ref of
    the record. Raises CannotKnow when there is no such commit, or it cannot be signed or kept; UsageError for nobody.
    """
    source = (world.operation.candidate_from if world.operation else None) or world.environment
    commit = gathered(Candidate, world).commit
    git = Repository(source.repo, timeout=world.timeout)
    tree = finished(git.run("rev-parse", "--verify", f"{commit}^{{tree}}")).decode().strip()
    who = signer or finished(_own_address(git, world.home))
    if not who:
        raise UsageError("who signs off? add --signer, or tell git: git config --global user.email ADDRESS")
    ref = record_sign_off(
        source.repo, commit, tree, role, decision,
        environment=world.environment.name, signer=who, issued=time.time(), after=after, notes=notes, key=key,
    )  # fmt: skip
    return commit, ref


async def _own_address(git: Repository, home: str) -> str:
    done = await git.attempt("config", "--get", "user.email", home=home)
    return done.stdout.decode(errors="replace").strip()

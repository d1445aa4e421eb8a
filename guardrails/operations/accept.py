"""A person settles the moves of production to and from one commit: one record of the audit log, and nothing else."""

from __future__ import annotations

from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.git.reader import Repository
from guardrails.facts.git.refs import resolve_revision
from guardrails.facts.past.logged import ACCEPTED
from guardrails.facts.past.past import Past
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.operations import audit
from guardrails.wording.shown_text import storable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.config.settings import Settings
    from guardrails.facts.past.past import Move
    from guardrails.policy import World


def accept(world: World, settings: Settings, name: str, reason: str) -> tuple[str, tuple[Move, ...]]:
    """Log that the moves to and from a commit are settled, up to now, and why; give its full id and those moves.

    Moves that have a record of their own, and those that were made later, are not among them. Raises UsageError for
    what is no commit of the repository or has no move to settle, CannotKnow when the log is not whole, and AuditError
    when it cannot be logged.
    """
    commit = find_commit(world, name)
    past = gather_fact(Past, world)
    for gap in past.gaps:
        if gap.kind in ("log", "deployments"):
            raise CannotKnow(f"nothing can be settled: {gap.text}")
    moves = tuple(move for move in (*past.earlier, *past.moves) if commit in (move.old, move.new) and not move.settled)
    if not moves:
        raise UsageError(f"no move of {past.environment} to or from {commit[:12]} is left to settle")
    settles = [{"at": move.at, "old": move.old, "new": move.new} for move in moves]
    said = {"commit": commit, "reason": storable(reason), "repo": past.repo, "settles": settles}
    audit.log(settings, world.environment, ACCEPTED, said)
    return commit, moves


def find_commit(world: World, name: str) -> str:
    """The full id of a commit of the environment's repository. Raises UsageError when a name means none there."""
    git = Repository(world.environment.repo, timeout=world.timeout)
    commit = run_to_end(resolve_revision(git, name))
    if commit is None:
        raise UsageError(f"{name} is no commit of {git.path}")
    return commit

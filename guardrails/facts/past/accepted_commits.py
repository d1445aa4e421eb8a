"""What was done in production by hand, and a person has settled since: commits, and releases that were merged."""

from __future__ import annotations

from guardrails.errors import AuditError
from guardrails.facts.git.commits import list_commits
from guardrails.facts.past.past import Past

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from guardrails.facts.git.checkout import Checkout
    from guardrails.facts.past.past import Move
    from guardrails.policy import World


async def accepted_commits(world: World, checkout: Checkout) -> frozenset[str]:
    """What came with accepted moves to the commits that were accepted, and with no move that nobody has settled.

    A log that is not whole settles nothing.
    """
    if not _is_any_accepted(world):
        return frozenset()
    past: Past = await world.fact(Past)
    moves = [*past.earlier, *past.moves]
    accepted = [move for move in moves if move.accepted and move.accepted.commit == move.new]
    left = [move for move in moves if not move.settled]
    return await _brought(checkout, accepted) - await _brought(checkout, left) if accepted else frozenset()


async def is_accepted_release(world: World, checkout: Checkout) -> bool:
    """Whether HEAD is at an approved release to which somebody led it by hand, and a person has accepted that move."""
    if not _is_any_accepted(world):
        return False
    from guardrails.facts.approval.approved import Approved

    past: Past = await world.fact(Past)
    arrivals = [move for move in (*past.earlier, *past.moves) if move.new == checkout.commit]
    approved: Approved = await world.fact(Approved)
    return bool(arrivals and arrivals[-1].accepted and not await approved.unapproved(checkout, checkout.commit))


def _is_any_accepted(world: World) -> bool:
    """Whether the log tells of any acceptance; then it is worth to hold every line of it to the one before."""
    from guardrails.audit.reader import newest
    from guardrails.facts.past.logged import ACCEPTED

    try:
        return world.log is not None and newest(world.log, ACCEPTED, environment=world.environment.name) is not None
    except AuditError:
        return False


async def _brought(checkout: Checkout, moves: Iterable[Move]) -> frozenset[str]:
    """The commits that moves have brought, each of which its end is built on and its start is not."""
    found: set[str] = set()
    for old, new in dict.fromkeys((move.old, move.new) for move in moves if move.new):
        there = [end for end in (new, old) if end and (await checkout.git.attempt("cat-file", "-e", end)).status == 0]
        if new in there:
            without = [f"^{end}" for end in there if end != new]
            found |= {commit.id for commit in await list_commits(checkout.git, new, *without)}
    return frozenset(found)

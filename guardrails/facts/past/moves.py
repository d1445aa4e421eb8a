"""The moves of production that its two reflogs tell of, as one list, and the holes in it.

A move of the branch that is checked out stands in the reflog of the branch and in that of HEAD; one of the branch while
something else is checked out in that of the branch alone; and what else was checked out in that of HEAD alone.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from guardrails.facts.git.reflog import Entry
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Made(Record):
    """One move as it was made: what the reflog says, and whether HEAD's has it."""

    entry: Entry
    of_head: bool


class Hole(Record):
    """Where a reflog does not go on from where it was: before which of its entries, and both commits."""

    before: Entry
    start: str
    end: str


def joined(entries: Sequence[Entry]) -> list[Entry]:
    """The entries without those that move nothing.

    While a branch is renamed, HEAD's reflog has it go to no commit and come from none (git-branch(1) -m): that is one
    move, or none.
    """
    found: list[Entry] = []
    for entry in entries:
        if found and not found[-1].new and not entry.old:
            entry = entry.replaced(old=found.pop().old)
        if entry.old != entry.new:
            found.append(entry)
    return found


def holes(entries: Sequence[Entry]) -> list[Hole]:
    """Where an entry begins elsewhere than the one before has ended."""
    return [Hole(later, earlier.new, later.old) for earlier, later in pairwise(entries) if earlier.new != later.old]


def merged(head: Sequence[Entry], branch: Sequence[Entry]) -> list[Made]:
    """Both reflogs in one order, which is that of each; what both have stands in it once.

    Where neither says which of two was first, their times do.
    """
    left = {"head": Counter(head), "branch": Counter(branch)}
    found: list[Made] = []
    at, on = 0, 0
    while at < len(head) or on < len(branch):
        ours = head[at] if at < len(head) else None
        theirs = branch[on] if on < len(branch) else None
        if ours is None or theirs is None or ours == theirs:
            take_ours, take_theirs = ours is not None, theirs is not None
        else:
            waits, is_awaited = left["branch"][ours] > 0, left["head"][theirs] > 0  # for the other's turn
            take_ours = is_awaited if waits != is_awaited else ours.at <= theirs.at
            take_theirs = not take_ours
        if take_ours and ours is not None:
            left["head"][ours] -= 1
            at += 1
        if take_theirs and theirs is not None:
            left["branch"][theirs] -= 1
            on += 1
        made = ours if take_ours else theirs
        if made is not None:
            found.append(Made(made, take_ours))
    return found

"""The reflogs of HEAD and of the environment's branch, read together."""

from __future__ import annotations

from guardrails.audit.chain import digest
from guardrails.errors import CannotKnow
from guardrails.facts.git import reflog
from guardrails.facts.git.refs import read_ref
from guardrails.facts.past.moves import Hole, Made, holes, joined, merged
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from guardrails.facts.git.checkout import Checkout
    from guardrails.facts.git.reflog import Entry
    from guardrails.facts.past.logged import Stood


class Reflogs(Record):
    """HEAD's reflog line by line and entry by entry, that of the branch, and why they cannot tell, for each reason."""

    lines: tuple[bytes, ...] = ()
    head: tuple[Entry, ...] = ()
    branch: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()

    def made(self) -> list[Made]:
        """All moves in one order."""
        return merged(joined(self.head), joined(self.branch))

    def lines_at(self, stood: Stood) -> int:
        """How many of HEAD's lines were there when it stood so, 0 when that cannot be told.

        Expiry takes lines away, and moves the others to the front.
        """
        size, place = 0, 0
        while place < len(self.lines) and size < stood.size:
            size += len(self.lines[place]) + 1
            place += 1
        return next((at for at in range(place, 0, -1) if digest(self.lines[at - 1]) == stood.last), 0)

    def moves_in(self, lines: int, made: Sequence[Made]) -> int:
        """How many of all moves are no later than the last of so many lines of HEAD's."""
        left = len(joined(self.head[:lines]))
        place = 0
        while left and place < len(made):
            left -= made[place].of_head
            place += 1
        return place

    def holes_after(self, lines: int, made: Sequence[Made]) -> list[tuple[int, Hole]]:
        """The holes after so many lines of HEAD's, each with the place of the move after it among these moves."""
        places = {one.entry: place for place, one in reversed(list(enumerate(made)))}
        before = len(joined(self.head[:lines]))
        broken = [*holes(joined(self.head)[max(0, before - 1) :]), *holes(joined(self.branch))]
        return [(places[hole.before], hole) for hole in dict.fromkeys(broken) if hole.before in places]


async def read_reflogs(checkout: Checkout, branch: str | None) -> Reflogs:
    """Both reflogs, as far as they can be read and believed."""
    ref = f"refs/heads/{branch}" if branch else ""
    lines, head, problems = _read(checkout.git_dir, "HEAD", checkout.commit)
    if head and head[-1].new != checkout.commit:
        problems.append(f"HEAD is at {checkout.commit[:12]}, and has moved without its reflog")
    if head == [] and not problems:
        problems.append("the reflog of HEAD is empty: its entries were taken out, or have expired")
    own: list[Entry] = []
    tip = await read_ref(checkout.git, ref) if ref else None
    if tip:
        _, own, more = _read(checkout.common_dir, ref, tip)
        if own and own[-1].new != tip:
            more.append(f"{branch} is at {tip[:12]}, and has moved without its reflog")
        problems += more
    elif ref:
        problems.append(f"there is no branch {branch}")
    return Reflogs(tuple(lines), tuple(head), tuple(own), tuple(problems))


def _read(folder: str, name: str, commit: str) -> tuple[list[bytes], list[Entry], list[str]]:
    """The lines and the entries of one reflog, and why they cannot be had."""
    try:
        lines = reflog.read_reflog(folder, name)
        if lines is None:
            return [], [], [f"there is no reflog of {name}"]
        return lines, [reflog.entry(line, name, folder, len(commit)) for line in lines], []
    except CannotKnow as error:
        return [], [], [str(error)]

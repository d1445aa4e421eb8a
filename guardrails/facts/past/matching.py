"""Which move each guarded run has made, and which moves a person has settled.

Times can be made up (GIT_COMMITTER_DATE), so the order decides: that of the reflog and that of the log are one order,
and records say where the reflog stood. Those of earlier versions do not; there a time says which of equal moves it was.
"""

from __future__ import annotations

from collections import Counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from guardrails.facts.git.reflog import Entry
    from guardrails.facts.past.logged import Acceptance, GuardedRun
    from guardrails.facts.past.moves import Made


def match_runs(moves: Sequence[Made], runs: Sequence[GuardedRun], ends: Sequence[int | None]) -> dict[int, GuardedRun]:
    """The run that made each move, by the place of the move; each run has made one way from its start to its end.

    `ends` says for each run how many moves had been made when it had arrived, None where that cannot be told. From the
    newest run to the oldest, the latest way before that is taken; where it cannot be told, the one nearest in time.
    """
    found: dict[int, GuardedRun] = {}
    end = len(moves)
    for run, known in zip(reversed(runs), reversed(ends), strict=True):
        until = end if known is None else min(end, known)
        ways = [way for place in range(until) if (way := _way(moves, place, until, run))]
        if not ways:
            continue
        if known is not None:
            way = max(ways, key=lambda way: (way[-1], way[0]))
        else:
            way = min(reversed(ways), key=lambda way: (len(way), abs(run.at - moves[way[-1]].entry.at)))
        found |= dict.fromkeys(way, run)
        end = way[0]
    return found | _of_the_branch_alone(moves, runs, found)


def _way(moves: Sequence[Made], place: int, end: int, run: GuardedRun) -> list[int]:
    """The places of the moves of HEAD that lead from the start of a run to its end, the first at a place, or nothing.

    A step of one command may move HEAD more than once, as a rebase does.
    """
    if not moves[place].of_head or moves[place].entry.old != run.previous:
        return []
    way: list[int] = []
    here = run.previous
    for at in range(place, end):
        made = moves[at]
        if not made.of_head:
            continue
        if made.entry.old != here or (way and made.entry.old == run.previous):
            return []
        way.append(at)
        here = made.entry.new
        if here == run.commit:
            return way
    return []


def _of_the_branch_alone(
    moves: Sequence[Made], runs: Sequence[GuardedRun], found: dict[int, GuardedRun]
) -> dict[int, GuardedRun]:
    """The moves of the branch that runs made while something else was checked out: each beside a move of HEAD there.

    A run that begins on another branch ends on the environment's own, which it has put where it leads.
    """
    more: dict[int, GuardedRun] = {}
    for run in runs:
        own = [place for place, its in found.items() if its is run]
        near = [place for place in (own[0] - 1, own[-1] + 1) if 0 <= place < len(moves)] if own else []
        for place in near:
            made = moves[place]
            if not made.of_head and made.entry.new == run.commit and place not in found:
                more[place] = run
                break
    return more


def match_acceptances(entries: Mapping[int, Entry], accepted: Sequence[Acceptance]) -> dict[int, Acceptance]:
    """The acceptance of each move that one settles, by the place of the move; `entries` are those that may need one.

    One that settles a move settles one: of equal ones the first, since what is made later was not there to be settled.
    """
    found: dict[int, Acceptance] = {}
    for acceptance in accepted:
        left = Counter(acceptance.settles)
        for place, entry in entries.items():
            if left[entry] and place not in found:
                left[entry] -= 1
                found[place] = acceptance
    return found

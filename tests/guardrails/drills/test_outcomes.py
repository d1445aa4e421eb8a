"""What counts as held, and which exit code comes of all."""

from __future__ import annotations

import pytest

from guardrails.drills.outcomes import Drilled, Observed, Outcome
from guardrails.drills.selection import Turn
from guardrails.plugins.drills import Drill
from guardrails.plugins.stages import Stage, nothing

STAGE = Stage("small", "nothing", nothing)
BROKEN = Drill("is-whole", ("standing",), "a-break", "It breaks")
TWIN = BROKEN.replaced(name="a-bend", title="It bends", harmless=True)
PUSHED = BROKEN.replaced(command=("git", "push"), channel="pre-push")


def outcome(drill: Drill, observed: Observed) -> Outcome:
    return Outcome(Turn(drill, "standing", STAGE), observed, 1)


@pytest.mark.parametrize(
    ("drill", "observed", "problem"),
    [
        (BROKEN, Observed(1, ("is-whole",)), ""),
        (BROKEN, Observed(1, ("another", "is-whole")), ""),
        (BROKEN, Observed(0), "is-whole did not refuse it: exit code 0, refused by nobody"),
        (BROKEN, Observed(1, ("another",)), "is-whole did not refuse it: exit code 1, refused by another"),
        (BROKEN, Observed(2, ("is-whole",)), "is-whole could not decide: exit code 2"),
        (BROKEN, Observed(1, ("is-whole",), ("prod/file",)), "it changed prod/file"),
        (BROKEN, Observed(0, skipped="nothing is asked"), "is-whole was not judged: nothing is asked"),
        (BROKEN, Observed(trouble="it hangs"), "it hangs"),
        (PUSHED, Observed(128, ("is-whole",)), ""),
        (PUSHED, Observed(0, ("is-whole",)), "is-whole did not refuse it: exit code 0, refused by is-whole"),
        (PUSHED, Observed(1, ("is-whole",), ("prod/file",)), "it changed prod/file"),
        (TWIN, Observed(0), ""),
        (TWIN, Observed(1, ("is-whole",)), "it was refused with exit code 1 by is-whole"),
        (TWIN, Observed(0, skipped="nothing is asked"), "is-whole was not judged: nothing is asked"),
        (TWIN, Observed(0, changed=("prod/file",)), "it changed prod/file"),
        (TWIN.replaced(channel="pre-push"), Observed(0, changed=("server/refs",)), ""),
    ],
)
def test_what_counts_as_held(drill: Drill, observed: Observed, problem: str) -> None:
    one = outcome(drill, observed)
    assert (one.problem, one.held) == (problem, not problem)


GOOD, MISSED = outcome(BROKEN, Observed(1, ("is-whole",))), outcome(BROKEN, Observed(0))
UNPLAYED = outcome(BROKEN, Observed(trouble="it hangs"))


@pytest.mark.parametrize(
    ("outcomes", "unproven", "code"),
    [
        ((GOOD,), (), 0),
        ((GOOD, MISSED), (), 1),
        ((GOOD,), ("another",), 1),
        ((GOOD, UNPLAYED), (), 2),
        ((MISSED, UNPLAYED), (), 1),
        ((), (), 2),
        ((), ("another",), 1),
    ],
)
def test_the_exit_code(outcomes: tuple[Outcome, ...], unproven: tuple[str, ...], code: int) -> None:
    assert Drilled(outcomes, unproven).exit_code == code


def test_each_kind_is_counted() -> None:
    drilled = Drilled((GOOD, MISSED, outcome(TWIN, Observed(0))), ())
    assert (drilled.count("detonation"), drilled.count("detonation", held=True)) == (2, 1)
    assert (drilled.count("twin"), drilled.count("twin", held=True)) == (1, 1)

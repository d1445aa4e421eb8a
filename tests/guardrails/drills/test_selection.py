"""Which drills there are, what they are called, and which of them are played."""

from __future__ import annotations

import pytest

from guardrails.drills.selection import every_turn, narrowed, to_be_proven
from guardrails.errors import PluginError, UsageError
from guardrails.plugins import loader
from guardrails.plugins.drills import Drill
from guardrails.plugins.stages import Stage, nothing

STAGES = (Stage("one", "", nothing), Stage("two", "", nothing))
DRILL = Drill("is-whole", ("standing", "after update"), "a-break", "It breaks", stages=STAGES)


def test_a_drill_is_played_at_each_operation_on_each_stage() -> None:
    assert [turn.id for turn in every_turn([DRILL])] == [
        "one/is-whole/standing/a-break",
        "one/is-whole/after-update/a-break",
        "two/is-whole/standing/a-break",
        "two/is-whole/after-update/a-break",
    ]


def test_without_a_stage_it_is_the_scratch_world() -> None:
    assert every_turn([DRILL.replaced(stages=())])[0].id == "scratch/is-whole/standing/a-break"


@pytest.mark.parametrize(
    ("drills", "says"),
    [
        ([DRILL, DRILL.replaced(harmless=True)], "two drills are called one/is-whole/standing/a-break"),
        ([DRILL.replaced(name="A Break")], "the drill 'A Break' of is-whole needs a name such as an-edit"),
        ([DRILL.replaced(name="")], "the drill '' of is-whole needs a name"),
        ([DRILL.replaced(name="../up")], "needs a name"),
        ([DRILL.replaced(operations=())], "and operations"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(drills: list[Drill], says: str) -> None:
    with pytest.raises(PluginError, match=says):
        every_turn(drills)


def test_every_policy_and_every_instance_of_a_profile_must_be_proven() -> None:
    known = to_be_proven(loader.load())
    assert {"clean-worktree", "reachable-page", "ui-answers", "tightening-only"} <= known


def test_those_that_are_asked_for_are_played_and_what_has_none_is_named() -> None:
    turns = every_turn([DRILL, DRILL.replaced(policy="is-clean")])
    known = {"is-whole", "is-clean", "is-old"}
    assert narrowed(turns, [], known) == (turns, ["is-old"])
    assert narrowed(turns, ["is-clean"], known) == ([turn for turn in turns if turn.drill.policy == "is-clean"], [])
    assert narrowed(turns, ["is-old"], known) == ([], ["is-old"])
    with pytest.raises(UsageError, match="unknown policy is-claen; did you mean is-clean"):
        narrowed(turns, ["is-claen"], known)

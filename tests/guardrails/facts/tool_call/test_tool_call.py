from __future__ import annotations

import pytest

from guardrails import Action, CannotKnow, DoesNotApply, Table, ToolCall, require_told
from guardrails.testing import gather, world

OURS = Action("writes", "prod", "repo", "/srv/prod/a", ("rm", "a"))
OTHERS = OURS.replaced(environment="dev")
ALL = OURS.replaced(kind="loosens", environment=None)
DOUBTFUL = OURS.replaced(why="its path is computed")


def test_the_actions_are_those_of_the_environment_and_of_what_guards_all() -> None:
    actions = (OURS, OTHERS, ALL, DOUBTFUL)
    found = gather(ToolCall, world("/srv/prod", operation="tool-call", actions=actions))

    assert found.actions == (OURS, ALL, DOUBTFUL)
    assert found.certain("writes", "loosens") == (OURS, ALL)
    assert found.doubtful("writes") == (DOUBTFUL,)
    assert found.variables == Table({"prod": Table()})


def test_nothing_is_in_question_without_an_operation_and_nothing_is_known_without_actions() -> None:
    with pytest.raises(DoesNotApply):
        gather(ToolCall, world("/srv/prod"))
    with pytest.raises(CannotKnow, match="guardrails vet"):
        gather(ToolCall, world("/srv/prod", operation="tool-call", actions=()))


def test_patterns_stand_for_places_of_the_environment() -> None:
    found = gather(ToolCall, world("/srv/prod", state_dir="/srv/state", operation="tool-call", actions=(OURS,)))
    assert found.is_among("/srv/state/workspace/a", ("{state_dir}/workspace*",))
    assert not found.is_among("/srv/state/a", ("{state_dir}/workspace*", "{service}/*"))


def test_what_cannot_be_told_is_said_with_its_words() -> None:
    require_told(())
    with pytest.raises(CannotKnow, match="cannot tell what `rm a` does: its path is computed; /srv/prod/a is guarded"):
        require_told((DOUBTFUL,))

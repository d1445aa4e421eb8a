from __future__ import annotations

import pytest

from guardrails.facts.tool_call.actions import actions_of
from guardrails.facts.tool_call.programs.program import Example
from guardrails_policies import plugin
from guardrails_policies.openclaw import called_programs
from shell_examples import example_places, reading

ROWS = (called_programs.OPENCLAW, called_programs.RUNNERS, called_programs.SIGNALS)
NAMES = plugin.guardrails_programs()


@pytest.mark.parametrize("example", [one for row in ROWS for one in row.examples], ids=lambda one: one.command)
def test_a_row_does_what_its_examples_say(example: Example) -> None:
    actions = actions_of(reading(example.command, example.folder), example_places(), NAMES)
    found = [f"{'?' if one.why else ''}{one.kind} {one.path}" for one in actions if one.place != "repo"]

    assert tuple(found) == example.does


def test_every_name_of_a_row_is_brought() -> None:
    assert {name for row in ROWS for name in row.names} == set(NAMES)


def test_a_program_belongs_to_the_checkout_that_it_is_started_from() -> None:
    def by(folder: str) -> set[str | None]:
        text = "OPENCLAW_STATE_DIR=/srv/prod-state openclaw gateway run"
        return {one.by for one in actions_of(reading(text, folder), example_places(), NAMES)}

    assert by("/srv/dev/src") == {"dev"}
    assert by("/srv/prod") == {"prod"}
    assert by("/srv/elsewhere") == {None}


def test_the_default_state_counts_when_no_variable_says_otherwise() -> None:
    from guardrails.facts.tool_call.places import guarded_places
    from guardrails.model import Environment

    environments = {
        "prod": Environment("prod", "/srv/prod", "/home/ada/.openclaw"),
        "dev": Environment("dev", "/srv/dev", "/home/ada/.openclaw-dev"),
    }
    places = guarded_places(environments, home="/home/ada")

    def used(text: str) -> list[tuple[str, str | None]]:
        return [
            (one.path, one.by)
            for one in actions_of(reading(text, "/srv/dev"), places, NAMES)
            if one.kind == "uses-state"
        ]

    assert used("openclaw gateway run") == [("/home/ada/.openclaw", "dev")]
    assert used("openclaw --dev gateway run") == [("/home/ada/.openclaw-dev", "dev")]
    assert used("HOME=/home/other openclaw gateway run") == []


def test_a_variable_that_cannot_be_told_may_name_any_state() -> None:
    from guardrails.facts.tool_call.commands import Reading

    [command] = reading("openclaw gateway run", "/srv/dev").commands
    unknown = command.replaced(variables={"OPENCLAW_STATE_DIR": None})
    actions = actions_of(Reading((unknown,)), example_places(), NAMES)

    assert {(one.environment, bool(one.why)) for one in actions} == {("prod", True), ("dev", True)}

from __future__ import annotations

from importlib import import_module

import pytest

from guardrails.calls import KINDS
from guardrails.facts.tool_call.actions import actions_of
from guardrails.facts.tool_call.programs import table
from guardrails.facts.tool_call.programs.program import Example, Program
from shell_examples import example_places, reading

ROWS = [row for module in table.MODULES for row in import_module(f"{table.__package__}.{module}").ROWS]
EXAMPLES = [(row, example) for row in ROWS for example in row.examples]


@pytest.mark.parametrize(("row", "example"), EXAMPLES, ids=[example.command for _, example in EXAMPLES])
def test_a_row_does_what_its_examples_say(row: Program, example: Example) -> None:
    actions = actions_of(reading(example.command, example.folder), example_places())

    assert tuple(f"{'?' if one.why else ''}{one.kind} {one.path}" for one in actions) == example.does
    assert {one.kind for one in actions} <= set(KINDS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names[0])
def test_each_row_has_an_example_that_acts_or_only_reads(row: Program) -> None:
    assert row.examples
    assert {example.command.split()[0] for example in row.examples} - set(row.names) <= {
        word for example in row.examples for word in example.command.split() if "=" in word
    }


@pytest.mark.parametrize("module", table.MODULES)
def test_the_table_names_every_program_of_its_modules(module: str) -> None:
    rows = import_module(f"{table.__package__}.{module}").ROWS
    assert {name for row in rows for name in row.names} == set(table.MODULES[module].split())

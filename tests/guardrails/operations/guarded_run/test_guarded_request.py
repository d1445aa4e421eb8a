"""What is wanted stays as it was asked for, whatever a run makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrails.config.settings import Settings
from guardrails.errors import UsageError
from guardrails.operations.guarded_run.guarded_request import GuardedRequest
from guardrails.policy import World
from guardrails.testing import world


def request(asked: World, *command: str) -> GuardedRequest:
    return GuardedRequest(
        world=asked,
        settings=Settings("a test", "sha256:0", {}, {}, ()),
        before=(),
        after=(),
        command=command,
        folder="/elsewhere",
        jobs=1,
        resume=False,
        typed=lambda operation: f"guardrails run {operation}",
        rollback="",
        tell=lambda line: None,
        show=lambda report: None,
    )


def test_a_changed_world_is_another_one(tmp_path: Path) -> None:
    first = request(world(tmp_path, operation="promote"))
    later = first.with_world(at=5.0, operation=first.operation.replaced(candidate="v1"))
    assert (later.world.at, later.operation.candidate) == (5.0, "v1")
    assert (first.world.at, first.operation.candidate) != (5.0, "v1")
    assert first.world.environment is later.world.environment


def test_a_command_of_its_own_is_one_step_and_starts_where_it_was_typed(tmp_path: Path) -> None:
    own = request(world(tmp_path, operation="start"), "echo", "two words")
    assert own.require_steps() == ("echo 'two words'",)
    assert own.command_folder == "/elsewhere"


def test_without_a_command_the_steps_are_those_of_the_operation(tmp_path: Path) -> None:
    asked = request(world(tmp_path, operation="start"))
    assert asked.command_folder == ""
    with pytest.raises(UsageError, match="start has no steps in the configuration"):
        asked.require_steps()
    configured = asked.with_world(operation=asked.operation.replaced(steps=("true",)))
    assert configured.require_steps() == ("true",)


def test_only_an_operation_can_be_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="only an operation"):
        request(world(tmp_path))

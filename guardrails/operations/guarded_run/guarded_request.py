"""The request for a guarded run, as one frozen record."""

from __future__ import annotations

import copy
import shlex

from guardrails.errors import UsageError
from guardrails.operations.guarded_run.step_environment import own_variables
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Self

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.model import Environment, Operation, Report
    from guardrails.policy import World


class GuardedRequest(Record):
    """The request for a guarded run. Raises UsageError for a world without an operation."""

    world: World  # with the operation, as it was when it was asked for
    settings: Settings
    before: tuple[PolicySetting, ...]  # the policies that must hold before the operation
    after: tuple[PolicySetting, ...]  # those that must hold after it
    command: tuple[str, ...]  # stands in for the operation's own steps, empty where it has none of its own
    folder: str  # where that command starts
    jobs: int  # how many child processes may live at once
    resume: bool
    typed: Callable[[str], str]  # from an operation to what is typed to run it
    rollback: str  # the operation that takes HEAD back, empty when none does
    tell: Callable[[str], None]  # gets one line at a time for whoever watches
    show: Callable[[Report], None]  # gets each report that does not allow it

    def __post_init__(self) -> None:
        """Refuse what is no operation."""
        if self.world.operation is None:
            raise UsageError("only an operation can be run")

    @property
    def environment(self) -> Environment:
        """Where it is run."""
        return self.world.environment

    @property
    def operation(self) -> Operation:
        """What is run."""
        operation = self.world.operation
        assert operation is not None, "checked when the request was made"
        return operation

    @property
    def command_folder(self) -> str:
        """Where the caller's own command starts, empty for steps, which start in the repository."""
        return self.folder if self.command else ""

    def own_variables(self) -> Mapping[str, str]:
        """The variables that the environment gives to each command. Raises UsageError for one without a value."""
        return own_variables(self.environment, self.world.home)

    def require_steps(self) -> tuple[str, ...]:
        """The steps as they are written; a command of the caller's is one step. Raises UsageError without any."""
        steps = (shlex.join(self.command),) if self.command else self.operation.steps
        if not steps:
            raise UsageError(f"{self.operation.name} has no steps in the configuration; add -- COMMAND")
        return steps

    def with_world(self, **changes: Any) -> Self:
        """A copy with some attributes of the world changed in a copy of it."""
        world = copy.copy(self.world)
        vars(world).update(changes)
        return self.replaced(world=world)

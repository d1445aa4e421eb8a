"""Facts are gathered at most once by a worker, only when asked for, and side by side."""

from __future__ import annotations

from guardrails.facts.programs.side_by_side import SideBySide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any, TypeVar

    from guardrails.facts.programs.side_by_side import Task
    from guardrails.policy import Fact, Policy, World

    Kind = TypeVar("Kind", bound=Fact)


class Gathering:
    """The facts of one run, each under way or done, known by its class and the options it was asked with."""

    def __init__(self, world: World, children: SideBySide) -> None:
        self._world = world
        self._children = children
        self._tasks: dict[tuple[type[Fact], tuple[Any, ...]], Task] = {}
        world.fact = self._fact
        world.start = children.start

    def _fact(self, fact: type[Fact], *options: Any) -> Awaitable[Any]:
        return self.task(fact, options)

    def task(self, fact: type[Fact], options: tuple[Any, ...] = ()) -> Task:
        """The gathering of one fact; starts it if it is not yet under way."""
        while options and options[-1] is None:  # what is left out and what is None are the same question
            options = options[:-1]
        key = (fact, options)
        if key not in self._tasks:
            self._tasks[key] = self._children.start(fact.gather(self._world, *options))
        return self._tasks[key]

    def needed_by(self, policy: Policy) -> dict[str, Task]:
        """The facts that a policy asks for, by parameter."""
        return {
            name: self.task(fact, tuple(getattr(policy, option) for option in options))
            for name, (fact, options) in policy.needs().items()
        }

    def finish(self) -> None:
        """Wait for every fact that was asked for, and for those that these asked for."""
        while waiting := [task for task in self._tasks.values() if not task.done]:
            self._children.finish(waiting)


def gather_fact(fact: type[Kind], world: World, *options: Any) -> Kind:
    """Gather one fact, and those that it asks for, outside of a check. Raises CannotKnow as a check would."""
    children = SideBySide()
    try:
        task = Gathering(world, children).task(fact, options)
        children.finish([task])
    finally:
        children.abandon()
        world.scratch.remove()
    if task.error is not None:
        raise task.error
    found: Kind = task.result
    return found

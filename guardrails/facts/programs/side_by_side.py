"""Child processes and gatherers side by side, without asyncio.

A gatherer is a coroutine. It awaits a `Command`, which runs as a child process, a `Pause`, or another `Task`. One loop
starts every child that is asked for and reads them all at once. asyncio and subprocess would do the same and cost a
passing run more than all of our own work (`docs/performance.md`).

Children stay in the process group of the worker, so that they and all that they leave in the background die with it,
however it dies (`guardrails.safety.supervisor`).
"""

from __future__ import annotations

import os
import select
import time

from guardrails.errors import CannotKnow
from guardrails.facts.programs.child import Child
from guardrails.facts.programs.command import Command, Completed, GivenUp

__all__ = ["Command", "Completed", "GivenUp", "Pause", "SideBySide", "Task", "run_to_end"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Iterable
    from typing import Any, TypeVar

    Result = TypeVar("Result")

FOREVER = float("inf")  # seconds


class Pause:
    """Some seconds in which a gatherer does nothing and the others go on.

    A gatherer that reads many files by itself pauses for no time first, so that every child is under way before it.
    """

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def __await__(self) -> Generator[Pause, None, None]:
        yield self


class Task:
    """A gatherer under way. Awaiting it gives its result or raises its error; any number may wait."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.coroutine = coroutine
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.waiters: list[Task] = []

    def __await__(self) -> Generator[Task, None, Any]:
        if not self.done:
            yield self
        if self.error is not None:
            raise self.error
        return self.result


class SideBySide:
    """Runs tasks until all are done; at most `at_most` children live at once."""

    def __init__(self, at_most: int = 16) -> None:
        self._at_most = at_most
        self._waiting: list[tuple[Command, Task]] = []
        self._running: dict[Child, Task] = {}
        self._pausing: list[tuple[Pause, Task]] = []
        self._poll = select.poll()
        self._by_descriptor: dict[int, Child] = {}

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> Task:
        """Run a gatherer up to its first wait, so that its children are under way before the next one starts."""
        task = Task(coroutine)
        self._resume(task, None)
        return task

    def look(self) -> None:
        """Resume each task whose child has answered by now, without waiting."""
        if self._running:
            self._serve(0)

    def finish(self, tasks: Iterable[Task]) -> None:
        """Wait until each of the tasks has a result or an error."""
        for task in tasks:
            while not task.done and (self._running or self._pausing):
                self._turn()
            if not task.done:
                task.coroutine.close()
                self._conclude(task, None, CannotKnow("facts wait for each other in a circle"))

    def abandon(self) -> None:
        """Kill and reap every child that is still under way."""
        for child in self._running:
            child.refusal = "was abandoned"
            for descriptor, _ in child.interests():
                self._forget(descriptor)
            child.reap()
        self._running.clear()
        self._pausing.clear()

    def _resume(self, task: Task, value: Any) -> None:
        if task.done:
            return
        try:
            if isinstance(value, Exception):
                awaited = task.coroutine.throw(value)
            else:
                awaited = task.coroutine.send(value)
        except StopIteration as stop:
            self._conclude(task, stop.value, None)
        except BaseException as error:  # a gatherer may raise anything, SystemExit too
            self._conclude(task, None, error)
        else:
            if isinstance(awaited, Task):
                awaited.waiters.append(task)
            elif isinstance(awaited, Command):
                self._waiting.append((awaited, task))
                self._spawn()
            elif isinstance(awaited, Pause):
                self._pausing.append((awaited, task))
            else:
                self._resume(task, TypeError(f"a gatherer waits for {type(awaited).__name__}"))

    def _conclude(self, task: Task, result: Any, error: BaseException | None) -> None:
        task.done, task.result, task.error = True, result, error
        for waiter in task.waiters:
            self._resume(waiter, None)

    def _spawn(self) -> None:
        while self._waiting and len(self._running) < self._at_most:
            command, task = self._waiting.pop(0)
            try:
                child = Child(command)
            except (OSError, ValueError, TypeError) as error:
                self._resume(task, CannotKnow(f"cannot run {command.argv[0]!r}: {error}"))
                continue
            self._running[child] = task
            for descriptor, events in child.interests():
                self._by_descriptor[descriptor] = child
                self._poll.register(descriptor, events)

    def _turn(self) -> None:
        """Wait for a child or the end of a pause, and go on with that."""
        self._serve(min((pause.until - time.monotonic() for pause, _ in self._pausing), default=FOREVER))
        over = next((one for one in self._pausing if one[0].until <= time.monotonic()), None)
        if over:  # one alone, since it may take long, and a child may have answered by then
            self._pausing.remove(over)
            self._resume(over[1], None)

    def _serve(self, patience: float) -> None:
        patience = min([patience, *(child.patience() for child in self._running)])
        for descriptor, _ in self._poll.poll(max(0.0, patience) * 1000):
            child = self._by_descriptor[descriptor]
            if not child.serve(descriptor):
                self._forget(descriptor)
        now = time.monotonic()
        for child in [c for c in self._running if c.has_ended() or c.is_overrun(now)]:
            for descriptor, _ in child.interests():
                self._forget(descriptor)
            self._resume(self._running.pop(child), child.reap())
        self._spawn()

    def _forget(self, descriptor: int) -> None:
        if self._by_descriptor.pop(descriptor, None):
            self._poll.unregister(descriptor)
            os.close(descriptor)


def run_to_end(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run one coroutine and its children to the end, outside of a check, and give its result or raise its error."""
    children = SideBySide()
    try:
        task = children.start(coroutine)
        children.finish([task])
    finally:
        children.abandon()
    if task.error is not None:
        raise task.error
    result: Result = task.result
    return result

"""Child processes and gatherers side by side, without asyncio.

A gatherer is a coroutine. What it awaits is either a `Command`, which runs as a child process, or another
`Task`. One loop starts every child that is asked for and reads them all at once. asyncio and subprocess would
do the same and cost a passing run more than all of our own work (`docs/performance.md`).
"""

from __future__ import annotations

import os
import select
import signal
import time

from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Iterable, Mapping
    from typing import Any

FOREVER = float("inf")  # seconds
LINGERING = 0.001  # seconds between two looks at a child that has closed its outputs and not yet exited
OUTPUT_LIMIT = 256 * 1024 * 1024  # bytes; ls-files of a million paths stays below it


class Completed:
    """A child that ended by itself: its exit status (negative: the signal) and what it wrote, in bytes."""

    def __init__(self, status: int, stdout: bytes, stderr: bytes) -> None:
        self.status = status
        self.stdout = stdout
        self.stderr = stderr


class Command:
    """A child process to run. Awaiting it gives a `Completed`, or raises CannotKnow when it cannot be had.

    `argv[0]` is an absolute path; `environment` is the whole environment of the child; `timeout` is in seconds.
    """

    def __init__(
        self, argv: list[str], environment: Mapping[str, str], *, timeout: float = 10.0, stdin: bytes = b""
    ) -> None:
        self.argv = argv
        self.environment = environment
        self.timeout = timeout
        self.stdin = stdin

    def __await__(self) -> Generator[Command, Completed, Completed]:
        return (yield self)


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
        self._running: list[_Child] = []
        self._poll = select.poll()
        self._by_descriptor: dict[int, _Child] = {}

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> Task:
        """Run a gatherer up to its first wait, so that its children are under way before the next one starts."""
        task = Task(coroutine)
        self._resume(task, None)
        return task

    def look(self) -> None:
        """Go on with whatever has an answer by now, without waiting."""
        if self._running:
            self._turn(0)

    def finish(self, tasks: Iterable[Task]) -> None:
        """Wait until each of the tasks has a result or an error."""
        for task in tasks:
            while not task.done and self._running:
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
            child.conclusion()
        self._running.clear()

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
                child = _Child(command, task)
            except (OSError, ValueError, TypeError) as error:
                self._resume(task, CannotKnow(f"cannot run {command.argv[0]!r}: {error}"))
                continue
            self._running.append(child)
            for descriptor, events in child.interests():
                self._by_descriptor[descriptor] = child
                self._poll.register(descriptor, events)

    def _turn(self, patience: float = FOREVER) -> None:
        patience = min(patience, *(child.patience() for child in self._running))
        for descriptor, _ in self._poll.poll(max(0.0, patience) * 1000):
            child = self._by_descriptor[descriptor]
            if not child.serve(descriptor):
                self._forget(descriptor)
        now = time.monotonic()
        for child in [c for c in self._running if c.ended() or c.overrun(now)]:
            for descriptor, _ in child.interests():
                self._forget(descriptor)
            self._running.remove(child)
            self._resume(child.task, child.conclusion())
        self._spawn()

    def _forget(self, descriptor: int) -> None:
        if self._by_descriptor.pop(descriptor, None):
            self._poll.unregister(descriptor)
            os.close(descriptor)


class _Child:
    """One living child: its pipes, what it wrote so far, and when it must be over."""

    def __init__(self, command: Command, task: Task) -> None:
        self.command = command
        self.task = task
        self.deadline = time.monotonic() + command.timeout
        self.refusal: str | None = None
        self._unsent = command.stdin
        self._written: dict[int, list[bytes]] = {}
        self._size = 0
        self._status: int | None = None  # as waitpid gives it
        self._stdin = -1
        self._spawn(command)

    def _spawn(self, command: Command) -> None:
        opened: list[int] = []

        def pipe() -> tuple[int, int]:
            opened.extend(os.pipe())
            return opened[-2], opened[-1]

        try:
            out, out_end = pipe()
            err, err_end = pipe()
            given = [out_end, err_end]
            actions: list[tuple[Any, ...]] = [(os.POSIX_SPAWN_DUP2, out_end, 1), (os.POSIX_SPAWN_DUP2, err_end, 2)]
            if command.stdin:
                in_end, self._stdin = pipe()
                os.set_blocking(self._stdin, False)
                given.append(in_end)
                actions.append((os.POSIX_SPAWN_DUP2, in_end, 0))
            else:
                actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
            self.pid = os.posix_spawn(
                command.argv[0], command.argv, command.environment, file_actions=actions, setsigdef=[signal.SIGPIPE]
            )
        except (OSError, ValueError, TypeError):  # no program, no descriptors left, or arguments that are nonsense
            for descriptor in opened:
                os.close(descriptor)
            raise
        for end in given:
            os.close(end)
        self._stdout, self._stderr = out, err
        self._written = {out: [], err: []}
        self._open = set(self._written)

    def interests(self) -> list[tuple[int, int]]:
        """The descriptors to poll, each with its events."""
        wanted = [(descriptor, select.POLLIN) for descriptor in self._open]
        return [*wanted, (self._stdin, select.POLLOUT)] if self._stdin >= 0 else wanted

    def serve(self, descriptor: int) -> bool:
        """Move bytes on a ready descriptor; False when it is finished and is to be closed."""
        if descriptor == self._stdin:
            try:
                self._unsent = self._unsent[os.write(descriptor, self._unsent) :]
            except BrokenPipeError:
                self._unsent = b""
            if not self._unsent:
                self._stdin = -1
            return bool(self._unsent)
        chunk = os.read(descriptor, 1 << 16)
        self._written[descriptor].append(chunk)
        self._size += len(chunk)
        if self._size > OUTPUT_LIMIT:
            self.refusal = f"wrote more than {OUTPUT_LIMIT >> 20} MiB"
        if not chunk:
            self._open.discard(descriptor)
        return bool(chunk)

    def patience(self) -> float:
        """How many seconds may pass before it is to be looked at again."""
        left = self.deadline - time.monotonic()
        return left if self._open else min(left, LINGERING)

    def ended(self) -> bool:
        """Whether it has exited with both outputs closed, or is to be given up."""
        return self.refusal is not None or (not self._open and self._has_exited())

    def _has_exited(self) -> bool:
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = status if pid else None
        return self._status is not None

    def overrun(self, now: float) -> bool:
        """Whether the deadline has passed; then the child is to be given up too."""
        if now < self.deadline:
            return False
        self.refusal = self.refusal or f"gave no answer within {self.command.timeout:g} s"
        return True

    def conclusion(self) -> Completed | CannotKnow:
        """Reap the child, killing it first when it was given up."""
        if self.refusal is not None and not self._has_exited():
            os.kill(self.pid, signal.SIGKILL)
        if self._status is None:
            self._status = os.waitpid(self.pid, 0)[1]
        status = os.waitstatus_to_exitcode(self._status)
        if self.refusal is not None:
            return CannotKnow(f"{os.path.basename(self.command.argv[0])} {self.refusal}")
        return Completed(status, b"".join(self._written[self._stdout]), b"".join(self._written[self._stderr]))

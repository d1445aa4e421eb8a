"""One child process: its pipes, what it wrote, and how it ends."""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # without enumerations, which take 1 ms
import os
import select
import time

from guardrails.facts.programs.command import Completed, GivenUp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.facts.programs.command import Command

LINGERING = 0.001  # seconds between two looks at a child that has closed its outputs and not yet exited


class Child:
    """One living child: its pipes, what it wrote so far, and when it must be over."""

    def __init__(self, command: Command) -> None:
        self.command = command
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
            self.pid = _spawn_in_folder(command, actions)
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
        if self._size > self.command.limit:
            self.refusal = f"wrote more than {self.command.limit >> 20} MiB"
        if not chunk:
            self._open.discard(descriptor)
        return bool(chunk)

    def patience(self) -> float:
        """How many seconds may pass before it is to be looked at again."""
        left = self.deadline - time.monotonic()
        return left if self._open else min(left, LINGERING)

    def has_ended(self) -> bool:
        """Whether it has exited with both outputs closed, or is to be given up."""
        return self.refusal is not None or (not self._open and self._has_exited())

    def _has_exited(self) -> bool:
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = status if pid else None
        return self._status is not None

    def is_overrun(self, now: float) -> bool:
        """Whether the deadline has passed; then the child is to be given up too."""
        if now < self.deadline:
            return False
        self.refusal = self.refusal or f"gave no answer within {self.command.timeout:g} s"
        return True

    def reap(self) -> Completed | GivenUp:
        """Reap the child, killing it first when it was given up."""
        if self.refusal is not None and not self._has_exited():
            _kill_with_descendants(self.pid)
        if self._status is None:
            self._status = os.waitpid(self.pid, 0)[1]
        status = os.waitstatus_to_exitcode(self._status)
        if self.refusal is not None:
            return GivenUp(f"{os.path.basename(self.command.argv[0])} {self.refusal}")
        return Completed(status, b"".join(self._written[self._stdout]), b"".join(self._written[self._stderr]))


def _spawn_in_folder(command: Command, actions: list[tuple[Any, ...]]) -> int:
    """Start a child in its folder and give its process id; posix_spawn takes no folder, and all of us share one."""
    here = os.open(".", os.O_RDONLY) if command.folder is not None else None
    try:
        if command.folder is not None:
            os.chdir(command.folder)
        return os.posix_spawn(
            command.argv[0], command.argv, command.environment, file_actions=actions, setsigdef=[signal.SIGPIPE]
        )
    finally:
        if here is not None:
            os.fchdir(here)
            os.close(here)


def _kill_with_descendants(pid: int) -> None:
    """Kill a process and what descends from it, as far as /proc tells; elsewhere these die with the worker's group.

    Each is stopped before its own children are looked for, so that none is born unseen.
    """
    doomed, found = {pid}, {pid}
    while found:
        for one in found:
            _signal(one, signal.SIGSTOP)
        found = {child for child, parent in _parents().items() if parent in doomed} - doomed
        doomed |= found
    for one in doomed:
        _signal(one, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass  # it has ended, or works for somebody else


def _parents() -> dict[int, int]:
    """The parent of every process (proc(5), stat: the second field is a name that may hold anything)."""
    parents = {}
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    except OSError:
        return {}
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                parents[pid] = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            pass  # it has ended
    return parents

"""Noticing that the world moved while it was looked at.

What is read piece by piece is one picture only if nothing changed in between: two files that are never right at the
same time may both be read while they are. So each file's change time is looked at after it was read. The kernel sets
that time, and nobody can set it back (inode(7)). A file that last changed before the look began held then what was
read later; so all of them together are the world as it was at that moment.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_GRAIN = 10_000_000  # nanoseconds by which a file may seem older than it is: the kernel's clock for files ticks

State = list[int]


class Witness:
    """What was read since a time (nanoseconds since the epoch).

    `late` are the files that changed after that, each with its state. Those in `known`, the late ones of an earlier
    look, are left out while they are as they were: a clock of another machine may be ahead of ours. With `everything`,
    `read` holds every file that was read, for whoever wants to look at all of them again.
    """

    def __init__(self, since: int, known: Mapping[str, State] | None = None, *, everything: bool = False) -> None:
        self._since = since - _GRAIN
        self._known = known or {}
        self._everything = everything
        self.read: dict[str, State] = {}
        self.late: dict[str, State] = {}

    def note(self, path: str, status: os.stat_result) -> None:
        """Take notice of a file that has just been read; `status` is of after that."""
        late = status.st_ctime_ns >= self._since
        if late or self._everything:
            state = _state(status)
            if self._everything:
                self.read[path] = state
            if late and self._known.get(path) != state:
                self.late[path] = state

    def look(self, path: str) -> None:
        """Take notice of a file that somebody else has read for us; one that is not there has not changed."""
        try:
            self.note(path, os.lstat(path))
        except OSError:
            pass

    def disregard(self, path: str) -> None:
        """Forget a file that turned out to say nothing about what is judged."""
        self.read.pop(path, None)
        self.late.pop(path, None)


current: Witness | None = None
"""The witness of this process, which belongs to one look at the world; None when nobody asks."""


def look(*paths: str) -> None:
    """Let the witness, if there is one, look at files that git has read."""
    if current is not None:
        for path in paths:
            current.look(path)


def disregard(paths: Iterable[str]) -> None:
    """Let the witness, if there is one, forget files that somebody else may change without changing the verdict."""
    if current is not None:
        for path in paths:
            current.disregard(path)


def state_of(path: str) -> State:
    """What differs as soon as the file at a path is written to or replaced; empty when there is none to be seen."""
    try:
        return _state(os.stat(path))
    except (OSError, ValueError):
        return []


def state_of_itself(path: str) -> State:
    """The same of a link, whatever it leads to."""
    try:
        return _state(os.lstat(path))
    except (OSError, ValueError):
        return []


def require_unchanged(files: Mapping[str, State]) -> None:
    """Raise CannotKnow unless each file is as it was; an empty state is that of no file."""
    for path, state in files.items():
        if state_of(path) != state:
            raise CannotKnow(f"{path} was changed after it was checked; nothing was run, try again")


def _state(status: os.stat_result) -> State:
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]

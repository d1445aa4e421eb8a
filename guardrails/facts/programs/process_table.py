"""The processes of this machine that may be those in question.

Most checks find none, so on Linux a look at every command line and every open file, which takes a few milliseconds,
comes first; psutil is only loaded when something turns up. Of a process's environment only the variables asked for get
into the fact.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.programs.open_files import PROC, are_any, ask_psutil, holds, identities, listens, open_files
from guardrails.facts.programs.side_by_side import Pause
from guardrails.policy import Fact
from guardrails.record import Record, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Self

    from guardrails.facts.programs.open_files import OpenFile, Wanted
    from guardrails.policy import World

COMMAND_LINE_LIMIT = 64 * 1024  # bytes; what comes later does not tell what a process is
SKEW = 2.0  # seconds by which the start of a process and our clock may differ


class Process(Record):
    """One process. A field that cannot be seen is None, mostly of another user's process.

    `user` is the real user id. `started` is in seconds since the epoch; `ticks` is the same moment as Linux counts it
    (proc(5), stat, field 22), which no clock that is set moves. `arguments` is what its command line says now, which
    programs may overwrite with a title. `folder` is where it runs. `variables` are those that were asked for and set
    when it was started. `files` are those that it has open; `listens` says whether it waits for connections (TCP).
    `children` are the command lines of the processes that it has started.
    """

    pid: int
    parent: int
    user: int
    started: float
    ticks: int | None = None
    arguments: tuple[str, ...] = ()
    folder: str | None = None
    variables: Mapping[str, str] | None = None
    files: tuple[OpenFile, ...] | None = None
    listens: bool | None = None
    children: tuple[tuple[str, ...], ...] = ()


class ProcessTable(Fact):
    """The live processes that were asked for, by their ids."""

    processes: tuple[Process, ...]

    @classmethod
    async def gather(
        cls,
        _world: World,
        words: tuple[str, ...],
        pids: tuple[int, ...] = (),
        variables: tuple[str, ...] = (),
        files: tuple[str, ...] = (),
        titles: tuple[str, ...] = (),
    ) -> Self:
        """Look for processes with one of `words` or `titles`, for those of `pids`, and for who has one of `files` open.

        A word counts anywhere in the command line, without the folder before it; a title only when it is all of it; a
        file by its identity, under any path and in containers. Of another user's process it may not be seen what it has
        open. Raises CannotKnow when processes cannot be listed.
        """
        await Pause(0)
        wanted, names = identities(files), _Names(frozenset(words), frozenset(titles))
        found = _likely(names, frozenset(pids), wanted)
        if not found and found is not None:
            return cls(())
        import psutil

        try:
            candidates = psutil.pids() if found is None else sorted(found)
        except (OSError, psutil.Error) as error:
            raise CannotKnow(f"the processes cannot be listed: {type(error).__name__}") from None
        looked = (_look(pid, None if pid in pids else names, wanted, variables) for pid in candidates)
        return cls(tuple(one for one in looked if one is not None))


class _Names(Record):
    """What a command line is searched for."""

    words: frozenset[str]
    titles: frozenset[str]

    def are_in(self, arguments: Sequence[str]) -> bool:
        title, *rest = arguments or ("",)
        if title in self.titles and not any(rest):
            return True
        return not self.words.isdisjoint([word.rpartition("/")[2] for word in arguments])


def _likely(names: _Names, pids: frozenset[int], wanted: Wanted) -> set[int] | None:
    """The processes with one of the words or files, and those that are named; None when there is no /proc."""
    try:
        entries = os.listdir(PROC)
    except OSError:
        return None
    if "self" not in entries:  # a /proc that is there and not mounted
        return None
    return {
        int(name)
        for name in entries
        if name.isdecimal() and (int(name) in pids or names.are_in(_arguments(name)) or holds(name, wanted))
    }


def _arguments(pid: str) -> list[str]:
    try:
        descriptor = os.open(f"{PROC}/{pid}/cmdline", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.fsdecode(os.read(descriptor, COMMAND_LINE_LIMIT)).split("\0")
        finally:
            os.close(descriptor)
    except OSError:
        return []  # it has ended


def _look(pid: int, names: _Names | None, wanted: Wanted, variables: tuple[str, ...]) -> Process | None:
    """What can be seen of one process; None when it has ended, is a zombie, or has none of what is asked for.

    Without `names` any will do. Raises CannotKnow when nothing of a process that is asked for can be seen.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            arguments = tuple(ask_psutil(process.cmdline) or ())
            files = open_files(process)
            asked = names is None or names.are_in(arguments) or are_any(files or (), wanted)
            if not asked or process.status() == psutil.STATUS_ZOMBIE:
                return None
            environment = ask_psutil(process.environ)
            return Process(
                pid,
                process.ppid(),
                process.uids().real,
                process.create_time(),
                start_ticks(pid),
                arguments,
                ask_psutil(process.cwd),
                None if environment is None else _select(environment, variables),
                files,
                listens(process),
                _children(process),
            )
    except psutil.AccessDenied:
        raise CannotKnow(f"process {pid} cannot be looked at") from None
    except psutil.Error:
        return None


def _children(process: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(_ask_of_process(child.cmdline) or ()) for child in _ask_of_process(process.children) or ())


def _select(environment: Mapping[str, str], variables: tuple[str, ...]) -> Table:
    return Table({name: environment[name] for name in variables if name in environment})


def _ask_of_process(look: Callable[[], Any]) -> Any:
    """Ask psutil about a process that may end without changing the answer."""
    import psutil

    try:
        return ask_psutil(look)
    except psutil.Error:
        return None


def lives(pid: int, since: float, mark: str) -> bool:
    """Whether a process that was there at a time, in seconds since the epoch, is alive.

    Another one that has its id by now has another mark; where there are no marks, it was started later.
    """
    import psutil

    if pid <= 0:  # no process, but to kill(2) a whole group
        return False
    if mark:
        return mark == mark_of(pid)
    try:
        process = psutil.Process(pid)
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= since + SKEW)
    except psutil.Error:
        return False


def mark_of(pid: int) -> str:
    """A mark that no other process of this machine ever has, independent of the clock; empty where none can be seen."""
    ticks = start_ticks(pid)
    try:
        with open(f"{PROC}/sys/kernel/random/boot_id", encoding="ascii") as file:
            return "" if ticks is None else f"{file.read().strip()}/{ticks}"
    except (OSError, ValueError):
        return ""


def start_ticks(pid: int) -> int | None:
    """When a live process was started, as Linux counts it; None when it is not alive or this is no Linux."""
    try:
        with open(f"{PROC}/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()  # the name before it may hold anything
        return None if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None

"""The processes of this machine that may be those in question.

Most checks find none, so on Linux a look at every command line, which takes a few milliseconds, comes first; psutil is
only loaded when something turns up. Of a process's environment only the variables asked for get into the fact.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.processes import Pause
from guardrails.policy import Fact
from guardrails.record import Record, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any, Self

    from guardrails.policy import World

COMMAND_LINE_LIMIT = 64 * 1024  # bytes; what comes later does not tell what a process is
PROC = "/proc"
SKEW = 2.0  # seconds by which the start of a process and our clock may differ


class Process(Record):
    """One process. What cannot be seen is None: that of another user, mostly.

    `user` is the real user id. `started` is in seconds since the epoch; `ticks` is the same moment as Linux counts it
    (proc(5), stat, field 22), which no clock that is set moves. `arguments` is what its command line says now, which
    programs may overwrite with a title. `folder` is where it runs. `variables` are those that were asked for and set
    when it was started.
    """

    pid: int
    parent: int
    user: int
    started: float
    ticks: int | None = None
    arguments: tuple[str, ...] = ()
    folder: str | None = None
    variables: Mapping[str, str] | None = None


class ProcessTable(Fact):
    """The live processes that were asked for, by their ids."""

    processes: tuple[Process, ...]

    @classmethod
    async def gather(
        cls, _world: World, words: tuple[str, ...], pids: tuple[int, ...] = (), variables: tuple[str, ...] = ()
    ) -> Self:
        """Look for processes with one of `words` as a word of their command line, and for those of `pids`.

        A word counts without the folder before it. Raises CannotKnow when processes cannot be listed.
        """
        await Pause(0)
        found = _likely(frozenset(os.fsencode(word) for word in words), frozenset(pids))
        if not found and found is not None:
            return cls(())
        import psutil

        try:
            candidates = psutil.pids() if found is None else sorted(found)
        except (OSError, psutil.Error) as error:
            raise CannotKnow(f"the processes cannot be listed: {type(error).__name__}") from None
        wanted = frozenset(words)
        seen = (_look(pid, frozenset() if pid in pids else wanted, variables) for pid in candidates)
        return cls(tuple(one for one in seen if one is not None))


def _names(arguments: Collection[str]) -> set[str]:
    return {word.rpartition("/")[2] for word in arguments}


def _likely(words: frozenset[bytes], pids: frozenset[int]) -> set[int] | None:
    """The processes whose command lines have one of the words, or that are named; None when there is no /proc."""
    try:
        names = os.listdir(PROC)
    except OSError:
        return None
    if "self" not in names:  # a /proc that is there and not mounted
        return None
    found = set()
    for name in names:
        if not name.isdecimal():
            continue
        try:
            descriptor = os.open(f"{PROC}/{name}/cmdline", os.O_RDONLY | os.O_CLOEXEC)
            try:
                line = os.read(descriptor, COMMAND_LINE_LIMIT)
            finally:
                os.close(descriptor)
        except OSError:
            continue  # it has ended
        if int(name) in pids or not words.isdisjoint([word.rpartition(b"/")[2] for word in line.split(b"\0")]):
            found.add(int(name))
    return found


def _look(pid: int, wanted: frozenset[str], variables: tuple[str, ...]) -> Process | None:
    """What can be seen of one process; None when it has ended, is a corpse, or has none of the wanted words.

    Raises CannotKnow when nothing of a process that is wanted can be seen.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            arguments = tuple(_seen(process.cmdline) or ())
            if (wanted and not wanted & _names(arguments)) or process.status() == psutil.STATUS_ZOMBIE:
                return None
            environment = _seen(process.environ)
            return Process(
                pid,
                process.ppid(),
                process.uids().real,
                process.create_time(),
                start_ticks(pid),
                arguments,
                _seen(process.cwd),
                None if environment is None else _known(environment, variables),
            )
    except psutil.AccessDenied:
        raise CannotKnow(f"process {pid} cannot be looked at") from None
    except psutil.Error:
        return None


def _known(environment: Mapping[str, str], variables: tuple[str, ...]) -> Table:
    return Table({name: environment[name] for name in variables if name in environment})


def _seen(look: Any) -> Any:
    """What psutil sees, None when it may not look."""
    import psutil

    try:
        return look()
    except (psutil.AccessDenied, OSError):
        return None


def lives(pid: int, since: float) -> bool:
    """Whether a process that was there at a time, in seconds since the epoch, is alive.

    Another one that has its id by now was started later.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= since + SKEW)
    except psutil.Error:
        return False


def start_ticks(pid: int) -> int | None:
    """When a live process was started, as Linux counts it; None when it is not alive or this is no Linux."""
    try:
        with open(f"{PROC}/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()  # the name before it may hold anything
        return None if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None

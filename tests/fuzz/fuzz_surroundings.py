"""Faults of what surrounds a process: variables, limits, descriptors, signals, clocks, and calls that fail."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import psutil


@dataclass(frozen=True)
class Fault:
    """What goes wrong: in the world before the command (`spoil`), in its process (`prepare`), or while it runs.

    `variables` change its environment, None takes one away. `real` starts an interpreter of its own. `kills` are
    signals that it may end by; `mute` says that its output may be lost, and `moves` that the fault changes the world
    while it is looked at.
    """

    name: str
    spoil: Callable[[], None] | None = None
    prepare: Callable[[], None] | None = None
    strike: Callable[[int], None] | None = None
    variables: dict[str, str | None] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    real: bool = False
    kills: tuple[int, ...] = ()
    mute: bool = False
    moves: bool = False


_VARIABLES: tuple[dict[str, str | None], ...] = (
    {"HOME": None},
    {"HOME": ""},
    {"HOME": "here"},
    {"HOME": "/proc/nowhere/at/all"},
    {"HOME": "/dev/null"},
    {"PATH": ""},
    {"PATH": None},
    {"PATH": "."},
    {"LC_ALL": "C"},
    {"LC_ALL": "tr_TR.UTF-8"},
    {"LC_ALL": "nonsense"},
    {"LC_ALL": None, "LANG": None},
    {"TMPDIR": "/proc/nowhere/at/all"},
    {"TMPDIR": "/dev/null"},
    {"XDG_CACHE_HOME": "/dev/null"},
    {"XDG_CACHE_HOME": "here"},
    {"XDG_STATE_HOME": "/dev/null"},
    {"XDG_CONFIG_HOME": "/dev/null"},
    {"TZ": "Nowhere/At_All"},
    {"TZ": "Asia/Kathmandu"},
    {"TERM": "\x1b["},
    {"COLUMNS": "-1"},
    {"COLUMNS": "many"},
    {"GIT_DIR": "/nowhere"},
    {"GIT_WORK_TREE": "/"},
    {"GIT_INDEX_FILE": "/dev/null"},
    {"GIT_OBJECT_DIRECTORY": "/nowhere"},
    {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.bare", "GIT_CONFIG_VALUE_0": "true"},
    {"GIT_CONFIG_PARAMETERS": "'"},
    {"GIT_NAMESPACE": "x"},
    {"GIT_REPLACE_REF_BASE": "refs/heads/"},
    {"GUARDRAILS_TIMEOUT": "soon"},
    {"GUARDRAILS_TIMEOUT": "0.01"},
    {"GUARDRAILS_JOBS": "1"},
    {"GUARDRAILS_JOBS": "0"},
    {"GUARDRAILS_CONFIG": "/nowhere"},
    {"GUARDRAILS_CONFIG": ""},
    {"GUARDRAILS_FORMAT": "xml"},
    {"GUARDRAILS_COLOR": "loud"},
    {"LD_LIBRARY_PATH": "/nowhere"},
    {"GITHUB_ACTIONS": "true"},
    {"CI": "true"},
    {"FORCE_COLOR": "1"},
    {"OPENCLAW_STATE_DIR": "/dev/null"},
    {"a\nb": "c\nd"},
    {"X" * 1000: "\udcff" * 1000},
)
_OF_PYTHON: tuple[dict[str, str | None], ...] = (
    {"PYTHONOPTIMIZE": "2"},
    {"PYTHONWARNINGS": "error"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONDONTWRITEBYTECODE": "1"},
    {"PYTHONDEVMODE": "1"},
    {"PYTHONHASHSEED": "1"},
    {"PYTHONNODEBUGRANGES": "1"},
)
_ERRORS = (
    errno.EIO, errno.ENOSPC, errno.EMFILE, errno.ENOMEM, errno.EACCES, errno.ENOENT, errno.ESTALE, errno.EPERM,
    errno.EINTR,
)  # fmt: skip
_CALLS = (
    "open", "read", "write", "stat", "list", "link", "sync", "rename", "unlink", "mkdir", "pipe", "fork", "spawn",
    "map",
)  # fmt: skip
_TIMES = ("1970-01-01T00:00:00Z", "2026-02-01T10:00:00Z", "2099-12-31T23:59:59Z", "soon", "2026-02-30T10:00:00Z")


def variables(rng: Random) -> Fault:
    """An environment that is not as usual."""
    changes = rng.choice(_VARIABLES)
    return Fault(f"variables {changes!r:.80}", variables=changes)


def pythons(rng: Random) -> Fault:
    """An interpreter that is not set up as usual."""
    changes = rng.choice(_OF_PYTHON)
    return Fault(f"variables {changes!r:.80}", variables=changes, real=True)


def limits(rng: Random) -> Fault:
    """A limit that is soon reached."""
    name, values = rng.choice(
        (
            ("NOFILE", range(3, 40)),
            ("AS", range(0, 200 << 20, 1 << 18)),
            ("FSIZE", (0, 1, 100, 1000, 4096, 30000)),
            ("STACK", (1 << 16, 1 << 18)),
            ("DATA", range(0, 100 << 20, 1 << 18)),
            ("CPU", (1,)),
            ("CORE", (0,)),
        )
    )
    value = rng.choice(values)

    def prepare() -> None:
        usage = psutil.Process().memory_info()
        more = {"AS": usage.vms, "DATA": usage.data}.get(name, 0)
        kind = getattr(resource, f"RLIMIT_{name}")
        resource.setrlimit(kind, (value + more, value + more))

    kills = (signal.SIGXCPU, signal.SIGKILL) if name == "CPU" else ()
    return Fault(f"limit {name} {value}", prepare=prepare, kills=kills, mute=name == "FSIZE")


def descriptors(rng: Random) -> Fault:
    """Standard descriptors that are closed, full, or nobody's."""
    what = rng.choice(("0", "1", "2", "01", "12", "012", "full 1", "full 2", "broken 1", "broken 2"))

    def prepare() -> None:
        if what[:1].isdigit():
            for one in what:
                os.close(int(one))
        elif what[:4] == "full":
            os.dup2(os.open("/dev/full", os.O_WRONLY), int(what[-1]))
        else:
            ear, mouth = os.pipe()
            os.close(ear)
            os.dup2(mouth, int(what[-1]))

    return Fault(f"descriptors {what}", prepare=prepare, mute=True, real=True)


def signals(rng: Random) -> Fault:
    """A signal at any time, to the process or to one of its children."""
    number = rng.choice((signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGPIPE, signal.SIGCHLD))
    delay, whom = rng.uniform(0, 0.15), rng.choice(("it", "it", "a child", "all"))

    def strike(pid: int) -> None:
        time.sleep(delay)
        try:
            process = psutil.Process(pid)
            children = process.children(recursive=True)
            chosen = {"it": [process], "a child": children[:1], "all": [process, *children]}[whom]
            for one in chosen:
                one.send_signal(number)
        except psutil.Error:
            pass  # it has ended

    return Fault(f"signal {number.name} to {whom} after {delay:.3f} s", strike=strike, kills=(number,), mute=True)


def meanwhile(fault: Fault, rng: Random) -> Fault:
    """The fault of a file, once the command has begun."""
    delay, spoil = rng.uniform(0, 0.1), fault.spoil

    def strike(_: int) -> None:
        time.sleep(delay)
        try:
            if spoil:
                spoil()
        except OSError:
            pass  # the command was there first

    return Fault(f"{fault.name} after {delay:.3f} s", strike=strike, moves=True)


def ignored_signals(rng: Random) -> Fault:
    """Signals that whoever started it ignores or blocks."""
    number, blocked = rng.choice((signal.SIGCHLD, signal.SIGALRM, signal.SIGTERM, signal.SIGINT)), rng.random() < 0.5

    def prepare() -> None:
        if blocked:
            signal.pthread_sigmask(signal.SIG_BLOCK, [number])
        else:
            signal.signal(number, signal.SIG_IGN)

    return Fault(f"{number.name} is {'blocked' if blocked else 'ignored'}", prepare=prepare, real=rng.random() < 0.3)


def clocks(rng: Random) -> Fault:
    """Another time."""
    at = rng.choice(_TIMES)
    return Fault(f"at {at}", arguments=("--at", at))


def calls(rng: Random) -> Fault:
    """Calls of one kind that fail, once or from then on."""
    name, number, once = rng.choice(_CALLS), rng.choice(_ERRORS), rng.random() < 0.6
    after = round(10 ** rng.uniform(0, 3)) - 1
    once = once or number == errno.EINTR  # after which Python tries again, for ever (PEP 475)

    def prepare() -> None:
        library = ctypes.CDLL(None)
        if hasattr(library, "failing_calls_arm"):
            library.failing_calls_arm(name.encode(), ctypes.c_long(after), number, int(once))

    how = "once" if once else "for good"
    return Fault(f"{name} fails {how} with {errno.errorcode[number]} after {after}", prepare=prepare, mute=True)


def children(rng: Random, *, lies: bool, hangs: bool) -> Fault:
    """A child that dies, or cannot read or write; where it `hangs`, never ends; where it `lies`, writes other bytes."""
    which = rng.choice((0, 0, 1, 2, 3, 4, 6, 8))
    kind = rng.choice(("die", "die", "read", "write", "open", "stat", "map", *(("noise", "noise") if lies else ())))
    if hangs and rng.random() < 0.04:
        kind = "hang"
    number = signal.SIGKILL if kind == "die" else rng.choice(_ERRORS)
    setting = f"{kind}:{rng.choice((0, 0, 1, 2, 5, 20))}:{int(number)}:{int(rng.random() < 0.5)}"

    def prepare() -> None:
        library = ctypes.CDLL(None)
        if hasattr(library, "failing_calls_arm_child"):
            library.failing_calls_arm_child(setting.encode(), ctypes.c_long(which))

    return Fault(f"child {which} has {setting}", prepare=prepare)

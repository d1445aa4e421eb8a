"""Run a command of guardrails in a forked process, and hear how it ended."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from typing import NoReturn

import psutil

from guardrails import cli

PATIENCE = 30.0  # seconds; a look has 4, and there are three of them
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LINGER = 4.0  # seconds in which what was left behind must end by itself
PROGRAM = "import sys; from guardrails.cli import entry; entry()"


@dataclass(frozen=True)
class Ended:
    """How a command ended: the exit code, or minus the signal; what it said; and the children that it left."""

    code: int
    out: str
    err: str
    seconds: float
    left: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A command, where it runs, and in which surroundings."""

    arguments: tuple[str, ...]
    folder: str
    variables: dict[str, str]
    stdin: str = ""


def play(call: Call, scratch: str, fault: object = None) -> Ended:
    """Run it to its end; what takes too long is killed, with everything that it started."""
    before = {child.pid for child in psutil.Process().children()}
    streams = [os.path.join(scratch, name) for name in ("in", "out", "err")]
    with open(streams[0], "w", encoding="utf-8") as file:
        file.write(call.stdin)
    started = time.monotonic()
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until the product hears them, which lets them through
    pid = os.fork()
    if pid == 0:
        _live(call, streams, fault)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    strike = getattr(fault, "strike", None)
    if strike:
        strike(pid)
    code = _waited(pid)
    seconds = time.monotonic() - started
    left = _left(before)
    out, err = (_text(path) for path in streams[1:])
    return Ended(code, out, err, seconds, left)


def _live(call: Call, streams: list[str], fault: object) -> NoReturn:
    """The child's whole life."""
    code = 70
    try:
        os.setsid()
        descriptors = [
            os.open(path, flags, 0o600)
            for path, flags in zip(streams, (os.O_RDONLY, *(os.O_WRONLY | os.O_CREAT | os.O_TRUNC,) * 2), strict=True)
        ]
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # for the rest of this process
        os.chdir(call.folder if os.access(call.folder, os.X_OK) and os.path.isdir(call.folder) else "/")
        os.environ.clear()
        os.environ.update(call.variables)
        arguments = list(call.arguments)
        sys.argv = ["guardrails", *arguments]
        real, prepare = getattr(fault, "real", False), getattr(fault, "prepare", None)
        if prepare:
            prepare()
        if real:
            os.execve(sys.executable, [sys.executable, "-P", "-c", PROGRAM, *arguments], dict(os.environ))
        code = cli.main(arguments)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _waited(pid: int) -> int:
    """The exit code, or minus the signal."""
    handle = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    if not poll.poll(PATIENCE * 1000):
        os.kill(pid, signal.SIGKILL)
    os.close(handle)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _left(before: set[int]) -> tuple[str, ...]:
    """The command lines of what is still there after a while; it is killed."""
    until = time.monotonic() + LINGER
    while living := [child for child in psutil.Process().children() if child.pid not in before]:
        for child in living:
            try:
                child.wait(0)
            except psutil.TimeoutExpired:
                pass
        if time.monotonic() > until:
            said = tuple(" ".join(child.cmdline()) for child in living)
            for child in living:
                child.kill()
                child.wait()
            return said
        time.sleep(0.01)
    return ()


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="backslashreplace") as file:
            return file.read()
    except FileNotFoundError:
        return ""

"""Waiting for what a test has started, however busy the machine is.

A fixed time says more about what runs beside the tests than about what they test. So what they have started is given
up only once it is stuck: when it has used no processor for a while, or far more of it than any of it needs.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, AnyStr, Literal, overload

import psutil

PATIENCE = 60.0  # seconds without any work: even a busy machine lets a process do something in these
WORK = 600.0  # seconds of a processor: what needs more goes round in circles
_LOOKS = 5.0  # seconds from one look at the work to the next


class Progress:
    """How far the processes that this one has started, and those below them, have come; others do not count."""

    def __init__(self) -> None:
        self._work: list[float] = []  # what they had done at each look
        self._since = self._looked = time.monotonic()

    def require(self, what: str) -> None:
        """Raise AssertionError, which says `what` is waited for, when they are stuck."""
        now = time.monotonic()
        if now - self._looked < _LOOKS:
            return
        self._looked = now
        self._work.append(_work())
        if len(set(self._work[-2:])) == 2:
            self._since = now
        led_nowhere = max(self._work) - min(self._work)
        assert now - self._since < PATIENCE, f"{what}: nothing has been done for {now - self._since:.0f} s"
        assert led_nowhere < WORK, f"{what}: {led_nowhere:.0f} s of work led nowhere"


def come_true(true: Callable[[], bool], what: str = "it never came") -> None:
    """Wait until something is true. Raises AssertionError when what the test has started is stuck before."""
    progress = Progress()
    while not true():
        progress.require(what)
        time.sleep(0.01)


def output_of(process: subprocess.Popen[AnyStr], given: AnyStr | None = None) -> tuple[AnyStr, AnyStr]:
    """Let a process end, and give its output and its errors. Raises AssertionError when it is stuck; it is killed."""
    if given is not None and process.stdin is not None:
        # In Python 3.11 `communicate` writes no more of its input once a timeout was over.
        threading.Thread(target=_give, args=(process.stdin, given), daemon=True).start()
        process.stdin = None
    progress = Progress()
    while True:
        try:
            return process.communicate(timeout=_LOOKS)
        except subprocess.TimeoutExpired:
            try:
                progress.require(f"{process.args!r} does not end")
            except AssertionError:
                process.kill()
                raise


def _give(pipe: IO[AnyStr], given: AnyStr) -> None:
    with suppress(BrokenPipeError), pipe:
        pipe.write(given)


def code_of(process: subprocess.Popen[AnyStr]) -> int:
    """Let a process end, and give its exit code. Raises AssertionError when it is stuck."""
    come_true(lambda: process.poll() is not None, f"{process.args!r} does not end")
    return process.returncode


@overload
def run_to_its_end(
    command: Sequence[str | Path], given: str | None = None, *, text: Literal[True], **rest: Any
) -> subprocess.CompletedProcess[str]: ...


@overload
def run_to_its_end(
    command: Sequence[str | Path], given: bytes | None = None, **rest: Any
) -> subprocess.CompletedProcess[bytes]: ...


def run_to_its_end(command: Sequence[str | Path], given: Any = None, **rest: Any) -> subprocess.CompletedProcess[Any]:
    """Run a command with its output caught, give its `CompletedProcess`. Raises AssertionError when it is stuck."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    pipes |= {} if given is None else {"stdin": subprocess.PIPE}
    with subprocess.Popen(command, **{**pipes, **rest}) as process:
        out, err = output_of(process, given)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def elapsed(started: float) -> float:
    """About the seconds since `started`, a time of `time.monotonic`, had no other process wanted the processors."""
    return (time.monotonic() - started) / max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _work() -> float:
    """The seconds of a processor that everything below this process has used, as far as it can be seen."""
    seconds = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            used = process.cpu_times()
            seconds += used.user + used.system + used.children_user + used.children_system
    return seconds

"""Run one command as a shell would: with the terminal, with signals passed on, and with the shell's exit codes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import nullcontext

from guardrails.exit_codes import BY_SIGNAL, NOT_EXECUTABLE, NOT_FOUND
from guardrails.operations.guarded_run.step_output import relay_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Self

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """While this is entered, INT, TERM and HUP end no run of ours but go to the command that runs.

    `caught` is the last one that came; a run must not go on to its next step then.
    """

    def __init__(self) -> None:
        self.caught: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in _PASSED_ON:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup(1) leaves HUP
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, _: object) -> None:
        self.caught = number
        if self._child is not None:
            self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        if self._child is None or (number == signal.SIGINT and _typed()):
            return  # what is typed at a terminal has reached the command by itself
        try:
            self._child.send_signal(number)
        except OSError:
            pass  # it has ended, or has made itself another user

    def wait(self, child: subprocess.Popen[bytes]) -> int:
        """Wait for a command that has just been started, and give its exit code as a shell does."""
        self._child = child
        if self.caught is not None:  # it came while the command was being started
            self._pass_on(self.caught)
        try:
            status = child.wait()
        finally:
            self._child = None
        return status if status >= 0 else BY_SIGNAL - status


def execute(
    words: Sequence[str],
    *,
    folder: str,
    variables: Mapping[str, str],
    signals: Signals,
    output: str | None = None,
    ready: Callable[[], None] = lambda: None,
    started: Callable[[int], None] = lambda _: None,
) -> int:
    """Run the command to its end and give its exit code: 126 when it cannot be executed, 127 when it is not there.

    Without `output`, it has our own standard output and error. With `output`, the name of a file, both are kept there
    and shown on our standard output. Standard input is always ours. `ready` is called right before the command starts,
    and an error that it raises prevents the start; `started` gets the process id. Raises OSError when the file cannot
    be written.
    """
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()
    with nullcontext() if output is None else relay_output(output) as descriptor:
        ready()
        child = _start(words, folder, dict(variables), descriptor)
        if isinstance(child, int):
            return child
        started(child.pid)
        return signals.wait(child)


def _start(
    words: Sequence[str], folder: str, variables: dict[str, str], output: int | None
) -> subprocess.Popen[bytes] | int:
    """The command, started, or the exit code of one that cannot be."""
    try:
        return subprocess.Popen(list(words), cwd=folder, env=variables, stdout=output, stderr=output, bufsize=0)
    except (FileNotFoundError, NotADirectoryError):
        return NOT_FOUND
    except (OSError, ValueError):
        return NOT_EXECUTABLE


def _typed() -> bool:
    """Whether we are in the foreground of a terminal, whose INT goes to the whole group."""
    for descriptor in (0, 1, 2):
        try:
            if os.tcgetpgrp(descriptor) == os.getpgrp():
                return True
        except OSError:
            continue
    return False

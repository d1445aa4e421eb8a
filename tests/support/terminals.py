"""A program on a terminal of its own, as a person would use it: what it shows, and what is typed."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

PATIENCE = 30.0  # seconds, on a machine that is busy


class Terminal:
    """A running program, and everything that it has shown so far."""

    def __init__(
        self, command: Sequence[str], *, env: dict[str, str], cwd: Path, columns: int = 120, lines: int = 50
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=cwd, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(theirs)
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._ours)
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def type(self, keys: str) -> None:
        """Press keys; from here on, `shown` is what comes after."""
        self.shown = ""
        os.write(self._ours, keys.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until it has shown what the pattern matches. Fails with what was shown when it does not come."""
        until = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.shown)) is None:
            assert time.monotonic() < until, f"no {pattern!r} in {self.shown!r}"
            assert self._read(), f"ended without {pattern!r}: {self.shown!r}"
        return found

    def rest(self) -> str:
        """Everything that it shows until it ends."""
        until = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < until, f"it does not end: {self.shown!r}"
        return self.shown

    def _read(self) -> bool:
        """Read what there is, if anything comes soon; whether it may come to more."""
        if select.select([self._ours], [], [], 0.5)[0]:
            try:
                part = os.read(self._ours, 1 << 16)
            except OSError:  # how Linux says that the program has ended
                return False
            self.shown += part.decode("utf-8", "replace")
            return bool(part)
        return True

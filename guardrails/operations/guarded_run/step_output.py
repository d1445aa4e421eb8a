"""Show what a step writes as it comes, and keep it, both without secrets.

A step writes into a pipe. A forked process, the relay, copies it into the kept file first and then to our standard
output. It is a process of its own so that a step outlives a killed run and its output is still kept.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from contextlib import contextmanager

from guardrails.operations.guarded_run.secret_screen import SecretScreen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 4 << 20  # bytes of a step's output that are kept and shown as they come
END = 256 << 10  # bytes of its end that are kept and shown beyond that
PATIENCE = 2.0  # seconds for what is left to copy once the step has ended
SILENCE = 0.1  # seconds after which the start of a line is shown
_PART = 1 << 16  # bytes, as much as a pipe holds
_AT_ONCE = 4096  # bytes; a pipe that poll(2) calls writable takes them without blocking
_PAUSE = 0.002
_DESCRIPTORS = 1 << 16  # more than are open here
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE)


@contextmanager
def relay_output(path: str) -> Iterator[int]:
    """Give the descriptor that a step writes to; what comes is added to the file at `path`, and shown.

    At the end wait until all is copied, but not for a process that the step has left behind: what that writes is kept
    and not shown. Raises OSError when the file cannot be written.
    """
    kept = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        heard, mouth = os.pipe()
        watched, alive = os.pipe()
        relay = _fork_relay(heard, watched, kept)
    finally:
        os.close(kept)
    os.close(heard)
    os.close(watched)
    try:
        yield mouth
    finally:
        os.close(mouth)
        until = time.monotonic() + PATIENCE
        while os.waitpid(relay, os.WNOHANG) == (0, 0) and time.monotonic() < until:
            time.sleep(_PAUSE)
        os.close(alive)


def _fork_relay(heard: int, watched: int, kept: int) -> int:
    """Start the relay, which holds no other descriptor (the lock of the environment is one), and give its id."""
    screen = sys.stdout.fileno() if sys.stdout is not None else None
    relay = os.fork()
    if relay:
        return relay
    try:
        for number in _IGNORED:
            signal.signal(number, signal.SIG_IGN)
        wanted = sorted({heard, watched, kept, *([] if screen is None else [screen])})
        for low, high in zip([-1, *wanted], [*wanted, _DESCRIPTORS], strict=True):
            os.closerange(low + 1, high)
        _copy(heard, watched, _Output(kept, screen, watched))
    finally:
        os._exit(0)


def _copy(heard: int, watched: int, output: _Output) -> None:
    """Copy until everybody has closed the pipe; once nobody holds the other end of `watched`, show nothing more."""
    poll = select.poll()
    poll.register(heard, select.POLLIN)
    poll.register(watched, 0)
    while True:
        ready = dict(poll.poll(SILENCE * 1000 if output.is_waiting else None))
        if watched in ready:
            poll.unregister(watched)
            output.leave_screen()
            output.write_end()
        if heard in ready:
            part = os.read(heard, _PART)
            if not part:
                break
            output.take(part)
        elif not ready:
            output.write_started_line()
    output.write_end()


class _Output:
    """The kept file and the screen, which is left when `watched` is closed at its other end or nobody reads it."""

    def __init__(self, kept: int, screen: int | None, watched: int) -> None:
        self._kept: int | None = kept
        self._screen = screen
        self._watched = watched
        self._secrets = SecretScreen()
        self._room = LIMIT
        self._end = bytearray()
        self._left_out = 0

    @property
    def is_waiting(self) -> bool:
        """Whether the start of a line waits for its rest."""
        return self._secrets.is_waiting

    def take(self, part: bytes) -> None:
        """Write what a step wrote; beyond the limit hold back its end."""
        now, beyond = part[: self._room], part[self._room :]
        self._room -= len(now)
        if now:
            self._write(self._secrets.take(now))
        self._end += beyond
        if len(self._end) > 2 * END:
            self._left_out += len(self._end) - END
            del self._end[:-END]

    def write_started_line(self) -> None:
        """Write the start of a line whose rest has not come, such as the state of something under way."""
        self._write(self._secrets.take_started_line())

    def write_end(self) -> None:
        """Write what was held back."""
        self._write(self._secrets.take_rest())
        if not self._end:
            return
        left_out = self._left_out + max(0, len(self._end) - END)
        if left_out:
            self._write(f"\n[{left_out} bytes left out]\n".encode())
        secrets = SecretScreen(budget=END)
        secrets.start_inside(self._end[:-END] if left_out else b"")
        self._write(secrets.take(bytes(self._end[-END:])) + secrets.take_rest())
        self._end.clear()
        self._left_out = 0

    def leave_screen(self) -> None:
        """Show nothing more, and let others see the end of our standard output."""
        if self._screen is not None:
            os.close(self._screen)
            self._screen = None

    def _write(self, data: bytes) -> None:
        problem = self._keep(data)
        self._show(data + problem)

    def _keep(self, data: bytes) -> bytes:
        """Add to the file; give a line to show when that is no longer possible."""
        try:
            while data and self._kept is not None:
                data = data[os.write(self._kept, data) :]
        except OSError as error:
            self._kept = None
            return f"\n[the output is kept no longer: {error.strerror}]\n".encode()
        return b""

    def _show(self, data: bytes) -> None:
        poll = select.poll()
        poll.register(self._watched, 0)
        if self._screen is not None:
            poll.register(self._screen, select.POLLOUT)
        while data and self._screen is not None:
            if self._watched in dict(poll.poll()):
                return self.leave_screen()
            try:
                data = data[os.write(self._screen, data[:_AT_ONCE]) :]
            except BlockingIOError:
                continue
            except OSError:
                return self.leave_screen()
        return None

"""Work in a process that can be killed, reporting in lines that nothing else can write by accident.

A thread cannot be timed out, and an exit status proves nothing. So a worker's result counts only when it comes in a
well-formed line with the nonce that the worker was given. Anything else that it does, or fails to do, is an `ending`.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # without enumerations, which take 1 ms
import json
import os
import select
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Say = Callable[[dict[str, Any]], None]

_LINE_LIMIT = 64 * 1024 * 1024  # bytes


class Worker:
    """A forked process, leader of its own group, that runs `work(say)` and ends. `messages` is what it says."""

    def __init__(self, work: Callable[[Say], None]) -> None:
        self._nonce = os.urandom(16).hex()
        self._ending = "ended before it was done"
        self._heard, mouth = os.pipe()
        supervisor = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            self._live(work, mouth, supervisor)
        os.close(mouth)
        try:
            os.setpgid(self._pid, self._pid)  # both sides do it, so that neither needs to wait
        except OSError:
            pass  # it has ended already

    def _live(self, work: Callable[[Say], None], mouth: int, supervisor: int) -> None:
        """The child's whole life; never returns."""
        status = 1
        try:
            os.close(self._heard)
            os.setpgid(0, 0)
            _watch(supervisor)

            def say(message: dict[str, Any]) -> None:
                line = json.dumps({"nonce": self._nonce, **message}).encode() + b"\n"
                while line:
                    line = line[os.write(mouth, line) :]

            work(say)
            say({"done": True})
            status = 0
        finally:
            os._exit(status)

    def messages(self, patience: Callable[[int], float], until: float) -> Iterator[dict[str, Any]]:
        """Yield what the worker says, until it is done or has to be given up; then see `ending`.

        `patience` tells how many seconds to wait for the message of that number, from 0; `until` is a
        time.monotonic() that ends everything.
        """
        buffer = b""
        number = 0
        last = time.monotonic()
        poll = select.poll()
        poll.register(self._heard, select.POLLIN)
        while True:
            now = time.monotonic()
            wait = max(0.0, min(last + patience(number), until) - now)  # 0: it may have answered while nobody listened
            if now >= until or not poll.poll(wait * 1000):
                out_of_time = time.monotonic() >= until
                self._ending = "ran out of time" if out_of_time else f"gave no answer within {patience(number):g} s"
                return
            part = os.read(self._heard, 1 << 16)
            if not part:
                return
            buffer += part
            if len(buffer) > _LINE_LIMIT:
                self._ending = "said more than can be heard"
                return
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                message = self._understand(line)
                if message is None:
                    self._ending = "answered with nonsense"
                    return
                if "done" in message:
                    self._ending = ""
                    return
                number, last = number + 1, time.monotonic()
                yield message

    def _understand(self, line: bytes) -> dict[str, Any] | None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(message, dict) or message.pop("nonce", None) != self._nonce:
            return None
        return message

    def fileno(self) -> int:
        """The descriptor to wait on for the next message, or for its end."""
        return self._heard

    @property
    def ending(self) -> str:
        """Why the worker did not finish; empty when it did."""
        return self._ending

    def end(self) -> None:
        """Kill whatever is left of it and of its children, and reap it."""
        try:
            os.killpg(self._pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # everybody has ended
        os.close(self._heard)
        os.waitpid(self._pid, 0)


def _watch(supervisor: int) -> None:
    """Look every second whether the supervisor is still there; without it, end the whole group."""
    for caught in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(caught, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, lambda *_: None if os.getppid() == supervisor else os.killpg(0, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)

"""Work in a process that can be killed, reporting in lines that nothing else can write by accident.

A thread cannot be timed out, and an exit status proves nothing: what a worker concluded is what it said in a
well-formed line that carries the nonce it was given. Anything else it does, or fails to do, is an `ending`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Say = Callable[[dict[str, Any]], None]

_LINE_LIMIT = 64 * 1024 * 1024  # bytes


class Worker:
    """A forked process that runs `work(say)` and ends. Iterate `messages` to hear what it says."""

    def __init__(self, work: Callable[[Say], None], *, own_group: bool) -> None:
        self._nonce = os.urandom(16).hex()
        self._own_group = own_group
        self._ending = "ended before it was done"
        self._heard, mouth = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._live(work, mouth)
        os.close(mouth)
        if own_group:
            try:
                os.setpgid(self._pid, self._pid)  # both sides do it, so that neither needs to wait
            except OSError:
                pass

    def _live(self, work: Callable[[Say], None], mouth: int) -> None:
        """The child's whole life; never returns."""
        status = 1
        try:
            os.close(self._heard)
            if self._own_group:
                os.setpgid(0, 0)

            def say(message: dict[str, Any]) -> None:
                line = json.dumps({"nonce": self._nonce, **message}).encode() + b"\n"
                while line:
                    line = line[os.write(mouth, line) :]

            work(say)
            say({"done": True})
            status = 0
        finally:
            os._exit(status)

    def messages(self, patience: float, until: float) -> Iterator[dict[str, Any]]:
        """Yield what the worker says, until it is done or has to be given up; then see `ending`.

        `patience` is in seconds between two messages; `until` is a time.monotonic() that ends everything.
        """
        buffer = b""
        poll = select.poll()
        poll.register(self._heard, select.POLLIN)
        while True:
            wait = min(patience, until - time.monotonic())
            if wait <= 0 or not poll.poll(wait * 1000):
                self._ending = f"gave no answer within {patience:g} s" if wait == patience else "ran out of time"
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
                message = self._understood(line)
                if message is None:
                    self._ending = "answered with nonsense"
                    return
                if "done" in message:
                    self._ending = ""
                    return
                yield message

    def _understood(self, line: bytes) -> dict[str, Any] | None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(message, dict) or message.pop("nonce", None) != self._nonce:
            return None
        return message

    @property
    def ending(self) -> str:
        """Why the worker did not finish; empty when it did."""
        return self._ending

    def end(self) -> None:
        """Kill whatever of it is left, with its children when it leads a group, and reap it."""
        try:
            if self._own_group:
                os.killpg(self._pid, signal.SIGKILL)
            else:
                os.kill(self._pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        os.close(self._heard)
        os.waitpid(self._pid, 0)

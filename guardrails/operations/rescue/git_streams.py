"""A git that is fed and read piece by piece, so that no file has to fit into memory."""

from __future__ import annotations

import os
import select
import subprocess
import time

from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from guardrails.facts.programs.side_by_side import Command

PIECE = 1 << 16  # bytes
_AT_ONCE = 1 << 18  # bytes that are fed together
_COMPLAINT = 4096  # bytes of what git complains of that are kept


class Stream:
    """One git command between its start and its end; leaving the block ends it.

    Raises CannotKnow as soon as it does not take or give what it must, or gives no answer within its time.
    """

    def __init__(self, command: Command) -> None:
        self._name = next(word for word in command.argv[1:] if word in ("fast-import", "cat-file"))
        self._timeout = command.timeout
        self._complaint = b""
        self._unread = b""
        self._unsent = bytearray()
        self._child = subprocess.Popen(
            command.argv,
            env=dict(command.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        pipes = (self._child.stdin, self._child.stdout, self._child.stderr)
        self._stdin, self._stdout, self._stderr = (pipe.fileno() for pipe in pipes if pipe is not None)
        for descriptor in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(descriptor, False)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout, self._child.stderr):
            if pipe is not None:
                pipe.close()

    def write(self, data: bytes) -> None:
        """Feed it, by and by."""
        self._unsent += data
        if len(self._unsent) >= _AT_ONCE:
            self._send()

    def _send(self) -> None:
        unsent, self._unsent = bytes(self._unsent), bytearray()
        left = memoryview(unsent)
        while left:
            self._wait(self._stdin, select.POLLOUT)
            try:
                left = left[os.write(self._stdin, left) :]
            except BrokenPipeError:
                raise self._failure() from None

    def read_line(self) -> bytes:
        """The next line, without its end, that answers what was fed so far."""
        self._send()
        while b"\n" not in self._unread:
            self._unread += self._piece()
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def read_pieces(self, size: int) -> Iterator[bytes]:
        """The next bytes, so many, in pieces."""
        while size:
            piece = self._unread or self._piece()
            self._unread = piece[size:]
            piece = piece[:size]
            size -= len(piece)
            yield piece

    def end(self) -> None:
        """Close its input, and wait for it to end well."""
        self._send()
        if self._child.stdin is not None:
            self._child.stdin.close()
        while self._read(self._stdout):
            pass
        if self._reap() != 0:
            raise self._failure()

    def _piece(self) -> bytes:
        piece = self._read(self._stdout)
        if not piece:
            raise self._failure()
        return piece

    def _read(self, descriptor: int) -> bytes:
        self._wait(descriptor, select.POLLIN)
        return os.read(descriptor, PIECE)

    def _wait(self, descriptor: int, event: int) -> None:
        """Wait until it is ready, and take in meanwhile what git complains of, lest it waits for us."""
        deadline = time.monotonic() + self._timeout
        poll = select.poll()
        poll.register(descriptor, event)
        poll.register(self._stderr, select.POLLIN)
        while left := max(0.0, deadline - time.monotonic()):
            ready = dict(poll.poll(left * 1000))
            if self._stderr in ready and not self._listen():
                poll.unregister(self._stderr)
            if descriptor in ready:
                return
        raise CannotKnow(f"git {self._name} gave no answer within {self._timeout:g} s")

    def _listen(self) -> bool:
        said = os.read(self._stderr, PIECE)
        self._complaint = (self._complaint + said)[:_COMPLAINT]
        return bool(said)

    def _reap(self) -> int:
        try:
            return self._child.wait(self._timeout)
        except subprocess.TimeoutExpired:
            raise CannotKnow(f"git {self._name} gave no answer within {self._timeout:g} s") from None

    def _failure(self) -> CannotKnow:
        """What to raise, with the first that git said; it is given time to say it."""
        status = self._reap()
        os.set_blocking(self._stderr, True)
        while self._listen():
            pass
        said = self._complaint.decode("utf-8", "replace").strip().partition("\n")[0]
        return CannotKnow(f"git {self._name}: {said or f'ended with status {status}'}")

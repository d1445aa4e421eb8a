"""Unwanted output of a process to standard output or error."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def catch_noise() -> Callable[[], bytes]:
    """Cut standard input off, lead standard output and error into a pipe, and give a function that empties it."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    ear, mouth = os.pipe()
    os.set_blocking(ear, False)
    os.set_blocking(mouth, False)  # a policy that writes more than the pipe holds gets an exception, not a hang
    os.dup2(mouth, 1)
    os.dup2(mouth, 2)

    def noise() -> bytes:
        heard = b""
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            try:
                getattr(sys, name).flush()
            except (OSError, ValueError, AttributeError):
                heard += f"more than can be heard, or {name} was closed".encode()
                setattr(sys, name, os.fdopen(descriptor, "w", closefd=False))  # for the next policy
        try:
            return heard + os.read(ear, 1 << 16)
        except BlockingIOError:
            return heard

    return noise

"""Write one waiver: appended to what is there, whole or not at all."""

from __future__ import annotations

import os
import time

from guardrails.config import waivers
from guardrails.config.written import toml
from guardrails.errors import UsageError
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.config.settings import Settings
    from guardrails.model import Waiver

PATIENCE = 5.0  # seconds to wait for another writer


def entry(waiver: Waiver) -> str:
    """The waiver as it stands in a `guardrails.waivers.toml`."""
    assert waiver.created is not None
    texts = {name: getattr(waiver, name) for name in ("policy", "environment", "owner", "reason", "finding")}
    lines = [f"{name} = {toml(text)}" for name, text in texts.items() if text is not None]
    lines += [f"created = {utc(waiver.created)}", f"expires = {utc(waiver.expires)}"]
    return "\n".join(["[[waiver]]", *lines]) + "\n"


def append(waiver: Waiver, path: str, settings: Settings, *, write: bool) -> Waiver:
    """Add a waiver to the file at a path, and give it as a check will read it; without `write`, only say how.

    The earlier content of the file stays as it is, byte for byte. Raises ConfigurationError when the file, or the
    waiver in it, is invalid, UsageError when another writer does not finish, OSError when it cannot be written.
    """
    path = os.path.realpath(path)  # a link stays one
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if write:
            _lock(folder, path)
        there = waivers.read(path) or b""
        gap = b"" if not there else b"\n" if there.endswith(b"\n") else b"\n\n"
        text = there + gap + entry(waiver).encode("utf-8", "surrogateescape")
        *_, read = waivers.parse(text, path, settings)
        assert waiver.created is not None
        waivers.date_waivers([read], path, now=waiver.created, at=waiver.created)
        if write:
            _replace(path, text)
        return read
    finally:
        os.close(folder)


def _lock(folder: int, path: str) -> None:
    """Let one writer at a time in; the lock goes with the process that holds it."""
    import fcntl

    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise UsageError(f"{path} is being written by somebody else; try again") from None
            time.sleep(0.02)


def _replace(path: str, data: bytes) -> None:
    """Write the whole file or nothing, with the permissions that it has."""
    half = f"{path}.{os.urandom(4).hex()}"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with open(descriptor, "wb") as file:
            if os.path.lexists(path):
                os.fchmod(descriptor, os.stat(path).st_mode & 0o7777)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(half, path)
    finally:
        if os.path.lexists(half):
            os.unlink(half)

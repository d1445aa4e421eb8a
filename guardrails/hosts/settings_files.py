"""Changing a host's settings file: whole or not at all, through a link, and only when it is ours and can be read."""

from __future__ import annotations

import os
import stat

from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.files import parse_json, read_text
from guardrails.safety.ownership import require_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def read(path: str, *, strict: bool) -> str | None:
    """The text of a settings file, None where there is none. `strict`: its host reads JSON without comments.

    Raises UsageError for a file that is not ours alone, or no JSON that its host would read.
    """
    try:
        require_ours(path)
        if os.path.islink(path) and not os.path.exists(path):
            raise UsageError(f"{path} is a link that leads nowhere; remove it, or make what it leads to")
        text = read_text(path)
        if strict:
            parse_json(text, path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except CannotKnow as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    return text


def change(path: str, change: Callable[[str | None], str | None], *, strict: bool) -> bool:
    """Have the text changed, where None stands for no file, and say whether it was another one. A link stays a link.

    Raises UsageError as `read` does, and when it cannot be written.
    """
    before = read(path, strict=strict)
    after = change(before)
    if after == before:
        return False
    real = os.path.realpath(path)
    try:
        if after is None:
            os.unlink(path)
        else:
            os.makedirs(os.path.dirname(real), exist_ok=True)
            _write(real, after.encode(), 0o644 if before is None else stat.S_IMODE(os.stat(real).st_mode))
    except OSError as error:
        raise UsageError(f"{real} cannot be written: {error.strerror}") from None
    return True


def put(path: str, data: bytes, *, mode: int) -> None:
    """Put a file of ours where it belongs, and the folders above it. Raises UsageError when it cannot be written."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _write(path, data, mode)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _write(path: str, data: bytes, mode: int) -> None:
    """Put a file in its place in one step, with this mode."""
    half = f"{path}.{os.urandom(4).hex()}"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(descriptor, mode)
            file.flush()
            os.fsync(descriptor)
        os.replace(half, path)
    finally:
        if os.path.lexists(half):
            os.unlink(half)

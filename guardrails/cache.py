"""Results that were worked out once, kept in the user's cache folder as plain JSON, and trusted only when intact.

A file counts only when it and its folder are ours alone, and when its bytes are those of the checksum that it opens
with. A run that cannot write is only slower. No file of it is ever inside an inspected repository or state directory.
"""

from __future__ import annotations

import json
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

try:
    from _blake2 import blake2b  # hashlib's own, without the 3 ms that loading OpenSSL takes
except ImportError:
    from hashlib import blake2b

FILE_LIMIT = 8 * 1024 * 1024  # bytes
_OPENING = b'{"checksum": "'
_CLOSING = b'", '
FILES_KEPT = 400  # of one kind; the oldest go
_apart: list[str] = []  # folders that nothing is written into


def stay_out_of(folders: Iterable[str]) -> None:
    """Keep nothing inside of these folders, which are inspected; what is kept there already is still read."""
    _apart[:] = folders


def digest(data: bytes) -> str:
    """What identifies bytes here: 64 hexadecimal digits."""
    return blake2b(data, digest_size=32).hexdigest()


def recall(kind: str, key: str) -> Any:
    """What was kept under a key, a word that is a file name; None when there is nothing trustworthy."""
    for place in _places():
        if (value := _recall(os.path.join(place, kind), key)) is not None:
            return value
    return None


def _recall(folder: str, key: str) -> Any:
    try:
        if not all(_is_ours_alone(one) for one in (os.path.dirname(folder), folder)):
            return None
        path = os.path.join(folder, f"{key}.json")
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not (stat.S_ISREG(status.st_mode) and _is_ours(status) and status.st_size <= FILE_LIMIT):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(FILE_LIMIT)
        kept = json.loads(data) if _is_whole(data) else {}
        return kept["value"] if kept["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    finally:
        os.close(descriptor)


def keep(kind: str, key: str, value: Any) -> None:
    """Keep plain data under a key, whole or not at all. Failing to is no error."""
    data = pack(key, value)
    try:
        folder = _folder(kind)
        half = os.path.join(folder, f".{os.getpid()}-{os.urandom(4).hex()}")
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
            os.replace(half, os.path.join(folder, f"{key}.json"))
        except OSError:
            os.unlink(half)
            raise
        _forget_oldest(folder)
    except OSError:
        pass


def pack(key: str, value: Any) -> bytes:
    """What is written for a key: JSON that opens with the checksum of all that follows."""
    rest = json.dumps({"key": key, "value": value}).encode()[1:]
    return _OPENING + digest(rest).encode() + _CLOSING + rest


def _is_whole(data: bytes) -> bool:
    """Whether these are bytes that `pack` gave, rather than damaged or edited ones."""
    rest = data[len(_OPENING) + 64 + len(_CLOSING) :]
    return data == _OPENING + digest(rest).encode() + _CLOSING + rest


def remember(kind: str, key: str, compute: Callable[[], Any]) -> Any:
    """What `compute` gives, or what it gave an earlier run with this kind and key.

    `key` is a digest of everything that the result depends on. The result is plain JSON data other than null; lists
    come back in the place of tuples. What `compute` raises is raised, and not remembered.
    """
    value = recall(kind, key)
    if value is None:
        value = compute()
        keep(kind, key, value)
    return value


def _folder(kind: str) -> str:
    """The folder of one kind, made when it is missing. Raises OSError when no place for it is ours alone."""
    root = next((place for place in _places() if not is_inspected(place)), None)
    if root is None:
        raise FileNotFoundError("no place outside of what is inspected")
    folder = os.path.join(root, kind)
    if not os.path.isdir(folder):
        os.makedirs(os.path.dirname(root), exist_ok=True)
    for path in (root, folder):
        if not os.path.lexists(path):
            os.mkdir(path, 0o700)
        if not _is_ours_alone(path):
            raise PermissionError(f"{path} is not ours alone")
    return folder


def _places() -> list[str]:
    """Where the cache may be, the best first: where XDG_CACHE_HOME says, and in the home directory."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    places = [configured] if os.path.isabs(configured) else []
    home = os.path.expanduser("~")
    if os.path.isabs(home) and os.path.isdir(home):  # which is not ours to make
        places.append(os.path.join(home, "Library/Caches" if sys.platform == "darwin" else ".cache"))
    return [os.path.join(place, "guardrails") for place in places]


def is_inspected(path: str) -> bool:
    """Whether a path lies inside of a folder that is inspected, so that nothing is to be written there."""
    inside = tuple(os.path.join(os.path.realpath(folder), "") for folder in _apart)
    return os.path.join(os.path.realpath(path), "").startswith(inside)


def _is_ours_alone(folder: str) -> bool:
    """Whether a folder is one, and ours alone. Raises OSError when it is not there."""
    status = os.lstat(folder)
    return stat.S_ISDIR(status.st_mode) and _is_ours(status)


def _is_ours(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _forget_oldest(folder: str) -> None:
    """Keep the newest; half-written files that a killed run left behind count and go like all others."""
    names = os.listdir(folder)
    if len(names) > FILES_KEPT:
        paths = sorted((os.path.join(folder, name) for name in names), key=os.path.getmtime)
        for path in paths[: len(paths) - FILES_KEPT]:
            os.unlink(path)

"""Reading files that may be anything: bounded, never blocking, never following into a device.

A file that is absent raises FileNotFoundError, because absence is often a finding. Everything else that is not
a readable regular file of sensible size raises CannotKnow.
"""

from __future__ import annotations

import os
import stat
from functools import cache

from guardrails.errors import CannotKnow
from guardrails.facts import witness
from guardrails.safety.ownership import require_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from json import JSONDecoder
    from typing import Any

FILE_LIMIT = 16 * 1024 * 1024  # bytes; more than any configuration, page or job store that is not an accident

_KINDS = {
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_bytes(path: str, limit: int = FILE_LIMIT) -> bytes:
    """Read a whole regular file. Raises FileNotFoundError when it is absent, CannotKnow when it cannot be read.

    The path is absolute: a relative one would mean another file wherever a check is started, and is refused.
    """
    if not os.path.isabs(path):
        raise CannotKnow(f"{path!r} is a relative path, which means another file in every folder")
    try:
        _require_regular(path, os.stat(path))  # before opening: opening a device can act on it
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    except OSError as error:
        raise CannotKnow(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise CannotKnow(f"{path!r} cannot be read: it is no name of a file") from None
    try:
        _require_regular(path, os.fstat(descriptor))
        data = _read(path, descriptor, limit)
        if witness.current is not None:
            witness.current.note(path, os.fstat(descriptor))
        return data
    except OSError as error:
        raise CannotKnow(f"{path} cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)


def read_ours(path: str, limit: int = FILE_LIMIT) -> bytes:
    """Read a file that says what to do or whom to believe. Raises as `read_bytes`, and Foreign unless it is ours."""
    data = read_bytes(path, limit)
    require_ours(path)
    return data


def _require_regular(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise CannotKnow(f"{path} is {kind_of(status.st_mode)}, not a file")


def kind_of(mode: int) -> str:
    """What is there, in words, from the mode of its status: `a file`, `a directory` and so on."""
    return _KINDS.get(stat.S_IFMT(mode), "something else")


def _read(path: str, descriptor: int, limit: int) -> bytes:
    parts = []
    left = limit + 1  # st_size says nothing for /proc and for a file that grows
    while left > 0 and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise CannotKnow(f"{path} is larger than {limit} bytes")
    return b"".join(parts)


def write_new(path: str, data: bytes) -> None:
    """Write a file of ours that must not be there yet. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    finally:
        os.close(descriptor)


def replace_whole(path: str, data: bytes, mode: int = 0o600) -> None:
    """Put a file of ours in its place in one step, with this mode, and wait until it is on the disk. Raises OSError."""
    half = f"{path}.{os.urandom(4).hex()}"
    try:
        write_new(half, data)
        descriptor = os.open(half, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(half, path)
    finally:
        if os.path.lexists(half):
            os.unlink(half)


def read_text(path: str, limit: int = FILE_LIMIT) -> str:
    """Read a UTF-8 text file. Raises as `read_bytes`, and CannotKnow when it is not UTF-8."""
    return decode(read_bytes(path, limit), path)


def decode(data: bytes, name: str) -> str:
    """Decode UTF-8 strictly. Raises CannotKnow that names the file."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CannotKnow(f"{name} is not UTF-8 (byte {error.start})") from None


def read_json(path: str, limit: int = FILE_LIMIT) -> Any:
    """Read a strict JSON file: no duplicate keys, no NaN. Raises as `read_text`, and CannotKnow on bad JSON."""
    return parse_json(read_text(path, limit), path)


def parse_json(text: str, name: str) -> Any:
    """Parse strict JSON: a duplicate key, NaN or Infinity is an error, since readers differ on what they mean."""
    try:
        return _decoder().decode(text)
    except RecursionError:
        raise CannotKnow(f"{name} is nested too deeply") from None
    except ValueError as error:
        raise CannotKnow(f"{name} is not valid JSON: {error}") from None


@cache  # one decoder for thousands of small texts
def _decoder() -> JSONDecoder:
    from json import JSONDecoder

    return JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=require_finite)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"the key {name[:80]!r} stands twice")
            seen.add(name)
    return table


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def require_finite(text: str) -> float:
    """A number of JSON text. Raises ValueError for one that overflows, which parsers else take for infinity."""
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is too large a number")
    return number

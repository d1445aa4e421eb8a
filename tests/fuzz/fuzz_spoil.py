"""Faults of files: bytes that are wrong, kinds that are wrong, what may not be read, and names that are hostile."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from random import Random

Spoil = Callable[[str, Random], None]
SPARSE = 1 << 35  # bytes; more than any memory
NAMES = (
    b"a\nb",
    b"a\rb",
    b"a\xe2\x80\xa8b",
    b"caf\xe9",
    b"-rf",
    b"x" * 255,
    b" ",
    b"\x1b[2J",
    b"a\tb",
    b"~",
    b"*",
    b"\xff",
)


def chosen(folder: str, rng: Random, causes: Iterable[str], near: tuple[str, ...]) -> str | None:
    """A path in the folder, of each part of it as often; none that a cause, a pattern, names.

    Most often it is in what `near` names by how its path begins.
    """
    groups: dict[str, list[str]] = {}
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = os.path.relpath(os.path.join(place, name), folder)
            if not any(fnmatch(path, cause) or cause.startswith(f"{path}/") for cause in causes):
                groups.setdefault(_group(path), []).append(path)
    if not groups:
        return None
    nearer = [name for name in sorted(groups) if name.startswith(near)]
    names = nearer if nearer and rng.random() < 0.9 else sorted(groups)
    return os.path.join(folder, rng.choice(sorted(groups[rng.choice(names)])))


def _group(path: str) -> str:
    """The part of the world: of a repository each thing that git keeps, of the rest what is two folders down."""
    parts = path.split("/")
    depth = parts.index(".git") + 2 if ".git" in parts else 4 if parts[0] == "home" else 2
    return "/".join(parts[:depth])


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _write(path: str, data: bytes) -> None:
    os.chmod(path, 0o644)
    with open(path, "wb") as file:
        file.write(data)


def _bytes(change: Callable[[bytes, Random], bytes]) -> Spoil:
    """A fault of what is in a file; a folder gets an entry of hostile bytes instead."""

    def spoil(path: str, rng: Random) -> None:
        if os.path.isfile(path):
            _write(path, change(_read(path), rng))
        else:
            _name(path, rng)

    return spoil


def _flipped(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 8))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _without_a_piece(data: bytes, rng: Random) -> bytes:
    start, end = sorted((rng.randint(0, len(data)), rng.randint(0, len(data))))
    return data[:start] + data[end:]


def _with_a_piece(data: bytes, rng: Random) -> bytes:
    at = rng.randint(0, len(data))
    piece = rng.choice((b"\0", b"\n", b"\r\n", b"\xff\xfe", b"\xe2\x80\xa8", b"[" * 5000, b"9" * 5000, b'"', b"{}"))
    return data[:at] + piece + data[at:]


def _lines_in_another_order(data: bytes, rng: Random) -> bytes:
    lines = data.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def _instead(make: Callable[[str], object]) -> Spoil:
    """Something of another kind in the place of a file or folder."""

    def spoil(path: str, _: Random) -> None:
        _remove(path)
        make(path)

    return spoil


def _linked(path: str, _: Random) -> None:
    """The same, behind a link."""
    os.rename(path, f"{path}.real")
    os.symlink(os.path.basename(f"{path}.real"), path)


def _socket(path: str) -> None:
    place = os.getcwd()
    os.chdir(os.path.dirname(path))  # the name of a socket may be but 108 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(os.path.basename(path))
    except OSError:
        os.mkfifo(path)
    finally:
        os.chdir(place)


def _mode(mode: int) -> Spoil:
    return lambda path, _: os.chmod(path, mode) if not os.path.islink(path) else None


def _name(path: str, rng: Random) -> None:
    """A hostile name beside a file, or in a folder."""
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    name = os.path.join(os.fsencode(folder), rng.choice(NAMES))
    if rng.random() < 0.3:
        os.makedirs(name, exist_ok=True)
    else:
        with open(name, "wb") as file:
            file.write(b"x\n")


def _renamed(path: str, rng: Random) -> None:
    os.rename(os.fsencode(path), os.path.join(os.fsencode(os.path.dirname(path)), rng.choice(NAMES)))


def _times(path: str, rng: Random) -> None:
    when = rng.choice((0, 1, 2**31, 2**33, -1))
    os.utime(path, (when, when), follow_symlinks=False)


def _huge(path: str, _: Random) -> None:
    if os.path.isfile(path):
        os.chmod(path, 0o644)
        os.truncate(path, SPARSE)


def _doubled(path: str, _: Random) -> None:
    if os.path.isfile(path):
        os.link(path, f"{path}.twin")


def _locked(path: str, _: Random) -> None:
    with open(f"{path}.lock", "wb"):
        pass


SPOILS: dict[str, Spoil] = {
    "bits flipped": _bytes(_flipped),
    "bits flipped again": _bytes(_flipped),
    "cut": _bytes(lambda data, rng: data[: rng.randint(0, len(data))]),
    "a piece is gone": _bytes(_without_a_piece),
    "a piece too many": _bytes(_with_a_piece),
    "lines in another order": _bytes(_lines_in_another_order),
    "said twice": _bytes(lambda data, _: data + data),
    "empty": _bytes(lambda data, _: b""),
    "noise": _bytes(lambda data, rng: rng.randbytes(len(data))),
    "zeros": _bytes(lambda data, _: bytes(len(data))),
    "gone": lambda path, _: _remove(path),
    "a folder": _instead(os.mkdir),
    "a FIFO": _instead(os.mkfifo),
    "a link to itself": _instead(lambda path: os.symlink(os.path.basename(path), path)),
    "a link to nothing": _instead(lambda path: os.symlink("nowhere/at/all", path)),
    "a link to /dev/zero": _instead(lambda path: os.symlink("/dev/zero", path)),
    "a link to a terminal": _instead(lambda path: os.symlink("/dev/tty", path)),
    "a socket": _instead(_socket),
    "behind a link": _linked,
    "may not be read": _mode(0),
    "may be listed alone": _mode(0o444),
    "may not be written": _mode(0o555),
    "writable by all": _mode(0o777),
    "a hostile name": _name,
    "renamed": _renamed,
    "another time": _times,
    "huge": _huge,
    "two names": _doubled,
    "a lock that was left": _locked,
}

"""A folder taken back to what it was, by writing anew only what has changed since.

Removing a world and copying it whole would take longer than most drills: the file system is what they wait for. What
may have changed is told by the times, size and number that the file system keeps of each file, which nobody sets.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Stamp = list[int]

_TICK = 0.02  # seconds in which the clock of any file system moves on, so that a later change shows


class Snapshot:
    """What a folder held when it was taken, kept in a file beside the folder.

    Each entry is by its path: the mode, what it holds as text of one character a byte, its time of modification, and
    the stamp by which it is known to be unchanged.
    """

    def __init__(self, folder: str) -> None:
        self._folder, self._file = folder, f"{folder}.json"

    def is_taken(self) -> bool:
        """Whether there is anything to go back to."""
        return os.path.exists(self._file)

    def take(self) -> None:
        """Note what the folder holds now."""
        entries = {}
        for path in _below(self._folder):
            status = os.lstat(path)
            held = _held(path, status).decode("latin-1")
            entries[os.path.relpath(path, self._folder)] = [status.st_mode, held, status.st_mtime_ns, _stamp(status)]
        self._write(entries)

    def restore(self) -> None:
        """Make the folder what it was."""
        with open(self._file, encoding="ascii") as file:
            entries: dict[str, list[Any]] = json.load(file)
        for path in _below(self._folder):
            name = os.path.relpath(path, self._folder)
            if os.path.lexists(path) and (name not in entries or not _is_as(entries[name], os.lstat(path))):
                _remove(path)
        for name, entry in entries.items():  # a folder comes before what is in it
            path = os.path.join(self._folder, name)
            if not os.path.lexists(path):
                _make(path, entry[0], entry[1].encode("latin-1"), entry[2])
                entry[3] = _stamp(os.lstat(path))
        self._write(entries)

    def _write(self, entries: dict[str, list[Any]]) -> None:
        time.sleep(_TICK)
        with open(f"{self._file}.new", "w", encoding="ascii") as file:
            json.dump(entries, file)
        os.replace(f"{self._file}.new", self._file)


def _below(folder: str) -> list[str]:
    """All paths in a folder, each after the folder that it is in."""
    return [
        os.path.join(place, name) for place, folders, names in os.walk(folder) for name in (*sorted(folders), *names)
    ]


def _held(path: str, status: os.stat_result) -> bytes:
    if stat.S_ISLNK(status.st_mode):
        return os.fsencode(os.readlink(path))
    if stat.S_ISREG(status.st_mode):
        with open(path, "rb") as file:
            return file.read()
    return b""


def _stamp(status: os.stat_result) -> Stamp:
    if stat.S_ISDIR(status.st_mode):
        return [status.st_ino]  # what is in it is known by itself
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _is_as(entry: list[Any], status: os.stat_result) -> bool:
    return bool(entry[0] == status.st_mode and entry[3] == _stamp(status))


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def _make(path: str, mode: int, held: bytes, modified: int) -> None:
    """Make a folder, a link or a file; nothing else is in a sound world."""
    if stat.S_ISDIR(mode):
        os.mkdir(path)
    elif stat.S_ISLNK(mode):
        os.symlink(held, path)
        return
    else:
        with open(path, "xb") as file:
            file.write(held)
    os.chmod(path, stat.S_IMODE(mode))
    os.utime(path, ns=(modified, modified))

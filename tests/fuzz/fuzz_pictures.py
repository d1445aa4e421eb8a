"""What a folder holds, so that any change is seen, and put back from a copy without copying everything anew."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator

Picture = dict[str, tuple[int, ...]]  # by path relative to the folder


def picture(folder: str) -> Picture:
    """The state of everything in a folder that may be listed. Reading changes nothing of it, and any write does."""
    return {os.path.relpath(path, folder): _state(status) for path, status in _walk(folder)}


def _state(status: os.stat_result) -> tuple[int, ...]:
    size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
    return status.st_mode, size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _walk(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue  # the folder may be listed, and not entered
        yield entry.path, status
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(entry.path)


class Kept:
    """A folder and a copy of it as it was; `restore` makes them equal again."""

    def __init__(self, folder: str, copy: str) -> None:
        self.folder, self.copy = folder, copy
        shutil.copytree(folder, copy, symlinks=True)
        self.wanted = picture(folder)

    def restore(self) -> None:
        """Put back what was changed, removed or added."""
        self._open()
        found = picture(self.folder)
        for path in sorted(found.keys() - self.wanted.keys(), key=len):
            self._remove(path)
        for path in sorted(self.wanted, key=len):
            if found.get(path) != self.wanted[path]:
                self._put_back(path)
        now = picture(self.folder)
        self.wanted = {path: now[path] for path in self.wanted}

    def _open(self) -> None:
        """Let every folder be listed and written."""
        for place, folders, _ in os.walk(self.folder, topdown=True):
            for name in folders:
                path = os.path.join(place, name)
                if not os.path.islink(path) and os.lstat(path).st_mode & 0o700 != 0o700:
                    os.chmod(path, 0o700)

    def _remove(self, path: str) -> None:
        full = os.path.join(self.folder, path)
        if os.path.isdir(full) and not os.path.islink(full):
            shutil.rmtree(full)
        elif os.path.lexists(full):
            os.unlink(full)

    def _put_back(self, path: str) -> None:
        full, source = os.path.join(self.folder, path), os.path.join(self.copy, path)
        status = os.lstat(source)
        if stat.S_ISDIR(status.st_mode):
            if os.path.islink(full) or not os.path.isdir(full):
                self._remove(path)
                os.mkdir(full)
            os.chmod(full, stat.S_IMODE(status.st_mode))
            return
        self._remove(path)
        shutil.copy2(source, full, follow_symlinks=False)

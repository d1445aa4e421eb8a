"""Folders of repositories that are built once in each process of the tests, and copied wherever one is needed."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

Build = Callable[[Path], object]
_BUILT: dict[Build, tuple[Path, list[Path]]] = {}  # build -> (folder, its files that name it)


def copy_built(build: Build, folder: Path) -> None:
    """Fill an empty or new folder with what `build` makes of one, times and modes included.

    Files of git that name the folder where it was built name this one instead. The index of a work tree still has the
    inodes of the original: refresh it where that matters.
    """
    if build not in _BUILT:
        _BUILT[build] = _build(build)
    original, naming = _BUILT[build]
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", f"{original}/.", str(folder)], check=True)
    for path in naming:
        copied = folder / path.relative_to(original)
        copied.write_bytes(copied.read_bytes().replace(os.fsencode(original), _written(folder, copied.name)))


def _written(folder: Path, file: str) -> bytes:
    """A path as git writes it: quoted in a configuration, and in one line of a log."""
    name = os.fsencode(folder)
    if file != "config":
        return name.replace(b"\n", b" ")
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def _build(build: Build) -> tuple[Path, list[Path]]:
    above = Path(tempfile.mkdtemp(prefix="guardrails-built-"))
    atexit.register(_remove, above, os.getpid())
    folder = above / "a-folder-that-nothing-else-names"
    folder.mkdir()
    build(folder)
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return folder, [path for path in files if os.fsencode(folder) in path.read_bytes()]


def _remove(folder: Path, process: int) -> None:
    """Remove a folder at the end of the process that made it, and not of its children."""
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)

"""Running a command as somebody who may not do everything, and on disks that are not as they should be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def without_privileges() -> list[str]:
    """What runs a command as somebody who cannot read and write everything: root loses its capabilities."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv to give up what root may")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", "--"]


def tried_without_privileges(code: str, *arguments: object) -> str:
    """The last line that Python code says on its errors, when somebody runs it who may not do everything."""
    command = [*without_privileges(), sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.rstrip().rpartition("\n")[2]


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 64 kB in a new folder, for as long as the block runs."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "guardrails", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def on_a_small_disk(folder: Path, size: str) -> list[str]:
    """What runs a command that sees a small disk of its own in place of a folder, with the folder's files on it."""
    mount = f'cp -a "$0" "$0.aside" && mount -t tmpfs -o size={size} none "$0" && cp -a "$0.aside/." "$0" && exec "$@"'
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs to be root, and mount namespaces")
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", mount, str(folder)]

"""The worlds that drills are played in: built once for each place, and as they were built before each turn.

What is built names its own absolute path, so every turn of a place is played at the same one, which also spares most
turns the validation of their configuration.
"""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import sys
import tempfile

from guardrails.drills.snapshots import Snapshot
from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

    from guardrails.plugins.stages import Stage

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")  # of the caller's variables


def scratch() -> str:
    """A new folder for worlds, without links in its path. Raises CannotKnow when there is no place for one.

    It is made where TMPDIR says and nowhere else: falling back, as `tempfile` does, would litter another place.
    """
    place = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 -- a folder of ours alone is made in it
    try:
        return os.path.realpath(tempfile.mkdtemp(prefix="guardrails-drill-", dir=os.path.abspath(place)))
    except OSError as error:
        raise CannotKnow(f"no world can be built in {place}: {error.strerror}; set TMPDIR to another place") from None


class Place:
    """A folder in which one world stands at a time, and beside it what is kept from turn to turn."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def world(self, stage: Stage) -> str:
        """The folder of the stage's world, as it was built."""
        world = os.path.join(self.folder, stage.name)
        snapshot = Snapshot(world)
        if snapshot.is_taken():
            snapshot.restore()
        else:
            remove(world)  # what was half built
            build(stage, world)
            snapshot.take()
        return world

    def variables(self, world: str) -> dict[str, str]:
        """The environment of whoever acts in a world of this place; nothing of the caller's is judged."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return {
            **kept,
            "HOME": os.path.join(world, "home"),
            "XDG_CACHE_HOME": os.path.join(self.folder, "cache"),
            "TMPDIR": os.path.join(world, "tmp"),
            "PATH": os.pathsep.join((os.path.join(world, "bin"), kept.get("PATH", os.defpath))),
        }


def build(stage: Stage, folder: str) -> None:
    """Build a world in a new folder, whose `guardrails` is this one."""
    os.makedirs(folder)
    stage.build(folder)
    for name in ("home", "tmp", "bin"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    command = os.path.join(folder, "bin/guardrails")
    with open(command, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m guardrails "$@"\n')
    os.chmod(command, 0o700)


def remove(folder: str) -> None:
    """Remove a folder and all that is in it, whatever a drill made of its permissions."""
    if not os.path.lexists(folder):
        return
    for place, folders, _ in os.walk(folder):
        for name in folders:
            path = os.path.join(place, name)
            if not os.path.islink(path) and not os.access(path, os.R_OK | os.W_OK | os.X_OK):
                os.chmod(path, stat.S_IRWXU)
    shutil.rmtree(folder)


def end_strays(folder: str) -> None:
    """End every process that is at work in a folder, which is ours alone: what a drill started and did not end."""
    import psutil

    while strays := list(_at_work_in(folder)):
        for process in strays:
            try:
                process.kill()
            except psutil.Error:
                pass  # it has ended meanwhile, or is another's
        psutil.wait_procs(strays, timeout=1)


def _at_work_in(folder: str) -> Iterator[psutil.Process]:
    import psutil

    for process in psutil.process_iter():
        try:
            where = process.cwd()
            if process.pid != os.getpid() and f"{where}/".startswith(f"{folder}/") and not _is_corpse(process):
                yield process
        except psutil.Error:
            pass


def _is_corpse(process: psutil.Process) -> bool:
    import psutil

    return bool(process.status() == psutil.STATUS_ZOMBIE)

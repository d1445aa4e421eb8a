"""What a world looks like, so that nobody changes it unseen."""

from __future__ import annotations

import os
import stat
from fnmatch import fnmatch
from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_OUR_OWN = ("home/.local", "home/.cache", "tmp")  # the audit log, and what was worked out


def picture(folder: str) -> dict[str, str]:
    """The mode and content of everything in a world, by path, but for guardrails' own log and cache."""
    apart = {os.path.join(folder, name) for name in _OUR_OWN}
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if os.path.join(place, name) not in apart]
        for name in (*folders, *names):
            path = os.path.join(place, name)
            found[os.path.relpath(path, folder)] = describe_entry(path)
    return found


def changed(before: dict[str, str], after: dict[str, str], leaves: Iterable[str]) -> list[str]:
    """The paths that are not as they were, but for those that match one of the patterns."""
    differing = (path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return sorted(path for path in differing if not any(fnmatch(path, pattern) for pattern in leaves))


def describe_entry(path: str) -> str:
    """The mode of what is at a path, and what it holds: where a link leads, or the SHA-256 of a file."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return f"{status.st_mode:o} {os.readlink(path)}"
    if not stat.S_ISREG(status.st_mode):
        return f"{status.st_mode:o}"
    with open(path, "rb") as file:
        return f"{status.st_mode:o} {sha256(file.read()).hexdigest()}"

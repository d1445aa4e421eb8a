"""What the files of a repository say about where its parts lie, without running git (gitrepository-layout(5))."""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_LIMIT = 1 << 20  # bytes of a configuration


def find_git_dir(folder: str) -> str | None:
    """The git directory of the work tree whose top a folder is, or the folder itself when it is a bare one."""
    dot = os.path.join(folder, ".git")
    if os.path.isdir(dot):
        return dot
    if os.path.isfile(dot):
        name = _text(dot).partition("gitdir:")[2].strip()
        return os.path.normpath(os.path.join(folder, name)) if name else None
    bare = all(os.path.lexists(os.path.join(folder, name)) for name in ("HEAD", "objects", "refs"))
    return folder if bare else None


def find_repository(folder: str) -> tuple[str, str] | None:
    """The top and the git directory of the repository that git finds when it runs in a folder."""
    here = os.path.realpath(folder)
    while True:
        if found := find_git_dir(here):
            return here, found
        if os.path.dirname(here) == here:
            return None
        here = os.path.dirname(here)


def find_common_dir(git_dir: str) -> str:
    """The directory that all work trees share: where refs, stashes and objects are."""
    name = _text(os.path.join(git_dir, "commondir")).strip()
    return os.path.normpath(os.path.join(git_dir, name)) if name else git_dir


def read_setting(common: str, key: str) -> Iterator[str]:
    """The values of a key such as `core.hooksPath` or `remote.origin.url` in the repository's own configuration.

    The file is read line by line: a value that continues on another line is cut, and included files are not read.
    """
    section, _, name = key.rpartition(".")
    for file in ("config", "config.worktree"):
        yield from values_in(os.path.join(common, file), section, name)


def values_in(path: str, section: str, name: str) -> Iterator[str]:
    """The values of one key in one file in git's format."""
    main, _, sub = section.partition(".")
    inside = False
    for line in _text(path).split("\n"):
        if header := re.match(r'\s*\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\](.*)', line):
            inside = header[1].lower() == main.lower() and (header[2] or "") == sub
            line = header[3]
        if inside and (found := re.match(rf"\s*{re.escape(name)}\s*=\s*(.*?)\s*$", line, re.IGNORECASE)):
            yield found[1].strip('"')


def _text(path: str) -> str:
    """What a small file says, empty when there is none to read."""
    try:
        return read_bytes(path, _LIMIT).decode(errors="replace")
    except (CannotKnow, OSError):
        return ""

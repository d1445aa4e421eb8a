"""The moves of HEAD, or of a branch, that a reflog remembers (gitrepository-layout(5)).

Its messages, persons and times can be made up (GIT_REFLOG_ACTION, GIT_COMMITTER_DATE, git-reflog(1)). No message and no
person is read; a time is read where people want to see it, and where of two equal moves one is meant.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes
from guardrails.record import Record

LIMIT = 64 * 1024 * 1024  # bytes; half a million moves of HEAD
_HEX = frozenset("0123456789abcdef")


class Entry(Record):
    """One line: from which commit to which, empty for none, and when by the clock of whoever moved it, in seconds since
    the epoch.
    """

    old: str
    new: str
    at: int


def read_moves(git_dir: str, commit: str) -> list[tuple[str, str]] | None:
    """Each move of HEAD, from one commit to another, the last one last; zeros stand for none. None without a reflog.

    `commit` is the id of any commit, which tells how long ids are. Raises CannotKnow for a reflog that is damaged.
    """
    try:
        data = read_bytes(os.path.join(git_dir, "logs", "HEAD"), LIMIT)
    except FileNotFoundError:
        return None
    return [_move(line, "HEAD", git_dir, len(commit)) for line in data.removesuffix(b"\n").split(b"\n")] if data else []


def _move(line: bytes, name: str, folder: str, length: int) -> tuple[str, str]:
    old, _, rest = line.partition(b" ")
    ends = old.decode("ascii", "replace"), rest[: len(old)].decode("ascii", "replace")
    if any(len(end) != length or not _HEX.issuperset(end) for end in ends):
        raise CannotKnow(f"the reflog of {name} in {folder} is damaged")
    return ends


def read_reflog(folder: str, name: str) -> list[bytes] | None:
    """The lines of the reflog of HEAD or of a ref by its full name, without their newlines. None without a reflog.

    `folder` is the git directory, for a branch the common one. Raises CannotKnow when it cannot be read.
    """
    try:
        data = read_bytes(os.path.join(folder, "logs", name), LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return data.removesuffix(b"\n").split(b"\n") if data else []


def entry(line: bytes, name: str, folder: str, length: int) -> Entry:
    """What one line says. Raises CannotKnow for a line that git does not write."""
    old, new = _move(line, name, folder, length)
    after = line[2 * length + 1 :].partition(b"> ")[2].partition(b" ")[0]  # as git looks for it: no person holds a >
    if not after.isdigit() or len(after) > 11 or line[2 * length + 1 : 2 * length + 2] != b" ":
        raise CannotKnow(f"the reflog of {name} in {folder} is damaged")
    return Entry(old if old.strip("0") else "", new if new.strip("0") else "", int(after))


def commits_of_moves(found: list[tuple[str, str]]) -> list[str]:
    """Every commit that HEAD ever was, once, by the last time that it was there."""
    seen: dict[str, None] = {}
    for commit in (end for move in found for end in move if end.strip("0")):
        seen.pop(commit, None)
        seen[commit] = None
    return list(seen)

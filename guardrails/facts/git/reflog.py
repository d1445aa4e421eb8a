"""The moves of HEAD that its reflog remembers (gitrepository-layout(5)).

Its messages can be made up (GIT_REFLOG_ACTION, git-reflog(1)), so only the commits of each line are read.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes

LIMIT = 64 * 1024 * 1024  # bytes; half a million moves of HEAD
_HEX = frozenset("0123456789abcdef")


def read_moves(git_dir: str, commit: str) -> list[tuple[str, str]] | None:
    """Each move of HEAD, from one commit to another, the last one last; zeros stand for none. None without a reflog.

    `commit` is the id of any commit, which tells how long ids are. Raises CannotKnow for a reflog that is damaged.
    """
    try:
        data = read_bytes(os.path.join(git_dir, "logs", "HEAD"), LIMIT)
    except FileNotFoundError:
        return None
    return [_move(line, git_dir, len(commit)) for line in data.removesuffix(b"\n").split(b"\n")] if data else []


def _move(line: bytes, git_dir: str, length: int) -> tuple[str, str]:
    old, _, rest = line.partition(b" ")
    ends = old.decode("ascii", "replace"), rest[: len(old)].decode("ascii", "replace")
    if any(len(end) != length or not _HEX.issuperset(end) for end in ends):
        raise CannotKnow(f"the reflog of HEAD in {git_dir} is damaged")
    return ends


def commits_of_moves(found: list[tuple[str, str]]) -> list[str]:
    """Every commit that HEAD ever was, once, by the last time that it was there."""
    seen: dict[str, None] = {}
    for commit in (end for move in found for end in move if end.strip("0")):
        seen.pop(commit, None)
        seen[commit] = None
    return list(seen)

"""What moving a checkout from one commit to another does to the files that are there (git-reset(1), git-merge(1))."""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.git.reader import complaint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from guardrails.facts.git.reader import Repository
    from guardrails.facts.worktree.worktree import Worktree

_TRACKED = ("staged", "modified", "conflict", "flagged", "converted")  # kinds of change that a reset destroys


def require_own_tree(path: str, top: str) -> None:
    """Raise CannotKnow when git looks at, and would change, another folder than that of the repository."""
    if os.path.realpath(top) != path:
        raise CannotKnow(f"git takes {top} for the work tree of {path}; unset core.worktree in its configuration")


def list_local_changes(worktree: Worktree) -> tuple[str, ...]:
    """The tracked paths whose content on disk or in the index is nowhere else."""
    return tuple(dict.fromkeys(change.path for change in worktree.changes if change.kind in _TRACKED))


async def compare_commits(git: Repository, old: str, new: str, objects: str | None = None) -> tuple[set[str], set[str]]:
    """The paths that differ between two commits, and those of them that only the new one has."""
    listing = await git.run("diff-tree", "-r", "-z", "--no-renames", "--name-status", old, new, also_objects_of=objects)
    fields = os.fsdecode(listing).split("\0")[:-1]
    pairs = list(zip(fields[0::2], fields[1::2], strict=True))
    return {path for _, path in pairs}, {path for status, path in pairs if status == "A"}


async def find_in_the_way(git: Repository, added: Iterable[str]) -> dict[str, bool]:
    """The paths that a commit adds and that are on disk already: path -> whether it is ignored.

    A file where a folder is to be stands in the way of everything below it. git overwrites ignored files without a
    word, and a hard reset the others too.
    """
    there = sorted(set(filter(None, (_obstacle(git.path, path) for path in added))))
    if not there:
        return {}
    wanted = b"".join(b"./" + os.fsencode(path) + b"\0" for path in there)  # a leading colon would be magic
    done = await git.attempt("check-ignore", "-z", "--stdin", stdin=wanted)
    if done.status > 1 or done.stderr:
        raise CannotKnow(f"git check-ignore in {git.path}: {complaint(done)}")
    ignored = {path.removeprefix("./") for path in os.fsdecode(done.stdout).split("\0")}
    return {path: path in ignored for path in there}


def _obstacle(top: str, path: str) -> str:
    """What is on disk at a path, or at the first folder of it that is a file; an empty string for nothing."""
    names = path.split("/")
    for length in range(1, len(names) + 1):
        part = "/".join(names[:length])
        place = os.path.join(top, part)
        if not os.path.lexists(place):
            return ""
        if length == len(names) or os.path.islink(place) or not os.path.isdir(place):
            return part
    return ""


def sets_branch(steps: Iterable[str]) -> bool:
    """Whether a step sets a branch to a commit, wherever it was, as `git checkout -B` does."""
    return any(re.search(r"\bgit\b.*\b(checkout|switch|branch)\b.*\s-(B|C|f)\b", step) for step in steps)


def behind_a_link(top: str, path: str, seen: dict[str, bool]) -> bool:
    """Whether a folder on the way to a path is a link: then it is not this work tree that has what is there.

    `seen` spares looking at one folder twice.
    """
    folder = os.path.dirname(path)
    if folder and folder not in seen:
        seen[folder] = os.path.islink(os.path.join(top, folder)) or behind_a_link(top, folder, seen)
    return bool(folder) and seen[folder]


def literal_pattern(branch: str) -> str:
    """The name of a branch as a pattern of git that takes it alone. Raises CannotKnow for one that would take more."""
    if any(sign in branch for sign in "*?[\\"):
        raise CannotKnow(f"the branch {branch} cannot be told from a pattern")
    return branch


def list_below(top: str, path: str) -> Iterator[str]:
    """The path itself, or, of a folder, every file, link and repository in it; all as seen from the top."""
    place = os.path.join(top, path.rstrip("/"))
    if os.path.islink(place) or not os.path.isdir(place):
        yield path.rstrip("/")
        return
    for folder, folders, names in os.walk(place):
        if ".git" in (*folders, *names):
            yield os.path.relpath(folder, top)
            folders.clear()
            continue
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        yield from (os.path.relpath(os.path.join(folder, name), top) for name in (*names, *links))

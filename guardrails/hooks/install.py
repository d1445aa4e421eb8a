"""Putting a stub where git looks for it, and taking it away again.

A hook that is there already is kept beside the stub, as `<kind>.guardrails-chained`, and runs after it. There is no
moment without a hook: the old one gets its second name first, and is then replaced in one step. Where a manager of
hooks has put its own over ours, the newer of its hooks takes the place of the older one.
"""

from __future__ import annotations

import os

from guardrails.errors import UsageError
from guardrails.facts.hooks.managers import LEGACY, OLD, advice, manager_of, removes_others
from guardrails.facts.hooks.places import (
    CHAINED,
    conflict,
    find_obstacle,
    is_ours,
    is_same,
    is_shown,
    place_of_ours,
    read_beginning,
)
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.hooks import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.guards import Guard


def require_room(repo: str, kind: str, *, apart: bool) -> None:
    """Raise UsageError where a hook could not be installed, or could not be taken off again later."""
    for path, folder in places.find_hook_paths(repo, kind).items():
        if in_the_way := run_to_end(find_obstacle(folder, path, os.environ, apart=apart)):
            raise UsageError(f"{in_the_way.why}; give this one its own first: {in_the_way.way_out}")
        ours = place_of_ours(path)
        if why := conflict(ours, read_beginning(ours)):
            raise UsageError(why)


def install(repo: str, guard: Guard) -> Iterator[str]:
    """Install the first stub of a guard for each work tree, where there is room for it, and say what was done."""
    for path in map(place_of_ours, places.find_hook_paths(repo, guard.kind)):
        earlier = read_beginning(path)
        kept = earlier is not None and not is_ours(earlier)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if kept and not is_same(path, path + CHAINED):
            _keep(path)
        _write(path, guard.stubs[0].text)
        _remove_displaced(path)
        yield f"{'brought up to date' if earlier is not None and not kept else 'installed'} {path}"
        yield from _consequences(repo, path, guard.remedy)


def uninstall(repo: str, kind: str) -> Iterator[str]:
    """Take the stubs away, restore what they replaced, and say so. Raises UsageError for hooks of somebody else."""
    for path in places.find_hook_paths(repo, kind):
        there, kept = read_beginning(path), read_beginning(path + CHAINED)
        if place_of_ours(path) != path:
            yield _take_from_pre_commit(path, kept)
        elif there is not None and not is_ours(there):
            yield from _take_from_manager(path, there, kept)
        elif kept is not None:
            os.replace(path + CHAINED, path)
            yield f"restored {path}"
        elif there is not None:
            os.unlink(path)
            yield f"removed {path}"
        else:
            yield f"nothing to remove: there is no {path}"
        _remove_displaced(path)


def _take_from_pre_commit(path: str, kept: bytes | None) -> str:
    """Leave pre-commit what it would have without us, and say so: the hook of somebody else to run first, or none."""
    if kept is not None and manager_of(kept) != "pre-commit":
        os.replace(path + CHAINED, path + LEGACY)
        return f"restored {path}{LEGACY}"
    os.unlink(path + LEGACY)
    if kept is not None:
        os.unlink(path + CHAINED)
    return f"removed {path}{LEGACY}, and left {path} as pre-commit wrote it"


def _take_from_manager(path: str, there: bytes, kept: bytes | None) -> Iterator[str]:
    """Leave the hook of a manager that came later, and take away the older one that we had kept."""
    manager = manager_of(there)
    if manager is None or (kept is not None and manager_of(kept) != manager):
        beside = f"; {path}{CHAINED} is what guardrails had kept" if kept is not None else ""
        raise UsageError(f"{path} is not from guardrails, so it is left as it is{beside}")
    if kept is not None:
        os.unlink(path + CHAINED)
    yield f"left {path} as {manager} wrote it"


def _keep(path: str) -> None:
    """Give the hook that is there its second name, in the place of one that its manager wrote earlier."""
    half = f"{path}{CHAINED}.{os.urandom(4).hex()}"
    os.link(path, half, follow_symlinks=False)
    os.replace(half, path + CHAINED)


def _remove_displaced(path: str) -> None:
    """Remove what managers have put aside of ours: it is out of date wherever it is not the hook itself."""
    for beside in (f"{path}{LEGACY}", f"{path}{OLD}"):
        if is_ours(read_beginning(beside) or b"") and not os.path.islink(beside):
            os.unlink(beside)


def _consequences(repo: str, path: str, line: str) -> Iterator[str]:
    """What to know about the other hooks there when one is installed."""
    if path.endswith(LEGACY):
        yield "pre-commit has put it there, and runs it first"
    if places.in_work_tree(repo, path) and run_to_end(is_shown(repo, path, os.environ)):
        yield "it lies in the work tree, where core.hooksPath leads, so git status shows it"
    kept = read_beginning(path + CHAINED)
    if kept is not None:
        yield f"the hook that was there runs after it, and is kept as {path}{CHAINED}"
    manager = manager_of(kept or b"") or ("simple-git-hooks" if removes_others(repo) else None)
    if manager:
        yield advice(manager, line)


def _write(path: str, text: bytes) -> None:
    half = f"{path}.{os.urandom(4).hex()}"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o755)
    try:
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o755)  # whatever the umask is: git skips a hook that it may not run
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.replace(half, path)
    finally:
        if os.path.lexists(half):
            os.unlink(half)

"""Putting a stub where git looks for it, and taking it away again.

A hook that is there already is kept beside the stub, as `<kind>.guardrails-chained`, and runs after it. There is no
moment without a hook: the old one gets its second name first, and is then replaced in one step.
"""

from __future__ import annotations

import os
import stat

from guardrails.errors import UsageError
from guardrails.hooks import places
from guardrails.hooks.stubs import CHAINED, is_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


_BEGINNING = 1 << 20  # bytes; more than any stub has


def install(repo: str, kind: str, text: str) -> Iterator[str]:
    """Install a stub for each work tree, and say what was done. Raises UsageError where that cannot be undone later."""
    paths = _paths(repo, kind)
    for path in paths:
        _check(path)
    for path in paths:
        earlier = content(path)
        kept = earlier is not None and not is_ours(earlier)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if kept and not _same(path, path + CHAINED):
            os.link(path, path + CHAINED, follow_symlinks=False)
        _write(path, text)
        yield f"{'brought up to date' if earlier is not None and not kept else 'installed'} {path}"
        if places.in_work_tree(repo, path):
            yield "it lies in the work tree, where core.hooksPath leads, so git status shows it"
        if os.path.lexists(path + CHAINED):
            yield f"the hook that was there runs after it, and is kept as {path}{CHAINED}"


def uninstall(repo: str, kind: str) -> Iterator[str]:
    """Take the stubs away, restore what they replaced, and say so. Raises UsageError for hooks of somebody else."""
    for path in _paths(repo, kind):
        there, kept = content(path), os.path.lexists(path + CHAINED)
        if there is not None and not is_ours(there):
            beside = f"; {path}{CHAINED} is what guardrails had kept" if kept else ""
            raise UsageError(f"{path} is not from guardrails, so it is left as it is{beside}")
        if kept:
            os.replace(path + CHAINED, path)
            yield f"restored {path}"
        elif there is not None:
            os.unlink(path)
            yield f"removed {path}"
        else:
            yield f"nothing to remove: there is no {path}"


def content(path: str) -> bytes | None:
    """How a hook begins, links followed; None when there is nothing of that name, empty when it is no file."""
    if not os.path.lexists(path):
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # nobody may write to a pipe
    except FileNotFoundError:
        return b""  # a dangling link is somebody's all the same
    try:
        return os.read(descriptor, _BEGINNING) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    finally:
        os.close(descriptor)


def _paths(repo: str, kind: str) -> list[str]:
    """The paths of a hook in all work trees, each once. Raises UsageError when other repositories use them too."""
    folders = places.work_trees(repo)
    for folder in folders:
        if places.is_shared(folder):
            raise UsageError(
                f"core.hooksPath of the user or machine leads the hooks of {folder} to a folder that others use too; "
                f"give this one its own first: git -C {folder} config core.hooksPath FOLDER"
            )
    return list(dict.fromkeys(places.hook_path(folder, kind) for folder in folders))


def _check(path: str) -> None:
    """Raise UsageError when a hook is there that could not be kept beside the stub."""
    there = content(path)
    if there is None or is_ours(there):
        return
    if not stat.S_ISREG(os.lstat(path).st_mode) and not os.path.islink(path):
        raise UsageError(f"{path} is neither a file nor a link; move it away first")
    if os.path.lexists(path + CHAINED) and not _same(path, path + CHAINED):
        raise UsageError(f"{path} and {path}{CHAINED} are both there, and neither is from guardrails; move one away")


def _same(path: str, other: str) -> bool:
    """Whether two names are of one file, as an interrupted installation leaves them."""
    return os.path.lexists(other) and os.path.samestat(os.lstat(path), os.lstat(other))


def _write(path: str, text: str) -> None:
    half = f"{path}.{os.urandom(4).hex()}"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o755)
    try:
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o755)  # whatever the umask is: git skips a hook that it may not run
            file.write(os.fsencode(text))
            file.flush()
            os.fsync(descriptor)
        os.replace(half, path)
    finally:
        if os.path.lexists(half):
            os.unlink(half)

"""What is in a work tree, and a rescue of it made with plain git."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from dirty.dirty_repository import git


def save(repo: Path, name: str = "20260201T100000Z") -> str:
    """Make `refs/rescue/NAME` of every file that git does not ignore, and of the index; give the ref."""
    scratch = {"GIT_INDEX_FILE": str(repo / ".git/rescue-index")}
    git(repo, "add", "--all", env=scratch)
    on_disk = git(repo, "write-tree", env=scratch)
    (repo / ".git/rescue-index").unlink()
    tree = git(
        repo,
        "mktree",
        stdin=f"040000 tree {git(repo, 'write-tree')}\tindex\n040000 tree {on_disk}\tworktree\n".encode(),
    )
    made = git(repo, "commit-tree", "-m", "rescue", "-p", "HEAD", tree)
    git(repo, "update-ref", f"refs/rescue/{name}", made)
    return f"refs/rescue/{name}"


def contents(folder: Path) -> dict[str, tuple[str, int, bytes]]:
    """Every file and link below a folder: its kind, permission bits and bytes."""
    found = {}
    for place, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in (*names, *[one for one in folders if os.path.islink(os.path.join(place, one))]):
            path = Path(place, name)
            status = path.lstat()
            link = stat.S_ISLNK(status.st_mode)
            data = os.fsencode(os.readlink(path)) if link else path.read_bytes()
            kind, bits = ("link", 0) if link else ("file", stat.S_IMODE(status.st_mode))
            found[str(path.relative_to(folder))] = (kind, bits, data)
    return found

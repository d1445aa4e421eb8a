"""Save the work in a repository as a rescue, with plain git."""

from __future__ import annotations

from pathlib import Path

from dirty_repository import git


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

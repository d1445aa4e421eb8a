"""Dirt that is not in a file: operations under way, locks, replaced objects, sparse work trees."""

from __future__ import annotations

from pathlib import Path

from dirty.dirty_repository import case, cases_in, commit, configure, git, try_git

# Operations under way while the work tree is that of HEAD


def _side(repo: Path) -> None:
    """A branch `side` with an edit that conflicts with the next commit of `main`."""
    git(repo, "checkout", "-qb", "side")
    (repo / "other.txt").write_text("theirs\n")
    commit(repo, "Theirs")
    git(repo, "checkout", "-q", "main")
    (repo / "other.txt").write_text("ours\n")
    commit(repo, "Ours")


def _as_head(repo: Path) -> None:
    git(repo, "checkout", "-q", "HEAD", "--", ".")


@case("operation", fools=True)
def merge_under_way(repo: Path) -> None:
    _side(repo)
    git(repo, "merge", "-q", "--no-commit", "--strategy=ours", "side")


@case("operation", fools=True)
def cherry_pick_under_way(repo: Path) -> None:
    _side(repo)
    try_git(repo, "cherry-pick", "side")
    _as_head(repo)


@case("operation", fools=True)
def revert_under_way(repo: Path) -> None:
    _side(repo)
    (repo / "other.txt").write_text("ours again\n")
    commit(repo)
    try_git(repo, "revert", "--no-edit", "HEAD~1")
    _as_head(repo)


@case("operation", fools=True)
def series_of_picks_under_way(repo: Path) -> None:
    _side(repo)
    git(repo, "checkout", "-q", "side")
    (repo / "README.md").write_text("theirs\n")
    commit(repo)
    git(repo, "checkout", "-q", "main")
    try_git(repo, "cherry-pick", "side~1", "side")
    git(repo, "reset", "-q", "--hard")
    (repo / ".git/CHERRY_PICK_HEAD").unlink(missing_ok=True)
    assert (repo / ".git/sequencer").is_dir()


@case("operation", fools=True)
def rebase_under_way(repo: Path) -> None:
    _side(repo)
    try_git(repo, "rebase", "side")
    _as_head(repo)


@case("operation", fools=True)
def rebase_by_patches_under_way(repo: Path) -> None:
    _side(repo)
    try_git(repo, "rebase", "--apply", "side")
    _as_head(repo)


@case("operation", fools=True)
def bisect_under_way(repo: Path) -> None:
    git(repo, "bisect", "start", "HEAD", "HEAD~1")


@case("operation", fools=True)
def am_under_way(repo: Path) -> None:
    _side(repo)
    patch = git(repo, "format-patch", "--stdout", "-1", "side")
    try_git(repo, "am", stdin=patch.encode() + b"\n")
    _as_head(repo)


# Locks that a crash left behind


def _lock(repo: Path, name: str) -> None:
    path = repo / ".git" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")


@case("lock", fools=True)
def lock_of_the_index(repo: Path) -> None:
    _lock(repo, "index.lock")


@case("lock", fools=True)
def lock_of_head(repo: Path) -> None:
    _lock(repo, "HEAD.lock")


@case("lock", fools=True)
def lock_of_the_packed_refs(repo: Path) -> None:
    _lock(repo, "packed-refs.lock")


@case("lock", fools=True)
def lock_of_the_configuration(repo: Path) -> None:
    _lock(repo, "config.lock")


@case("lock", fools=True)
def lock_of_the_branch(repo: Path) -> None:
    _lock(repo, "refs/heads/main.lock")


@case()
def branch_whose_name_holds_lock(repo: Path) -> None:
    git(repo, "branch", "lock")
    git(repo, "branch", "pad.locks/x.lockfile")


# Objects that are not what their id says


@case("replaced", also=("modified", "staged"), fools=True)
def replaced_tree(repo: Path) -> None:
    tree = git(repo, "rev-parse", "HEAD^{tree}")
    (repo / "README.md").write_text("another\n")
    git(repo, "add", "README.md")
    git(repo, "replace", tree, git(repo, "write-tree"))
    git(repo, "reset", "-q", "--hard")


@case("replaced", also=("modified", "staged"), fools=True)
def replaced_commit(repo: Path) -> None:
    head = git(repo, "rev-parse", "HEAD")
    (repo / "README.md").write_text("another\n")
    git(repo, "replace", head, commit(repo))
    git(repo, "reset", "-q", "--hard", head)
    assert git(repo, "rev-parse", "HEAD", "upstream/main") == f"{head}\n{head}"


@case("replaced", also=("modified", "staged", "converted"))
def replaced_blob(repo: Path) -> None:
    blob = git(repo, "rev-parse", "HEAD:README.md")
    git(repo, "replace", blob, git(repo, "hash-object", "-w", "--stdin", stdin=b"another\n"))
    (repo / "README.md").unlink()
    git(repo, "checkout", "-q", "HEAD", "--", "README.md")
    assert (repo / "README.md").read_text() == "another\n"


@case("replaced", fools=True)
def replaced_commit_without_other_bytes(repo: Path) -> None:
    git(repo, "replace", "--graft", "HEAD")
    git(repo, "pack-refs", "--all")


@case()
def grafts(repo: Path) -> None:
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/grafts").write_text(git(repo, "rev-parse", "HEAD") + "\n")


# Parts of the tree left out


@case("sparse", also=("flagged",), fools=True)
def sparse_checkout(repo: Path) -> None:
    git(repo, "sparse-checkout", "set", "--no-cone", "/*", "!/docs")


@case("sparse", also=("flagged",), fools=True)
def sparse_checkout_of_folders(repo: Path) -> None:
    git(repo, "sparse-checkout", "set", "--cone", "dist")


@case("sparse", also=("flagged",), fools=True)
def sparse_index(repo: Path) -> None:
    git(repo, "sparse-checkout", "set", "--cone", "--sparse-index", "dist")


@case("sparse|flagged", "flagged|modified", also=("sparse", "modified"), path="docs/guide.md", fools=True)
def edit_outside_of_the_sparse_patterns(repo: Path) -> None:
    configure(repo, sparse__expectFilesOutsideOfPatterns="true")
    sparse_checkout.build(repo)
    (repo / "docs").mkdir()
    (repo / "docs/guide.md").write_text("edited\n")


METADATA = cases_in(globals())

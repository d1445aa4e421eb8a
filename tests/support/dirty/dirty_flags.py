"""Edits that a flag in the index hides, paths in conflict, and what looks dirty but is not."""

from __future__ import annotations

import os
from pathlib import Path

from dirty.dirty_repository import OLD, case, cases_in, commit, configure, git, make_old, settle, try_git

# Flags that stop git from looking


@case("flagged", also=("modified",), path="README.md", fools=True)
def assume_unchanged_edit(repo: Path) -> None:
    git(repo, "update-index", "--assume-unchanged", "README.md")
    (repo / "README.md").write_text("edited\n")


@case("flagged", also=("modified",), path="README.md", fools=True)
def assume_unchanged_edit_of_the_same_size_and_time(repo: Path) -> None:
    git(repo, "update-index", "--assume-unchanged", "README.md")
    (repo / "README.md").write_text("HELLO, WORLD\n")
    make_old(repo / "README.md")


@case("flagged", also=("modified",), path="README.md", fools=True)
def assume_unchanged_delete(repo: Path) -> None:
    git(repo, "update-index", "--assume-unchanged", "README.md")
    (repo / "README.md").unlink()


@case("flagged", also=("modified",), path="run.sh", fools=True)
def assume_unchanged_mode(repo: Path) -> None:
    git(repo, "update-index", "--assume-unchanged", "run.sh")
    (repo / "run.sh").chmod(0o644)


@case("flagged", also=("modified",), path="link", fools=True)
def assume_unchanged_link_pointing_elsewhere(repo: Path) -> None:
    git(repo, "update-index", "--assume-unchanged", "link")
    (repo / "link").unlink()
    (repo / "link").symlink_to("other.txt")


@case("flagged", also=("modified",), path="README.md", fools=True)
def skip_worktree_edit(repo: Path) -> None:
    git(repo, "update-index", "--skip-worktree", "README.md")
    (repo / "README.md").write_text("edited\n")


@case("flagged|sparse", also=("modified",), path="README.md", fools=True)
def skip_worktree_delete(repo: Path) -> None:
    git(repo, "update-index", "--skip-worktree", "README.md")
    (repo / "README.md").unlink()


@case("flagged", also=("modified",), path="README.md", fools=True)
def both_flags_edit(repo: Path) -> None:
    git(repo, "update-index", "--assume-unchanged", "README.md")
    skip_worktree_edit.build(repo)


@case("flagged", also=("modified",), path="README.md", fools=True)
def ignore_stat_then_checkout_then_edit(repo: Path) -> None:
    configure(repo, core__ignoreStat="true")
    (repo / "README.md").unlink()
    git(repo, "checkout", "-q", "--", "README.md")
    (repo / "README.md").write_text("edited\n")


@case()
def assume_unchanged_without_an_edit(repo: Path) -> None:
    git(repo, "update-index", "--assume-unchanged", "README.md", "link", "run.sh", "docs/guide.md")


@case()
def skip_worktree_without_an_edit(repo: Path) -> None:
    git(repo, "update-index", "--skip-worktree", "README.md", "link", "run.sh", "docs/guide.md")


# Paths in conflict


@case("conflict", "operation", also=("staged", "modified"), path="README.md")
def merge_conflict(repo: Path) -> None:
    git(repo, "checkout", "-qb", "side", "HEAD~1")
    (repo / "README.md").write_text("Their greeting\n")
    commit(repo)
    git(repo, "checkout", "-q", "main")
    try_git(repo, "merge", "-q", "side")


@case("conflict", "operation", also=("staged", "modified"), path="README.md")
def conflict_of_an_edit_with_a_deletion(repo: Path) -> None:
    git(repo, "checkout", "-qb", "side", "HEAD~1")
    git(repo, "rm", "-q", "README.md")
    git(repo, "commit", "-qm", "Delete")
    git(repo, "checkout", "-q", "main")
    try_git(repo, "merge", "-q", "side")


@case("conflict", also=("staged", "modified"), path="README.md")
def conflict_of_a_stash_without_an_operation(repo: Path) -> None:
    (repo / "README.md").write_text("stashed\n")
    git(repo, "stash", "-q")
    (repo / "README.md").write_text("committed\n")
    commit(repo)
    try_git(repo, "stash", "pop", "-q")


# What looks dirty and is not


@case()
def nothing_at_all(repo: Path) -> None:
    pass


@case()
def touched_file(repo: Path) -> None:
    os.utime(repo / "README.md", (OLD + 5, OLD + 5))


@case()
def rewritten_with_the_same_bytes(repo: Path) -> None:
    content = (repo / "README.md").read_bytes()
    (repo / "README.md").unlink()
    (repo / "README.md").write_bytes(content)


@case()
def stash_entries(repo: Path) -> None:
    (repo / "README.md").write_text("edited\n")
    git(repo, "stash", "-q")
    settle(repo)


@case()
def empty_folders(repo: Path) -> None:
    (repo / "empty/deeper").mkdir(parents=True)


@case()
def private_permissions(repo: Path) -> None:
    (repo / "README.md").chmod(0o600)


@case()
def ignored_folder_with_rules_and_a_repository_inside(repo: Path) -> None:
    (repo / "dist/.gitignore").write_text("*\n")
    git(repo / "dist", "init", "-q", "--template=", "inner")
    (repo / "dist/inner/file").write_text("inner\n")
    commit(repo / "dist/inner")


@case()
def ignored_by_a_tracked_rule_in_a_subfolder(repo: Path) -> None:
    (repo / "docs/.gitignore").write_text("build/\n*.pdf\n!kept.pdf\n")
    commit(repo)
    (repo / "docs/build").mkdir()
    (repo / "docs/build/page.html").write_text("built\n")
    (repo / "docs/guide.pdf").write_bytes(b"%PDF\n")


FLAGS = cases_in(globals())

"""The layout that is read from files is the one that git tells, or there is none; a wrong one counts for nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.layout import layout_of, likely_layout
from guardrails.testing import gather, world

Change = Callable[[Path], object]


def loose(repo: Path) -> None:
    """As it is made."""


def packed(repo: Path) -> None:
    git(repo, "pack-refs", "--all", "--prune")


def detached(repo: Path) -> None:
    git(repo, "switch", "-q", "--detach")


def packed_among_others(repo: Path) -> None:
    for name in ("a/main", "main2", "z-main"):
        git(repo, "branch", name)
    packed(repo)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    repo = tmp_path / "repo"
    git(tmp_path, "init", "-q", "-b", "main", "--template=", str(repo))
    for subject in ("First", "Second"):
        git(repo, "commit", "-qm", subject, "--allow-empty")
    return repo


def told(repo: Path) -> Checkout:
    return gather(Checkout, world(repo))


@pytest.mark.parametrize("change", [loose, packed, detached, packed_among_others])
def test_a_plain_repository_is_as_likely(repo: Path, change: Change) -> None:
    change(repo)
    assert likely_layout(str(repo)) == layout_of(told(repo))


def linked(repo: Path) -> Path:
    git(repo, "worktree", "add", "-q", str(repo.parent / "linked"), "HEAD")
    return repo.parent / "linked"


def moved_git_dir(repo: Path) -> Path:
    (repo / ".git").rename(repo.parent / "elsewhere")
    (repo / ".git").write_text(f"gitdir: {repo.parent}/elsewhere\n")
    return repo


def unborn(repo: Path) -> Path:
    git(repo, "switch", "-q", "--orphan", "other")
    return repo


def led_on(repo: Path) -> Path:
    (repo / ".git/refs/heads/main").write_text("ref: refs/heads/other\n")
    return repo


def garbage(repo: Path) -> Path:
    (repo / ".git/refs/heads/main").write_text("zz" * 20)
    return repo


def a_pipe(repo: Path) -> Path:
    (repo / ".git/HEAD").unlink()
    os.mkfifo(repo / ".git/HEAD")
    return repo


@pytest.mark.parametrize("change", [linked, moved_git_dir, unborn, led_on, garbage, a_pipe])
def test_nothing_is_likely_of_others(repo: Path, change: Callable[[Path], Path]) -> None:
    assert likely_layout(str(change(repo))) is None

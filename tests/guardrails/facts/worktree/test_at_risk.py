"""Two looks at what stands in a work tree differ whenever anything was written in between that a step could take."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.facts.worktree.at_risk import Standing
from guardrails.testing import gather, world
from worlds.two_repositories import Repositories


def link_elsewhere(repo: Path) -> None:
    (repo / "link").unlink()
    (repo / "link").symlink_to("b")


def become_a_fifo(repo: Path) -> None:
    (repo / "mine").unlink()
    os.mkfifo(repo / "mine")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a clean file is edited": lambda repo: (repo / "first.txt").write_text("edited\n"),
    "a clean file is edited, as long as before": lambda repo: (repo / "first.txt").write_text("First\n"),
    "a clean file is removed": lambda repo: os.remove(repo / "first.txt"),
    "a dirty file is edited again": lambda repo: (repo / "second.txt").write_text("2 again\n"),
    "a dirty file is edited, as long as before": lambda repo: (repo / "second.txt").write_text("2 DIRTY\n"),
    "a flagged file is edited": lambda repo: (repo / "flagged.txt").write_text("edited\n"),
    "an untracked file is edited": lambda repo: (repo / "mine").write_text("edited\n"),
    "an untracked file appears": lambda repo: (repo / "new").write_text("new\n"),
    "an untracked link leads elsewhere": link_elsewhere,
    "a file that every rule ignores appears in the way": lambda repo: (repo / "target.log").write_text("edited\n"),
    "a permission is taken": lambda repo: os.chmod(repo / "mine", 0o600),
    "a file is staged": lambda repo: git(repo, "add", "second.txt"),
    "a file becomes a FIFO": become_a_fifo,
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with a clean file, a dirty one, a flagged one, an untracked one, and a target with another one."""
    prod = Repositories(tmp_path).prod
    (prod / "flagged.txt").write_text("flagged\n")
    git(prod, "add", "flagged.txt")
    git(prod, "commit", "-qm", "flagged")
    git(prod, "checkout", "-q", "-b", "target")
    (prod / "target.log").write_text("theirs\n")
    git(prod, "add", "-f", "target.log")
    git(prod, "commit", "-qm", "target")
    git(prod, "checkout", "-q", "main")
    git(prod, "update-index", "--assume-unchanged", "flagged.txt")
    (prod / "second.txt").write_text("2 dirty\n")
    (prod / "mine").write_text("mine\n")
    (prod / "link").symlink_to("a")
    return prod


def seen(repo: Path) -> Standing:
    return gather(Standing, world(repo), git(repo, "rev-parse", "target"))


def test_two_looks_at_the_same_are_the_same_and_change_nothing(repo: Path) -> None:
    before = snapshot(repo)

    assert seen(repo) == seen(repo)
    assert set(seen(repo).paths) == {"second.txt", "mine", "link", "flagged.txt"}
    assert snapshot(repo) == before


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_written_in_between_shows(repo: Path, what: str) -> None:
    before = seen(repo)
    CHANGES[what](repo)

    assert seen(repo) != before


def test_what_no_step_could_take_does_not_matter(repo: Path) -> None:
    before = seen(repo)
    (repo / "server.log").write_text("ignored, and nowhere in the way\n")

    assert seen(repo) == before

"""What was asked of git too early, on a layout that is another, counts for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.git.layout import likely_layout
from guardrails.facts.worktree import questions
from guardrails.facts.worktree.worktree import Worktree
from guardrails.testing import gather, world


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    repo = tmp_path / "repo"
    git(tmp_path, "init", "-q", "-b", "main", "--template=", str(repo))
    git(repo, "commit", "-qm", "First", "--allow-empty")
    return repo


def test_a_guess_that_git_does_not_share_counts_for_nothing(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that the last commit has no longer is seen as untracked, whatever the guess says of HEAD."""
    (repo / "file").write_text("one\n")
    git(repo, "add", "file")
    git(repo, "commit", "-qm", "Third")
    guess = likely_layout(str(repo))
    git(repo, "rm", "-q", "--cached", "file")
    git(repo, "commit", "-qm", "Fourth")
    assert guess is not None
    monkeypatch.setattr(questions, "likely_layout", lambda _: guess)
    found = gather(Worktree, world(repo), "fast").changes
    assert [(change.kind, change.path) for change in found] == [("untracked", "file")]


@pytest.mark.parametrize("option", ["--object-format=sha256", "--separate-git-dir=elsewhere"])
def test_a_repository_of_another_kind_is_asked_again(tmp_path: Path, option: str) -> None:
    repo = tmp_path / "repo"
    git(tmp_path, "init", "-q", "-b", "main", option, "--template=", str(repo))
    git(repo, "commit", "-qm", "First", "--allow-empty")
    assert gather(Worktree, world(repo), "fast").changes == ()
    (repo / "new").write_text("new\n")
    assert [change.path for change in gather(Worktree, world(repo), "fast").changes] == ["new"]

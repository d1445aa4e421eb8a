"""What git says when it reads nothing. The commands are those of test_worktree.py and test_history.py."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dirty.dirty_repository import ENVIRONMENT, git
from guardrails.facts.git.reader import complaint, find_git
from guardrails.facts.programs.command import Completed
from guardrails.facts.programs.side_by_side import Command, run_to_end


def said(folder: Path, **variables: str) -> Completed:
    async def answer() -> Completed:
        return await Command([find_git(), "-C", str(folder), "rev-parse", "HEAD"], {**ENVIRONMENT, **variables})

    return run_to_end(answer())


@pytest.mark.parametrize("name", ["a b", "it's", "$(touch owned)"])
def test_a_repository_of_another_user_is_named_with_what_helps(tmp_path: Path, name: str) -> None:
    repo = tmp_path / name
    git(tmp_path, "init", "-q", repo)
    text = complaint(said(repo, GIT_TEST_ASSUME_DIFFERENT_OWNER="1"))
    assert text.startswith(f"{repo} belongs to another user")
    assert "safe.directory" in text
    line = text.rpartition(": sudo ")[2]
    assert subprocess.run(["sh", "-c", line], check=False).returncode == 0
    assert repo.stat().st_uid == os.geteuid()


def test_what_else_git_says_is_one_line(tmp_path: Path) -> None:
    assert complaint(said(tmp_path)).startswith("fatal: not a git repository")

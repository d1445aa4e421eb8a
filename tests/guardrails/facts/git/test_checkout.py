"""The branch in use; what makes a repository one to trust is in test_worktree_unknowable.py."""

from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from guardrails.facts.git.checkout import BranchInUse
from guardrails.testing import gather
from worlds.two_repositories import Repositories


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def seen(repositories: Repositories) -> tuple[str | None, bool]:
    use = gather(BranchInUse, repositories.world())
    assert use.expected == "main"
    return use.branch, use.bisecting


def test_a_branch_another_and_none(repositories: Repositories) -> None:
    assert seen(repositories) == ("main", False)
    git(repositories.prod, "checkout", "-q", "-b", "try")
    assert seen(repositories) == ("try", False)
    git(repositories.prod, "checkout", "-q", "--detach")
    assert seen(repositories) == (None, False)


def test_a_bisect(repositories: Repositories) -> None:
    git(repositories.prod, "bisect", "start", "HEAD", "HEAD~1")
    assert seen(repositories)[1]
    git(repositories.prod, "bisect", "reset")
    assert seen(repositories) == ("main", False)


def test_a_bisect_in_a_linked_work_tree_is_its_own(repositories: Repositories) -> None:
    linked = repositories.folder / "linked"
    git(repositories.prod, "worktree", "add", "-q", "--detach", linked)
    git(linked, "bisect", "start", "HEAD", "HEAD~1")

    assert not seen(repositories)[1]
    repositories.prod = linked
    assert seen(repositories)[1]


def test_a_rebase_that_stopped_is_under_way(repositories: Repositories) -> None:
    prod = repositories.prod
    git(prod, "checkout", "-q", "-b", "try", repositories.first)
    (prod / "second.txt").write_text("another second\n")
    git(prod, "add", "-A")
    git(prod, "commit", "-qm", "in conflict")
    assert try_git(prod, "rebase", "main").returncode == 1

    assert gather(BranchInUse, repositories.world()).applying == "rebase"
    git(prod, "rebase", "--abort")
    git(prod, "format-patch", "-q", "-1", "-o", repositories.folder)
    git(prod, "checkout", "-q", "main")
    assert try_git(prod, "am", "-q", next(repositories.folder.glob("*.patch"))).returncode != 0
    assert gather(BranchInUse, repositories.world()).applying == "am"

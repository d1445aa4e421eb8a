"""The branch in use; what makes a repository one to trust is in test_worktree_unknowable.py."""

from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from guardrails.facts.git.checkout import BranchInUse, _settings
from guardrails.facts.git.reader import Repository
from guardrails.facts.programs.side_by_side import run_to_end
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


TELLING = {  # what the settings are asked about, as it may be written
    "filter": '[Filter "x"]\n\tclean = cat\n',
    "filter, old style": "[FILTER.x]\nclean=cat\n",
    "filter on one line": '[core] bare = false\n[filter "x"] clean = cat',
    "hook": '[hook "x"]\n\tcommand = true\n\tevent = pre-push\n',
    "promisor": '[remote "x"]\n\tproMisor = true\n',
    "filter of a partial clone": '[remote "x"]\n\tpartialCloneFilter = blob:none\n',
    "partial clone": "[extensions]\n\tpartialClone = x\n",
    "sparse": "[core]\n\tSparseCheckout = true\n",
    "include": "[Include]\n\tpath = more\n",
    "include if": '[includeIf "gitdir:**"]\n\tpath = more\n',
    "own of the work tree": "[extensions]\n\tworktreeConfig = true\n",
}


@pytest.mark.parametrize("text", TELLING.values(), ids=TELLING)
def test_git_is_asked_for_its_settings_whenever_one_of_them_matters(repositories: Repositories, text: str) -> None:
    git_dir = repositories.prod / ".git"
    for name in ("more", "config.worktree"):
        (git_dir / name).write_text('[filter "y"]\n\tclean = cat\n')
    before = git_dir.joinpath("config").read_text()
    repo = Repository(str(repositories.prod))
    usual = run_to_end(repo.settings())
    assert run_to_end(_settings(repo)) == frozenset()
    (git_dir / "config").write_text(before + text)
    found = run_to_end(_settings(repo))
    assert found == run_to_end(repo.settings())
    assert found > usual


def test_git_is_asked_for_its_settings_wherever_they_cannot_be_read_beside_it(repositories: Repositories) -> None:
    linked = repositories.folder / "linked"
    git(repositories.prod, "worktree", "add", "-q", "--detach", linked)
    assert "core.bare" in run_to_end(_settings(Repository(str(linked))))
    (repositories.prod / ".git/commondir").write_text(".\n")
    assert "core.bare" in run_to_end(_settings(Repository(str(repositories.prod))))
    (repositories.prod / ".git/commondir").unlink()
    (repositories.prod / ".git/config").rename(repositories.prod / ".git/other")
    assert run_to_end(_settings(Repository(str(repositories.prod))))

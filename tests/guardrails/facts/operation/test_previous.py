"""What an operation returns to that leads back, and why there is nothing."""

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.operation.previous import Previous
from guardrails.testing import gather
from worlds.two_repositories import RELEASE, Repositories


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def previous(repositories: Repositories) -> Previous:
    return gather(Previous, repositories.world("undo", moves_head_to="previous"))


def test_without_a_record(repositories: Repositories) -> None:
    assert previous(repositories).problem == "no earlier deployment is recorded"
    assert previous(repositories).remedy.startswith(f"git -C {repositories.prod} reflog   # a look: ")


def test_a_promotion_can_be_gone_back_from_once(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    assert previous(repositories) == Previous(repositories.second)

    git(repositories.prod, "reset", "-q", "--hard", repositories.second)
    repositories.record("undo", moves="previous", commit=repositories.second, previous=repositories.release)
    assert previous(repositories).problem == "no deployment before this one is recorded"


def test_a_head_elsewhere_and_no_log_to_tell_why(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    repositories.commit(repositories.prod, "hotfix")

    assert "it was moved by hand since" in previous(repositories).problem


def test_a_commit_that_nobody_approved(repositories: Repositories) -> None:
    hotfix = repositories.commit(repositories.prod, "hotfix")
    git(repositories.prod, "reset", "-q", "--hard", repositories.second)
    repositories.record("recover", commit=repositories.second, previous=hotfix)
    found = previous(repositories)

    assert (found.commit, found.problem) == (
        None, f"what ran before holds commits that nobody approved: {hotfix[:12]} hotfix",
    )  # fmt: skip
    assert git(repositories.folder, *found.remedy.partition("   # ")[0].split()[1:]).endswith("hotfix")


def test_where_no_upstream_is_configured_nothing_is_there_to_approve(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    world = repositories.world("undo", moves_head_to="previous", upstream=None)

    assert gather(Previous, world).commit == repositories.second


def test_a_release_whose_branch_is_gone_was_approved_when_it_was_promoted(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    later = repositories.commit(repositories.dev, "release two")
    git(repositories.prod, "pull", "-q", repositories.dev, RELEASE)
    repositories.record(commit=later, previous=repositories.release)
    git(repositories.dev, "checkout", "-q", "--detach", repositories.second)
    git(repositories.dev, "branch", "-q", "-D", RELEASE)

    assert previous(repositories).commit == repositories.release

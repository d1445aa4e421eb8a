"""Where an operation leads, and where HEAD is."""

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.operation.expected_commit import ExpectedCommit
from guardrails.testing import gather
from worlds.two_repositories import RELEASE, Repositories, head


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def seen(repositories: Repositories, operation: str | None, **rest: object) -> tuple[str | None, str | None, str]:
    found = gather(ExpectedCommit, repositories.world(operation, **rest))
    return found.what, found.commit, found.head


def test_before_an_operation_nothing_is_expected(repositories: Repositories) -> None:
    assert seen(repositories, None) == (None, None, repositories.second)
    assert seen(repositories, "promote", candidate=RELEASE) == (None, None, repositories.second)


def test_an_operation_that_moves_nothing(repositories: Repositories) -> None:
    assert seen(repositories, "verify", after=True) == (None, None, repositories.second)


def test_after_a_promotion_the_candidate(repositories: Repositories) -> None:
    expected = ("candidate", repositories.release, repositories.second)
    assert seen(repositories, "promote", candidate=RELEASE, after=True) == expected

    repositories.promote()
    assert seen(repositories, "promote", candidate=RELEASE, after=True)[2] == repositories.release


def test_after_an_update_the_upstream_commit(repositories: Repositories) -> None:
    repositories.commit(repositories.prod, "ours")

    assert seen(repositories, "update", after=True) == ("upstream", repositories.second, head(repositories.prod))


def test_after_a_rollback_what_it_recorded(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    assert seen(repositories, "rollback", after=True)[:2] == ("previous", None)

    git(repositories.prod, "reset", "-q", "--hard", repositories.second)
    repositories.record("rollback", previous=repositories.release)
    assert seen(repositories, "rollback", after=True) == ("previous", repositories.second, repositories.second)

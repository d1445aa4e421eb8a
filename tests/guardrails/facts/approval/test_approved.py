"""What counts as approved, and which commits of HEAD are of releases, whoever brought them there."""

from pathlib import Path
from typing import Any

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.facts.approval.approved import Approved
from guardrails.facts.git.checkout import Checkout
from guardrails.testing import gather
from worlds.two_repositories import RELEASE, Repositories, head


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def approved(repositories: Repositories, **rest: Any) -> Approved:
    return gather(Approved, repositories.world(**rest))


def released(repositories: Repositories, target: str) -> list[str]:
    return [one.subject for one in _awaited(repositories, "released", target)]


def unapproved(repositories: Repositories, commit: str) -> list[str]:
    return [one.subject for one in _awaited(repositories, "unapproved", commit)]


def _awaited(repositories: Repositories, method: str, *arguments: str) -> Any:
    from guardrails.facts.programs.side_by_side import run_to_end

    checkout = gather(Checkout, repositories.world(), None)
    return run_to_end(getattr(approved(repositories), method)(checkout, *arguments))


def test_refs_and_records_are_named(repositories: Repositories) -> None:
    repositories.promote()
    promoted = repositories.record()
    git(repositories.prod, "reset", "-q", "--hard", repositories.second)
    updated = repositories.record("update", commit=repositories.second, previous=repositories.release)
    before = snapshot(repositories.folder)
    found = approved(repositories)

    assert found.releases == {promoted: repositories.release, f"refs/heads/{RELEASE} of dev": repositories.release}
    assert found.upstream == {"refs/remotes/upstream/main": repositories.second, updated: repositories.second}
    assert snapshot(repositories.folder) == before


def test_where_a_way_back_led_is_not_approved_by_that(repositories: Repositories) -> None:
    hotfix = repositories.commit(repositories.prod, "hotfix")
    git(repositories.prod, "reset", "-q", "--hard", repositories.second)
    git(repositories.prod, "reset", "-q", "--hard", hotfix)
    repositories.record("rollback", commit=hotfix, previous=repositories.second)

    assert hotfix not in approved(repositories).all.values()
    assert unapproved(repositories, hotfix) == ["hotfix"]
    git(repositories.dev, "fetch", "-q", repositories.prod, hotfix)
    git(repositories.dev, "branch", "release/hotfix", hotfix)
    assert unapproved(repositories, hotfix) == []


def test_a_release_that_was_merged_by_hand_is_one(repositories: Repositories) -> None:
    repositories.promote()
    repositories.commit(repositories.prod, "on top of it")

    assert released(repositories, repositories.second) == ["release one"]
    repositories.commit(repositories.dev, "the branch goes on")
    assert released(repositories, repositories.second) == ["release one"]
    assert released(repositories, repositories.release) == []


def test_what_upstream_has_is_no_release(repositories: Repositories) -> None:
    """The release branch is built on it, and going back behind it takes no release out of use."""
    assert released(repositories, repositories.first) == []


def test_without_upstream_and_sources_only_the_record_counts(repositories: Repositories) -> None:
    found = approved(repositories, upstream=None, sources=())

    assert (found.all, found.objects) == ({}, None)
    assert head(repositories.prod) == repositories.second

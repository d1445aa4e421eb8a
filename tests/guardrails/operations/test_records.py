"""A record is written as it is read, and never over another one."""

from pathlib import Path

import pytest

from dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.deployments import RECORDS, Deployments
from guardrails.operations import records
from guardrails.testing import gather
from two_repositories import Repositories, head

AT = "2026-02-01T10:00:00Z"


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    made = Repositories(tmp_path)
    made.promote()
    return made


def record(repositories: Repositories, operation: str = "promote") -> str:
    world = repositories.world()
    return records.record(world, operation, commit=repositories.release, previous=repositories.second, at=AT)


def test_records_follow_each_other(repositories: Repositories) -> None:
    first = record(repositories)
    second = record(repositories, "rollback")

    newest, oldest = gather(Deployments, repositories.world()).records
    assert (newest.record, newest.number, newest.operation) == (second, 2, "rollback")
    assert (oldest.record, oldest.number, oldest.environment) == (first, 1, "prod")
    assert (newest.commit, newest.previous, newest.at) == (repositories.release, repositories.second, AT)


def test_nothing_but_its_ref_moves_and_no_hook_runs(repositories: Repositories) -> None:
    ran = repositories.folder / "ran"
    hook = repositories.prod / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    others = ("for-each-ref", "refs/heads", "refs/remotes", "refs/tags")
    before = git(repositories.prod, *others)
    made = record(repositories)

    assert git(repositories.prod, "for-each-ref", RECORDS).startswith(made)
    assert git(repositories.prod, *others) == before
    assert head(repositories.prod) == repositories.release
    assert git(repositories.prod, "status", "--porcelain") == ""
    assert not ran.exists()


def test_on_a_ref_that_is_no_record_nothing_is_written(repositories: Repositories) -> None:
    git(repositories.prod, "update-ref", RECORDS, "HEAD")

    with pytest.raises(CannotKnow):
        record(repositories)
    assert git(repositories.prod, "rev-parse", RECORDS) == repositories.release


def test_a_record_that_came_between_is_not_overwritten(
    repositories: Repositories, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = record(repositories)
    earlier = gather(Deployments, repositories.world())
    second = record(repositories)
    monkeypatch.setattr(records, "gathered", lambda *_: earlier)

    with pytest.raises(CannotKnow):
        record(repositories)
    assert git(repositories.prod, "rev-parse", RECORDS, f"{RECORDS}^1").split() == [second, first]


def test_a_commit_that_is_not_there(repositories: Repositories) -> None:
    with pytest.raises(CannotKnow):
        records.record(repositories.world(), "promote", commit="0" * 40, previous=repositories.second, at=AT)

"""The record of guarded operations, and everything that is no record of any."""

import json
from pathlib import Path

import pytest

from dirty import snapshot
from dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.deployments import RECORDS, Deployment, Deployments
from guardrails.testing import gather
from two_repositories import Repositories, head


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def records(repositories: Repositories) -> tuple[Deployment, ...]:
    return gather(Deployments, repositories.world()).records


def test_without_a_record_there_is_none(repositories: Repositories) -> None:
    assert records(repositories) == ()


def test_records_are_read_newest_first_and_nothing_changes(repositories: Repositories) -> None:
    repositories.promote()
    first = repositories.record()
    git(repositories.prod, "reset", "-q", "--hard", repositories.second)
    second = repositories.record("rollback", commit=repositories.second, previous=repositories.release)
    before = snapshot(repositories.prod)

    newest, oldest = records(repositories)

    assert (newest.number, newest.operation, newest.record) == (2, "rollback", second)
    assert (oldest.number, oldest.commit, oldest.previous) == (1, repositories.release, repositories.second)
    assert oldest.record == first
    assert snapshot(repositories.prod) == before


def test_an_operation_that_moved_nothing_names_its_commit_once(repositories: Repositories) -> None:
    repositories.record("promote", commit=repositories.second)

    [only] = records(repositories)
    assert only.commit == only.previous == repositories.second


def test_a_record_keeps_what_ran_before(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    git(repositories.prod, "reset", "-q", "--hard", repositories.second)
    git(repositories.prod, "reflog", "expire", "--expire=now", "--all")
    git(repositories.prod, "gc", "-q", "--prune=now")

    assert git(repositories.prod, "cat-file", "-t", repositories.release) == "commit"


@pytest.mark.parametrize("name", ["HEAD", "HEAD^{tree}", "HEAD:first.txt"])
def test_a_ref_that_was_moved_by_hand_is_no_record(repositories: Repositories, name: str) -> None:
    git(repositories.prod, "update-ref", RECORDS, git(repositories.prod, "rev-parse", name))

    with pytest.raises(CannotKnow):
        records(repositories)


@pytest.mark.parametrize(
    "lie",
    [
        {"commit": "0" * 40},
        {"previous": "0" * 40},
        {"number": 2},
        {"number": 0},
        {"number": "1"},
        {"number": True},
        {"at": 5},
        {"operation": None},
        {"extra": "key"},
    ],
    ids=str,
)
def test_a_record_that_says_something_else_than_its_parents(repositories: Repositories, lie: dict[str, object]) -> None:
    repositories.promote()
    made = repositories.record()
    said = json.loads(git(repositories.prod, "log", "-1", "--format=%B", made))
    parents = git(repositories.prod, "log", "-1", "--format=%P", made).split()
    forged = git(
        repositories.prod, "commit-tree", f"{made}^{{tree}}", "-m", json.dumps({**said, **lie}),
        *(word for parent in parents for word in ("-p", parent)),
    )  # fmt: skip
    git(repositories.prod, "update-ref", RECORDS, forged)

    with pytest.raises(CannotKnow):
        records(repositories)


@pytest.mark.parametrize("message", ["", "{", "[]", "null", '{"number": 1}', '{"number": 1, "number": 1}', "promote"])
def test_a_message_that_is_no_record(repositories: Repositories, message: str) -> None:
    forged = git(repositories.prod, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", message)
    git(repositories.prod, "update-ref", RECORDS, forged)

    with pytest.raises(CannotKnow):
        records(repositories)


def test_a_chain_with_a_link_cut_out(repositories: Repositories) -> None:
    repositories.promote()
    first = repositories.record()
    second = repositories.record("promote", commit=repositories.release, previous=repositories.release)
    said = json.loads(git(repositories.prod, "log", "-1", "--format=%B", second))
    tree, release = f"{second}^{{tree}}", head(repositories.prod)
    cut = git(
        repositories.prod, "commit-tree", tree, "-m", json.dumps({**said, "number": 3}), "-p", first, "-p", release
    )
    git(repositories.prod, "update-ref", RECORDS, cut)

    with pytest.raises(CannotKnow):
        records(repositories)


@pytest.mark.parametrize(
    ("operations", "commit"),
    [
        ((), None),
        (("promote",), "a"),
        (("promote", "promote"), "b"),
        (("promote", "promote", "rollback"), "a"),
        (("promote", "promote", "rollback", "rollback"), None),
        (("promote", "rollback", "promote"), "a"),
        (("promote", "promote", "rollback", "promote", "rollback"), "a"),
        (("promote", "rollback"), None),
    ],
)
def test_each_rollback_goes_one_further_back(operations: tuple[str, ...], commit: str | None) -> None:
    chain: list[Deployment] = []
    stack = ["a"]
    for number, operation in enumerate(operations, 1):
        previous = stack[-1]
        if operation == "rollback":
            stack.pop()
        else:
            stack.append("abcdefgh"[number])
        chain.insert(0, Deployment(number, operation, "prod", stack[-1], previous, "", ""))

    assert Deployments("/r", tuple(chain)).way_back == commit

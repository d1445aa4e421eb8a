"""Which recorded runs count for exactly the tree that a candidate would bring."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, snapshot
from guardrails.errors import CannotKnow
from guardrails.facts.approval.evidence import RecordedRuns
from guardrails.operations.evidence.record_statements import record_run
from guardrails.testing import gather, world
from signers import forge, put_many
from worlds.forged_objects import forge_object
from worlds.two_repositories import RELEASE, Repositories

AT = 1_790_000_000


@pytest.fixture
def repos(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def tree(repo: Path, name: str = "HEAD") -> str:
    return git(repo, "rev-parse", f"{name}^{{tree}}")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Repositories:
    """For tests that leave nothing in it that counts."""
    return Repositories(tmp_path_factory.mktemp("shared"))


def record(repos: Repositories, **rest: Any) -> str:
    said = {"name": "test", "command": "pnpm test", "passed": True, "finished": AT, "tree": tree(repos.dev), **rest}
    return record_run(str(repos.dev), **said)


def found(repos: Repositories, **rest: Any) -> RecordedRuns:
    return gather(RecordedRuns, repos.world("promote", **{"candidate": RELEASE, "at": AT + 60, **rest}))


def test_nothing_is_recorded(repos: Repositories) -> None:
    seen = found(repos)
    assert (seen.commit, seen.tree, seen.runs, seen.ignored) == (repos.release, tree(repos.dev), (), ())
    assert (seen.environment, seen.repo, seen.signed, seen.at) == ("dev", str(repos.dev), False, AT + 60)


def test_a_record_that_is_not_what_its_id_says_cannot_be_known(repos: Repositories) -> None:
    ref = record(repos, passed=False)
    oid = git(repos.dev, "rev-parse", ref)
    said = json.loads(git(repos.dev, "cat-file", "blob", oid))["payload"]
    forged = b64encode(b64decode(said).replace(b"FAILED", b"PASSED"))
    forge_object(repos.dev, oid, "blob", said.encode(), forged)
    with pytest.raises(CannotKnow, match=f"{oid} of {repos.dev} holds other bytes than its id says"):
        found(repos)


def test_a_candidate_that_is_not_what_its_id_says_cannot_be_known(repos: Repositories) -> None:
    other = tree(repos.dev, f"{RELEASE}~1")
    record(repos, tree=other)
    forge_object(repos.dev, repos.release, "commit", tree(repos.dev).encode(), other.encode())
    with pytest.raises(CannotKnow):  # most of what git does with a commit hashes it
        found(repos)


def test_a_run_of_each_name(repos: Repositories) -> None:
    record(repos, tests=212)
    record(repos, name="build", command="pnpm build")
    before = snapshot(repos.prod, repos.dev)
    build, test = found(repos).runs
    assert (build.name, build.command, build.result, build.tests) == ("build", ("pnpm", "build"), "PASSED", None)
    assert (test.name, test.command, test.result, test.tests, test.at) == ("test", ("pnpm", "test"), "PASSED", 212, AT)
    assert snapshot(repos.prod, repos.dev) == before


@pytest.mark.parametrize(("passed", "result"), [(True, "PASSED"), (False, "FAILED")])
def test_the_newest_counts(repos: Repositories, passed: bool, result: str) -> None:
    record(repos, passed=not passed)
    record(repos, passed=passed, finished=AT + 1)
    assert [run.result for run in found(repos).runs] == [result]


def test_at_the_same_time_the_failure_counts(repos: Repositories) -> None:
    record(repos, passed=True)
    record(repos, passed=False)
    assert [run.result for run in found(repos).runs] == ["FAILED"]


def test_an_amended_commit_with_the_same_tree_keeps_its_runs(repos: Repositories) -> None:
    record(repos)
    git(repos.dev, "commit", "-q", "--amend", "-m", "Another message")
    assert len(found(repos).runs) == 1


def test_a_commit_more_loses_them(repos: Repositories) -> None:
    record(repos)
    repos.commit(repos.dev, "release two")
    assert found(repos).runs == ()


def test_a_run_on_another_tree_under_the_name_of_this_one(repos: Repositories) -> None:
    ref = record(repos, tree=tree(repos.dev, "HEAD~1"))
    git(repos.dev, "update-ref", f"refs/attestations/{tree(repos.dev)}/test/copied", ref)
    seen = found(repos)
    assert seen.runs == ()
    assert [one.why for one in seen.ignored] == [f"it is about the tree {tree(repos.dev, 'HEAD~1')}"]


@pytest.mark.parametrize(("at", "counts"), [(AT, True), (AT - 1, False)])
def test_what_is_from_after_the_check_does_not_count(repos: Repositories, at: int, counts: bool) -> None:
    record(repos)
    assert (len(found(repos, at=at).runs) == 1) is counts


def test_the_names_of_tests_are_counted_where_no_number_is_given(repos: Repositories) -> None:
    forge(repos.dev, record(repos), {"predicate.passedTests": ["a", "b"], "predicate.warnedTests": ["c"]})
    assert [run.tests for run in found(repos).runs] == [3]


def test_no_names_of_tests_are_no_tests(repos: Repositories) -> None:
    forge(repos.dev, record(repos), {"predicate.passedTests": [], "predicate.failedTests": []})
    assert [run.tests for run in found(repos).runs] == [0]


def test_a_success_with_failed_tests_is_none(repos: Repositories) -> None:
    forge(repos.dev, record(repos), {"predicate.failedTests": ["a"]})
    assert [run.result for run in found(repos).runs] == ["FAILED"]


ANNOTATIONS = "predicate.configuration.0.annotations"


@pytest.mark.parametrize(
    "changes",
    [
        {"predicateType": "https://slsa.dev/provenance/v1"},
        {"predicate.result": "passed"},
        {"predicate.result": None},
        {"predicate.result": ["PASSED"]},
        {"predicate.configuration": []},
        {"predicate.configuration": [{}, {}]},
        {"predicate.configuration": ["test"]},
        {"predicate.configuration.0.name": ""},
        {"predicate.configuration.0.name": 1},
        {ANNOTATIONS: None},
        {f"{ANNOTATIONS}.command": None},
        {f"{ANNOTATIONS}.finishedOn": None},
        {f"{ANNOTATIONS}.finishedOn": "yesterday"},
        {f"{ANNOTATIONS}.finishedOn": "2026-02-01T10:00:00"},
        {f"{ANNOTATIONS}.tests": -1},
        {f"{ANNOTATIONS}.tests": True},
        {f"{ANNOTATIONS}.tests": "many"},
        {"predicate.passedTests": 5},
    ],
    ids=str,
)
def test_what_makes_no_sense_cannot_be_known(shared: Repositories, changes: dict[str, Any]) -> None:
    ref = forge(shared.dev, record(shared), changes)
    with pytest.raises(CannotKnow, match=ref):
        found(shared)
    git(shared.dev, "update-ref", "-d", ref)


def test_without_a_candidate_nothing_can_be_known(repos: Repositories) -> None:
    with pytest.raises(CannotKnow, match="--candidate"):
        found(repos, candidate=None)


def test_the_environments_own_repository_when_it_has_no_other(repos: Repositories) -> None:
    repos.promote()
    record_run(str(repos.prod), tree(repos.prod), "test", "true", passed=True, finished=AT)
    asked = repos.world("promote", candidate="HEAD", candidate_from=None, sources=(), at=AT)
    assert [run.name for run in gather(RecordedRuns, asked).runs] == ["test"]


def test_many_statements_of_other_trees_cost_nothing(repos: Repositories) -> None:
    """Only what is under the tree is looked at; 3000 refs of other trees would be too many and are garbage."""
    record(repos)
    oid = git(repos.dev, "hash-object", "-w", "--stdin", stdin=b"garbage")
    put_many(repos.dev, [f"refs/attestations/{number:040x}/test/x" for number in range(3000)], oid)
    assert len(found(repos).runs) == 1


def test_an_operation_without_a_candidate_is_about_what_is_checked_out(repos: Repositories) -> None:
    ref = record(repos)
    found = gather(RecordedRuns, world(repos.dev, operation="release", at=AT + 1))

    assert (found.commit, found.tree, [run.ref for run in found.runs]) == (repos.release, tree(repos.dev), [ref])


@pytest.mark.parametrize("about", [{}, {"moves_head_to": "candidate"}])
def test_a_promotion_without_a_candidate_is_about_nothing(repos: Repositories, about: dict[str, str]) -> None:
    with pytest.raises(CannotKnow, match="needs a candidate"):
        gather(RecordedRuns, repos.world("promote", at=AT + 1, **about))

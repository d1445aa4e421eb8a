"""The record of guarded operations, and everything that is no record of any."""

import json
from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.audit.writer import append
from guardrails.errors import CannotKnow
from guardrails.facts.approval.deployments import RECORDS, Deployment, Deployments
from guardrails.testing import gather
from worlds.two_repositories import Repositories, head


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
        {"moves": ""},
        {"moves": "forward"},
        {"moves": []},
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


def moved(*moves: str) -> Deployments:
    """A chain of operations that are called anything, each from where the one before has ended: `candidate=b`."""
    chain: list[Deployment] = []
    at = "a"
    for number, move in enumerate(moves, 1):
        (leads, _, to), before = move.partition("="), at
        if ">" in to:
            before, _, to = to.partition(">")
        chain.insert(0, Deployment(number, "op", "prod", to, before, "", "", leads))
        at = to
    return Deployments("/r", tuple(chain))


@pytest.mark.parametrize(
    ("moves", "commit"),
    [
        (["candidate=b", "previous=a"], None),
        (["candidate=b", "candidate=c", "previous=b"], "a"),
        (["candidate=b", "candidate=c", "previous=b", "upstream=d", "previous=b"], "a"),
        (["candidate=b", "candidate=c", "candidate=a>d"], "a"),
        (["candidate=b", "candidate=c", "candidate=a>d", "previous=a"], None),
        (["candidate=b", "candidate=x>c", "previous=x"], None),
        (["candidate=b", "candidate=c", "previous=x>b"], "a"),
        (["candidate=b", "candidate=c", "=d"], None),
    ],
)
def test_a_way_back_follows_what_operations_do_and_ends_where_head_was_moved(
    moves: list[str], commit: str | None
) -> None:
    assert moved(*moves).way_back == commit


def test_an_old_record_is_read_by_its_name(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    found = gather(Deployments, repositories.world())

    assert [one.leads_to for one in found.records] == ["candidate"]
    assert list(found.releases.values()) == [repositories.release]
    assert Deployment(1, "undo", "prod", "b", "a", "", "").leads_to == ""


@pytest.mark.parametrize("lie", ["previous", "commit"])
def test_a_move_that_head_has_not_made_is_no_record(repositories: Repositories, lie: str) -> None:
    repositories.promote()
    other = repositories.first if lie == "previous" else repositories.second
    made = repositories.record(**{lie: other, **({"previous": repositories.first} if lie == "commit" else {})})

    with pytest.raises(CannotKnow, match=rf"was made by hand.*update-ref -d {RECORDS} {made} "):
        records(repositories)


def test_without_log_and_reflog_no_record_is_believed(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    (repositories.prod / ".git/logs/HEAD").unlink()

    with pytest.raises(CannotKnow, match="was made by hand"):
        records(repositories)


def test_a_reflog_that_was_cut_tells_of_the_newest_record_alone(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    git(repositories.prod, "reset", "-q", "--hard", repositories.second)
    repositories.record("rollback", commit=repositories.second, previous=repositories.release)
    log = repositories.prod / ".git/logs/HEAD"
    log.write_text(log.read_text().splitlines(keepends=True)[-1])

    assert len(records(repositories)) == 2


def test_the_log_stands_for_the_whole_chain(repositories: Repositories) -> None:
    log = repositories.folder / "audit.jsonl"
    repositories.promote()
    first = repositories.record()
    second = repositories.record()
    logged = {"kind": "deployment", "environment": "prod", "repo": str(repositories.prod)}
    append(str(log), {**logged, "record": second})
    append(str(log), {**logged, "repo": "/elsewhere", "record": first})
    world = repositories.world(log=str(log))
    (repositories.prod / ".git/logs/HEAD").unlink()

    found = gather(Deployments, world)
    assert ([one.record for one in found.records], found.logged) == ([second, first], True)
    for place in (first, None):
        git(repositories.prod, "update-ref", *((RECORDS, place) if place else ("-d", RECORDS)))
        with pytest.raises(CannotKnow, match=f"{RECORDS} {second}$"):
            gather(Deployments, world)


def test_a_log_that_cannot_be_believed_tells_nothing(repositories: Repositories) -> None:
    log = repositories.folder / "audit.jsonl"
    append(str(log), {"kind": "deployment", "environment": "prod", "repo": str(repositories.prod)})

    with pytest.raises(CannotKnow, match="without its record"):
        gather(Deployments, repositories.world(log=str(log)))
    log.chmod(0o666)
    with pytest.raises(CannotKnow, match="others can write"):
        gather(Deployments, repositories.world(log=str(log)))

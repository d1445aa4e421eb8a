"""A record is written as it is read, and never over another one."""

import json
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails import World
from guardrails.config.settings import Settings
from guardrails.errors import CannotKnow
from guardrails.facts.approval.deployments import RECORDS, Deployments
from guardrails.model import Audit
from guardrails.operations.guarded_run import record_moves
from guardrails.testing import gather
from worlds.two_repositories import Repositories, head

AT, LATER = "2026-02-01T10:00:00Z", "2026-02-01T11:00:00Z"
MOVES = {"promote": "candidate", "rollback": "previous"}


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    made = Repositories(tmp_path)
    made.promote()
    return made


def record(repositories: Repositories, operation: str = "promote", at: str = AT) -> str:
    led = {"moves": MOVES[operation], "commit": repositories.release, "previous": repositories.second, "at": at}
    return record_moves.record_move(world(repositories), settings(repositories), operation, **led)


def world(repositories: Repositories) -> World:
    return repositories.world(log=str(repositories.folder / "audit.jsonl"))


def settings(repositories: Repositories) -> Settings:
    environments = {"prod": world(repositories).environment}
    return Settings("a test", "sha256:0", environments, {}, (), audit=Audit(str(repositories.folder / "audit.jsonl")))


def test_records_follow_each_other(repositories: Repositories) -> None:
    first = record(repositories)
    second = record(repositories, "rollback")

    newest, oldest = gather(Deployments, world(repositories)).records
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
    earlier = gather(Deployments, world(repositories))
    second = record(repositories, at=LATER)
    monkeypatch.setattr(record_moves, "gather_fact", lambda *_: earlier)

    with pytest.raises(CannotKnow):
        record(repositories, "rollback")
    assert git(repositories.prod, "rev-parse", RECORDS, f"{RECORDS}^1").split() == [second, first]


def test_a_commit_that_is_not_there(repositories: Repositories) -> None:
    led = {"moves": "candidate", "commit": "0" * 40, "previous": repositories.second, "at": AT}
    with pytest.raises(CannotKnow):
        record_moves.record_move(world(repositories), settings(repositories), "promote", **led)
    led = {"moves": "candidate", "commit": repositories.release, "previous": "0" * 40, "at": AT}
    with pytest.raises(CannotKnow):
        record_moves.record_move(world(repositories), settings(repositories), "promote", **led)


def test_a_run_that_was_killed_between_its_parts_goes_on(
    repositories: Repositories, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was logged and has no ref yet is refused to everybody else, with the line that mends it."""
    whole = record_moves._name_record
    first = record(repositories)
    monkeypatch.setattr(record_moves, "_name_record", killed)
    with pytest.raises(KeyboardInterrupt):
        record(repositories, "rollback", LATER)

    with pytest.raises(CannotKnow, match=f"update-ref {RECORDS} "):
        gather(Deployments, world(repositories))
    monkeypatch.setattr(record_moves, "_name_record", whole)
    second = record(repositories, "rollback", LATER)
    assert [one.record for one in gather(Deployments, world(repositories)).records] == [second, first]
    assert record(repositories, "rollback", LATER) == second, "nothing is recorded twice"
    logged = (repositories.folder / "audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["record"] for line in logged] == [first, second]


async def killed(*_: object) -> None:
    raise KeyboardInterrupt

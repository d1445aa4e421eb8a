"""What a person has accepted counts no more for `no-direct-edits`, and nothing beside it does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.approval.local_commits import LocalCommits
from guardrails.facts.approval.upstream import Upstream
from guardrails.testing import gather
from worlds.logged_moves import LoggedMoves


@pytest.fixture
def guarded(tmp_path: Path) -> LoggedMoves:
    found = LoggedMoves(tmp_path)
    found.check()
    return found


def past(guarded: LoggedMoves, at: float | None = None) -> list[str]:
    found = gather(LocalCommits, guarded.repositories.world(log=str(guarded.log), at=at or time.time()))
    return sorted(commit.subject for commit in found.past)


def test_each_commit_by_itself(guarded: LoggedMoves) -> None:
    one, two = guarded.commit("one"), guarded.commit("two")
    guarded.reset(guarded.second)
    assert past(guarded) == ["one", "two"]
    guarded.accept(two)
    assert past(guarded) == ["one"]
    guarded.accept(one)
    assert past(guarded) == []
    assert past(guarded, at=time.time() - 60) == ["one", "two"]


def test_what_was_reached_from_an_accepted_commit_is_not_accepted_with_it(guarded: LoggedMoves) -> None:
    one, _ = guarded.commit("one"), guarded.commit("two")
    guarded.reset(guarded.second)
    guarded.accept(one)
    assert past(guarded) == ["two"]


def test_a_merge_by_hand_settles_all_that_it_brought(guarded: LoggedMoves) -> None:
    git(guarded.prod, "checkout", "-q", "--detach")
    for name in ("one", "two"):
        guarded.commit(name)
    topic = git(guarded.prod, "rev-parse", "HEAD")
    git(guarded.prod, "reflog", "delete", "HEAD@{1}", "HEAD@{0}")
    git(guarded.prod, "checkout", "-q", "main")
    git(guarded.prod, "merge", "-q", topic)
    guarded.reset(guarded.second)
    assert past(guarded) == ["one", "two"]
    guarded.accept(topic)
    assert past(guarded) == []


def test_what_comes_back_counts_again_while_it_is_there_and_after(guarded: LoggedMoves) -> None:
    hotfix = guarded.commit()
    guarded.accept(hotfix)
    present = gather(LocalCommits, guarded.repositories.world(log=str(guarded.log))).present
    assert [commit.subject for commit in present] == ["hotfix"], "what is there counts, accepted or not"
    guarded.reset(guarded.second)
    assert past(guarded) == [], "it came with an accepted move, whoever took it back"
    guarded.reset(hotfix)
    guarded.reset(guarded.second)
    assert past(guarded) == ["hotfix"]


def test_what_was_before_guarding_began_can_be_accepted_too(tmp_path: Path) -> None:
    guarded = LoggedMoves(tmp_path)
    hotfix = guarded.commit()
    guarded.reset(guarded.second)
    guarded.check()
    assert past(guarded) == ["hotfix"]
    guarded.accept(hotfix)
    assert (past(guarded), guarded.told()) == ([], [])


def test_a_log_that_is_not_whole_settles_nothing(guarded: LoggedMoves) -> None:
    hotfix = guarded.commit()
    guarded.reset(guarded.second)
    guarded.accept(hotfix)
    lines = guarded.log.read_bytes().splitlines(keepends=True)
    guarded.log.write_bytes(b"".join(lines[1:]))
    assert past(guarded) == ["hotfix"]
    guarded.log.write_bytes(b"".join([lines[0], lines[1].replace(b"known", b"knowm")]))
    assert past(guarded) == ["hotfix"]


def test_commits_that_were_cleaned_away_settle_the_rest(guarded: LoggedMoves) -> None:
    one = guarded.commit("one")
    guarded.reset(guarded.second)
    two = guarded.commit("two")
    guarded.reset(guarded.second)
    for commit in (one, two):
        guarded.accept(commit)
    kept = {name: (guarded.prod / ".git/logs" / name).read_bytes() for name in ("HEAD", "refs/heads/main")}
    git(guarded.prod, "branch", "keep", two)
    git(guarded.prod, "reflog", "expire", "--expire=now", "--all")
    git(guarded.prod, "gc", "-q", "--prune=now")
    for name, data in kept.items():
        (guarded.prod / ".git/logs" / name).write_bytes(data)
    assert past(guarded) == []


def test_a_release_that_was_merged_by_hand_and_accepted_is_a_recorded_one(guarded: LoggedMoves) -> None:
    def released() -> bool:
        world = guarded.repositories.world("promote", candidate=guarded.release, log=str(guarded.log))
        return gather(Upstream, world).release

    guarded.repositories.promote()
    assert not released()
    guarded.accept(guarded.release)
    assert released()
    guarded.reset(guarded.second)
    guarded.repositories.promote()
    assert not released(), "that was another move"
    hotfix = guarded.commit()
    guarded.accept(hotfix)
    assert not released(), "nobody has approved it"

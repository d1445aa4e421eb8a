"""The commits of a range, as people read them."""

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.git import commits as module
from guardrails.facts.git.commits import Commit, list_commits
from guardrails.facts.git.reader import Repository
from guardrails.facts.programs.side_by_side import run_to_end
from worlds.two_repositories import Repositories


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def seen(repo: Path, *revisions: str, objects: str | None = None) -> tuple[Commit, ...]:
    return run_to_end(list_commits(Repository(str(repo)), *revisions, objects=objects))


def test_a_range_newest_first(repositories: Repositories) -> None:
    dev = repositories.dev

    assert seen(dev, "HEAD", "^upstream/main~1") == (
        Commit(repositories.release, "release one"),
        Commit(repositories.second, "second"),
    )
    assert seen(dev, "HEAD", "^HEAD") == ()


def test_through_another_repository(repositories: Repositories) -> None:
    objects = str(repositories.dev / ".git/objects")

    [found] = seen(repositories.prod, repositories.release, "^HEAD", objects=objects)
    assert found.subject == "release one"
    with pytest.raises(CannotKnow):
        seen(repositories.prod, repositories.release)


def test_subjects_are_data(repositories: Repositories) -> None:
    git(repositories.prod, "commit", "-q", "--allow-empty", "-m", "tab\there \x1b[31mred %H\n\nbody")
    git(repositories.prod, "commit", "-q", "--allow-empty", "--allow-empty-message", "-m", "")

    assert [one.subject for one in seen(repositories.prod, "HEAD", "^HEAD~2")] == ["", "tab\there \x1b[31mred %H"]


def test_there_is_a_limit(repositories: Repositories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 1)

    assert len(seen(repositories.prod, "HEAD")) == 1


def test_in_a_line_it_is_short() -> None:
    assert str(Commit("a" * 40, "fix")) == "aaaaaaaaaaaa fix"

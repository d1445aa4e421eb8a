"""The moves of HEAD, as git writes them, and files that are no reflog."""

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.git import reflog
from guardrails.facts.git.checkout import Checkout
from guardrails.testing import gather
from worlds.two_repositories import Repositories


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def seen(repositories: Repositories) -> list[tuple[str, str]] | None:
    checkout = gather(Checkout, repositories.world(), None)
    return reflog.read_moves(checkout.git_dir, checkout.commit)


def test_each_move_is_there_whatever_it_is_called(repositories: Repositories) -> None:
    hotfix = repositories.commit(repositories.prod, "hotfix")
    git(repositories.prod, "reset", "-q", "--hard", repositories.first, env={"GIT_REFLOG_ACTION": "pull"})
    found = seen(repositories) or []

    second = repositories.second
    assert found == [("0" * 40, second), (second, hotfix), (hotfix, repositories.first)]
    assert reflog.commits_of_moves([*found, (repositories.first, second)]) == [hotfix, repositories.first, second]


def test_without_a_reflog_there_is_none(repositories: Repositories) -> None:
    (repositories.prod / ".git/logs/HEAD").unlink()

    assert seen(repositories) is None


@pytest.mark.parametrize("damage", ["\n", "abc\n", "0" * 40 + "\n", "0" * 40 + " " + "é" * 20 + "\n"])
def test_a_line_that_is_no_move(repositories: Repositories, damage: str) -> None:
    with (repositories.prod / ".git/logs/HEAD").open("a", encoding="utf-8") as file:
        file.write(damage)

    with pytest.raises(CannotKnow, match="is damaged"):
        seen(repositories)

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


LINE = f"{'1' * 40} {'0' * 40} "


@pytest.mark.parametrize(
    ("rest", "at"),
    [
        ("Ada <ada@example.org> 1700000000 +0000\tcommit: x", 1_700_000_000),
        ("Ada <ada@example.org> 1700000000 -1200", 1_700_000_000),
        ("a\tb 5 <x 6 +0000\t> 7 +0000\t> 8 +0000", 7),
        (" <> 0 +0000\t", 0),
    ],
)
def test_an_entry_as_git_reads_it_whatever_stands_in_it(rest: str, at: int) -> None:
    assert reflog.entry(f"{LINE}{rest}".encode(), "HEAD", "/x", 40) == reflog.Entry("1" * 40, "", at)


@pytest.mark.parametrize("rest", ["", "Ada", "Ada <a> never", "Ada <a>", "Ada <a> -5 +0000", f"A <a> {'9' * 12} +0000"])
def test_an_entry_without_a_time(rest: str) -> None:
    with pytest.raises(CannotKnow, match="the reflog of refs/heads/main in /x is damaged"):
        reflog.entry(f"{LINE}{rest}".encode(), "refs/heads/main", "/x", 40)
    with pytest.raises(CannotKnow, match="is damaged"):
        reflog.entry(f"{'1' * 40} {'0' * 40}x Ada <a> 5 +0000".encode(), "HEAD", "/x", 40)


def test_without_a_reflog_there_is_none(repositories: Repositories) -> None:
    (repositories.prod / ".git/logs/HEAD").unlink()

    assert seen(repositories) is None


@pytest.mark.parametrize("damage", ["\n", "abc\n", "0" * 40 + "\n", "0" * 40 + " " + "é" * 20 + "\n"])
def test_a_line_that_is_no_move(repositories: Repositories, damage: str) -> None:
    with (repositories.prod / ".git/logs/HEAD").open("a", encoding="utf-8") as file:
        file.write(damage)

    with pytest.raises(CannotKnow, match="is damaged"):
        seen(repositories)

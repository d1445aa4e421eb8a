"""Stashes are found by the ref and by its reflog, whatever is missing of either."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.git.reader import Repository
from guardrails.facts.git.stashes import Stashes, find_stashes
from guardrails.facts.programs.side_by_side import run_to_end
from worlds.two_repositories import Repositories


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with three stashes."""
    prod = Repositories(tmp_path).prod
    for text in ("one\n", "two\n", "three\n"):
        (prod / "first.txt").write_text(text)
        git(prod, "stash", "-q")
    return prod


def seen(repo: Path) -> Stashes:
    return run_to_end(find_stashes(Repository(str(repo)), str(repo / ".git")))


def ids(repo: Path) -> tuple[str, ...]:
    return tuple(git(repo, "log", "-g", "--format=%H", "refs/stash").split())


def test_none(tmp_path: Path) -> None:
    assert seen(Repositories(tmp_path).prod) == Stashes(())


def test_the_newest_first(repo: Path) -> None:
    assert (seen(repo).ids, len(ids(repo))) == (ids(repo), 3)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_one_that_is_missing_hides_no_other(repo: Path, number: int) -> None:
    wanted = ids(repo)
    (repo / f".git/objects/{wanted[number][:2]}/{wanted[number][2:]}").unlink()

    assert seen(repo) == Stashes(wanted)


def test_without_a_reflog_there_is_the_newest(repo: Path) -> None:
    newest = ids(repo)[0]
    (repo / ".git/logs/refs/stash").unlink()

    assert seen(repo) == Stashes((newest,))


def test_without_the_ref_there_is_the_reflog(repo: Path) -> None:
    wanted = ids(repo)
    git(repo, "pack-refs", "--all")
    packed = (repo / ".git/packed-refs").read_text().splitlines(keepends=True)
    (repo / ".git/packed-refs").write_text("".join(line for line in packed if "refs/stash" not in line))

    assert seen(repo) == Stashes(wanted)


@pytest.mark.parametrize("damage", ["nonsense\n", "0" * 40 + " \n", "\xff"])
def test_a_damaged_line_is_told_and_hides_no_other(repo: Path, damage: str) -> None:
    wanted = ids(repo)
    with (repo / ".git/logs/refs/stash").open("a", encoding="latin-1") as file:
        file.write(damage)

    assert seen(repo) == Stashes(wanted, "the reflog of the stashes is damaged")

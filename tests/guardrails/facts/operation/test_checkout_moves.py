"""What moving a checkout does to the files that are there."""

import os
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.git.reader import Repository
from guardrails.facts.operation.checkout_moves import compare_commits, find_in_the_way, list_below, list_local_changes
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.facts.worktree.worktree import Worktree
from guardrails.testing import gather
from worlds.two_repositories import Repositories


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def obstacles(repositories: Repositories, *added: str) -> dict[str, bool]:
    return run_to_end(find_in_the_way(Repository(str(repositories.prod)), added))


def test_the_difference_of_two_commits(repositories: Repositories) -> None:
    prod = repositories.prod
    git(prod, "mv", "first.txt", "moved.txt")
    (prod / "second.txt").write_text("changed\n")
    new = repositories.commit(prod, "tab\there")

    changed, added = run_to_end(compare_commits(Repository(str(prod)), repositories.second, new))
    assert changed == {"first.txt", "moved.txt", "second.txt", "tab\there.txt"}
    assert added == {"moved.txt", "tab\there.txt"}


def test_a_difference_through_another_repository(repositories: Repositories) -> None:
    objects = str(repositories.dev / ".git/objects")
    prod = Repository(str(repositories.prod))

    assert run_to_end(compare_commits(prod, repositories.second, repositories.release, objects)) == (
        {"release-one.txt"},
        {"release-one.txt"},
    )


def test_what_stands_in_the_way(repositories: Repositories) -> None:
    prod = repositories.prod
    (prod / "notes.md").write_text("mine\n")
    (prod / "server.log").write_text("started\n")
    (prod / "folder").mkdir()
    (prod / "folder/inner.txt").write_text("mine\n")
    (prod / "link").symlink_to("nowhere")

    wanted = ("notes.md", "server.log", "folder/inner.txt", "folder/other.txt", "link/below.txt", "absent.txt")
    assert obstacles(repositories, *wanted) == {
        "notes.md": False,
        "server.log": True,
        "folder/inner.txt": False,
        "link": False,
    }


def test_a_file_where_a_folder_is_to_be_and_the_other_way_round(repositories: Repositories) -> None:
    (repositories.prod / "docs").write_text("a file\n")
    (repositories.prod / "plan").mkdir()
    (repositories.prod / "plan/a.txt").write_text("mine\n")

    assert obstacles(repositories, "docs/a.md", "docs/b.md", "plan") == {"docs": False, "plan": False}


def test_names_that_are_hard_to_read(repositories: Repositories) -> None:
    names = ["new\nline", "-dash", "ü", os.fsdecode(b"\xff"), '"quoted"', "a b"]
    for name in names:
        (repositories.prod / name).write_text("mine\n")

    assert obstacles(repositories, *names) == dict.fromkeys(names, False)


def test_local_changes_are_those_of_tracked_files(repositories: Repositories) -> None:
    prod = repositories.prod
    (prod / "first.txt").write_text("changed\n")
    (prod / "staged.txt").write_text("new\n")
    git(prod, "add", "staged.txt")
    (prod / "untracked.txt").write_text("new\n")
    (prod / "second.txt").unlink()

    worktree = gather(Worktree, repositories.world(), "full", None)
    assert sorted(list_local_changes(worktree)) == ["first.txt", "second.txt", "staged.txt"]


def test_what_is_below_a_folder(repositories: Repositories) -> None:
    prod = repositories.prod
    (prod / "a/b").mkdir(parents=True)
    (prod / "a/b/file").write_text("mine\n")
    (prod / "a/link").symlink_to("b")
    (prod / "a/inner").mkdir()
    git(prod / "a/inner", "init", "-q")

    assert sorted(list_below(str(prod), "a/")) == ["a/b/file", "a/inner", "a/link"]
    assert [list(list_below(str(prod), name)) for name in ("a/link", "absent")] == [["a/link"], ["absent"]]

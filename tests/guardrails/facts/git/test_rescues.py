"""Whether a rescue holds what is there now; a name alone proves nothing."""

from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.rescues import find_holding
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.testing import gather
from worlds.rescue_state import save
from worlds.two_repositories import Repositories, head

PATHS = ["first.txt", "second.txt", "staged.txt", "notes.md"]


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    """Work of every kind in prod: an unstaged and a staged change, a new staged file, an untracked one."""
    made = Repositories(tmp_path)
    (made.prod / "first.txt").write_text("on disk alone\n")
    (made.prod / "second.txt").write_text("staged\n")
    (made.prod / "staged.txt").write_text("new\n")
    git(made.prod, "add", "second.txt", "staged.txt")
    (made.prod / "second.txt").write_text("and changed again\n")
    (made.prod / "notes.md").write_text("untracked\n")
    return made


def held(repositories: Repositories, *commits: str) -> str | None:
    checkout = gather(Checkout, repositories.world(), None)
    return run_to_end(find_holding(checkout.git, checkout.object_format, PATHS, commits))


def test_without_a_rescue_nothing_holds_it(repositories: Repositories) -> None:
    assert held(repositories) is None


def test_a_whole_rescue_holds_it(repositories: Repositories) -> None:
    ref = save(repositories.prod)
    before = snapshot(repositories.prod)

    assert held(repositories) == ref
    assert snapshot(repositories.prod) == before


@pytest.mark.parametrize("name", PATHS)
def test_a_byte_that_changed_since_is_not_held(repositories: Repositories, name: str) -> None:
    save(repositories.prod)
    with (repositories.prod / name).open("a") as file:
        file.write("!")

    assert held(repositories) is None


def test_what_was_staged_since_is_not_held(repositories: Repositories) -> None:
    save(repositories.prod)
    git(repositories.prod, "add", "second.txt")

    assert held(repositories) is None


def test_a_mode_that_changed_since_is_not_held(repositories: Repositories) -> None:
    save(repositories.prod)
    (repositories.prod / "first.txt").chmod(0o755)

    assert held(repositories) is None


def test_a_file_that_is_gone_since_is_not_held_as_it_is_now(repositories: Repositories) -> None:
    save(repositories.prod)
    (repositories.prod / "first.txt").unlink()

    assert held(repositories) is None


def test_commits_are_held_by_its_history(repositories: Repositories) -> None:
    local = git(repositories.prod, "commit-tree", "-m", "local", "-p", "HEAD", "HEAD^{tree}")
    save(repositories.prod)
    assert held(repositories, local) is None

    git(repositories.prod, "update-ref", "HEAD", local)
    assert held(repositories, local) is None
    assert held(repositories, head(repositories.prod)) is None
    ref = save(repositories.prod)
    assert held(repositories, local, repositories.second) == ref


def test_a_name_proves_nothing(repositories: Repositories) -> None:
    git(repositories.prod, "update-ref", "refs/rescue/20260201", "HEAD")

    assert held(repositories) is None


def test_an_older_rescue_counts_as_well(repositories: Repositories) -> None:
    ref = save(repositories.prod)
    git(repositories.prod, "update-ref", "refs/rescue/later", "HEAD")

    assert held(repositories) == ref


def test_what_was_never_stored_is_not_held(repositories: Repositories) -> None:
    ref = save(repositories.prod)
    assert held(repositories) == ref
    oid = git(repositories.prod, "rev-parse", f"{ref}:worktree/notes.md")
    (repositories.prod / f".git/objects/{oid[:2]}/{oid[2:]}").unlink()

    assert held(repositories) is None


def test_a_repository_of_its_own_is_held_by_nothing(repositories: Repositories) -> None:
    save(repositories.prod)
    (repositories.prod / "inner").mkdir()
    git(repositories.prod / "inner", "init", "-q")
    checkout = gather(Checkout, repositories.world(), None)

    assert run_to_end(find_holding(checkout.git, checkout.object_format, ["inner"], [])) is None

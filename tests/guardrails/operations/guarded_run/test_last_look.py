"""The last look before the first command: names, files that were read, and the work tree where a step may change it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.witness import state_of
from guardrails.operations.guarded_run.last_look import LastLook
from guardrails.operations.guarded_run.pins import Pins
from guardrails.testing import gather
from worlds.two_repositories import Repositories

RESET, BUILD = ("git reset --hard {upstream}",), ("pnpm build",)


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def look(repositories: Repositories, *steps: str) -> LastLook:
    world = repositories.world("update")
    assert world.operation is not None
    return LastLook(world, gather(Pins, world), world.operation, steps)


def test_what_is_the_same_passes(repositories: Repositories) -> None:
    (repositories.prod / "mine").write_text("mine\n")
    look(repositories, *RESET).require_same()


@pytest.mark.parametrize("name", ["first.txt", "mine", "new"])
def test_an_edit_shows_where_a_step_may_take_it(repositories: Repositories, name: str) -> None:
    (repositories.prod / "mine").write_text("mine\n")
    last, of_a_build = look(repositories, *RESET), look(repositories, *BUILD)
    (repositories.prod / name).write_text("edited\n")

    with pytest.raises(CannotKnow, match=f"{name} was changed after it was checked"):
        last.require_same()
    of_a_build.require_same()


def test_a_name_that_moves_shows(repositories: Repositories) -> None:
    last = look(repositories, *BUILD)
    git(repositories.prod, "update-ref", "refs/remotes/upstream/main", repositories.first)

    with pytest.raises(CannotKnow, match="upstream moved"):
        last.require_same()


def test_a_file_that_was_read_shows(repositories: Repositories, tmp_path: Path) -> None:
    place = tmp_path / "configuration"
    place.write_text("one\n")
    last = look(repositories, *BUILD)
    last.read = {str(place): state_of(str(place))}
    last.require_same()
    place.write_text("another\n")

    with pytest.raises(CannotKnow, match="configuration was changed"):
        last.require_same()

"""Repositories and state directories that are there, are not, or are not what the configuration says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from worlds.examined import done_as_told, examined, of
from worlds.small_world import RELEASE, SmallWorld, small_world


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return small_world(tmp_path)


def prod(world: SmallWorld) -> list[tuple[str, str]]:
    return [(thing["state"], thing["text"]) for thing in of(examined(world), "environment", "prod")]


def test_the_branch_and_the_commit_are_told(world: SmallWorld) -> None:
    [(state, text), _] = prod(world)
    assert (state, text) == (
        "ok", f"its repository {world.prod} is on main, at {git(world.prod, 'rev-parse', 'HEAD')[:12]}",
    )  # fmt: skip


def test_a_repository_that_is_gone_leads_to_its_setting(world: SmallWorld) -> None:
    shutil.rmtree(world.prod)
    things = examined(world)
    wrong = next(one for one in of(things, "environment", "prod") if one["state"] == "wrong")
    assert wrong["text"] == f"its repository {world.prod} is not there"
    shown = done_as_told(world, wrong).stdout
    assert "environments.prod.repo" in shown
    assert "guardrails.toml:4" in shown
    assert of(things, "environment", "dev")[0]["state"] == "ok"


def test_a_folder_that_is_no_repository_cannot_be_told(world: SmallWorld) -> None:
    shutil.rmtree(world.prod / ".git")
    thing = of(examined(world), "environment", "prod")[0]
    assert thing["state"] == "unknown"
    assert "not a git repository" in thing["text"]
    done_as_told(world, thing)


def test_another_branch_than_the_configured_one_is_wrong(world: SmallWorld) -> None:
    git(world.prod, "checkout", "-q", "-b", "hotfix")
    thing = of(examined(world), "environment", "prod")[0]
    assert thing["state"] == "wrong"
    assert thing["text"].endswith("is on hotfix, and main is configured")
    assert "expected-branch" in done_as_told(world, thing).stdout
    git(world.prod, "checkout", "-q", "--detach")
    assert "is on no branch (a detached HEAD)" in prod(world)[0][1]


def test_any_branch_will_do_where_none_is_configured(world: SmallWorld) -> None:
    dev = of(examined(world), "environment", "dev")[0]
    assert (dev["state"], f"is on {RELEASE}" in dev["text"]) == ("ok", True)


def test_the_repository_of_a_server_is_well(world: SmallWorld) -> None:
    git(world.folder, "clone", "-q", "--bare", "--template=", world.dev, world.folder / "server.git")
    world.configure('[environments.server]\nrepo = "server.git"\n')
    things = examined(world)
    [server] = of(things, "environment", "server")
    assert (server["state"], "has no work tree" in server["text"]) == ("ok", True)
    assert [one["state"] for one in of(things, "statement")] == ["ok", "ok"], "nobody looks for statements there"


def test_a_state_directory_that_is_a_file_is_wrong(world: SmallWorld) -> None:
    shutil.rmtree(world.prod_state)
    world.prod_state.write_text("")
    [_, (state, text)] = prod(world)
    assert (state, text) == ("wrong", f"its state directory {world.prod_state} is not there")

"""`guardrails rescue` from outside: save, look, bring back; and an update is free once the work is saved."""

import re
from pathlib import Path

import pytest

from dirty_repository import git
from small_world import SmallWorld, outcomes, small_world


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    made = small_world(tmp_path)
    (made.prod / "src/gateway.ts").write_text("export const port = 1;\n")
    (made.prod / "hotfix.ts").write_text("fixed\n")
    git(made.prod, "add", "hotfix.ts")
    return made


def saved(world: SmallWorld) -> str:
    done = world.run("rescue", "--env", "prod")
    assert (done.returncode, done.stderr) == (0, "")
    found = re.search(r"refs/rescue/(\S+), and read them back", done.stdout)
    assert found
    return found[1]


def test_what_is_saved_may_be_reset(world: SmallWorld) -> None:
    update = ("--env", "prod", "--op", "update")
    assert outcomes(world.report(*update))["reset-loses-nothing"] == "fail"
    name = saved(world)
    assert outcomes(world.report(*update))["reset-loses-nothing"] == "pass"
    assert name in world.run("rescue", "--env", "prod", "list").stdout

    git(world.prod, "reset", "-q", "--hard")
    place = world.home / "back"
    done = world.run("rescue", "--env", "prod", "restore", name, "--to", str(place))
    assert (done.returncode, done.stderr) == (0, "")
    assert ((place / "hotfix.ts").read_text(), (place / "src/gateway.ts").read_text()) == (
        "fixed\n",
        "export const port = 1;\n",
    )
    assert world.run("rescue", "--env", "prod", "restore", name, "--branch", "saved").returncode == 0
    assert git(world.prod, "show", "saved:hotfix.ts") == "fixed"


def test_what_cannot_be_saved_is_1(world: SmallWorld) -> None:
    (world.prod / "inner").mkdir()
    git(world.prod / "inner", "init", "-q")
    done = world.run("rescue", "--env", "prod", "save")

    assert (done.returncode, "NOT SAVED: inner is a repository of its own" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--env", "nowhere"),
        ("--env", "prod", "restore"),
        ("--env", "prod", "restore", "x", "--to", "y", "--branch", "z"),
        ("--env", "prod", "restore", "nothing", "--to", "y"),
        ("--env", "prod", "save", "x"),
        (),
    ],
)
def test_what_makes_no_sense_is_one_line_and_2(world: SmallWorld, wrong: tuple[str, ...]) -> None:
    done = world.run("rescue", *wrong)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert not (world.folder / "y").exists()

"""`guardrails rescue` from outside: save, look, bring back; and an update is free once the work is saved."""

import json
import os
import pty
import re
from pathlib import Path

import pytest

from dirty.dirty_repository import git, snapshot
from progress import output_of
from worlds.small_world import SmallWorld, outcomes, small_world


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
    (line,) = world.run("rescue", "--env", "prod", "list").stdout.splitlines()
    assert line.startswith(f"{name}  HEAD ")
    assert re.search(r"  (just now|\d+ seconds? ago)$", line)

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


def test_in_a_file_and_from_there(world: SmallWorld) -> None:
    """Into a folder from anywhere, without a configuration; and as a branch of another repository."""
    file = world.home / "saved.bundle"
    done = world.run("rescue", "--env", "prod", "save", "--bundle", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"the same is in {file}, which needs nothing else" in done.stdout
    [name] = git(world.prod, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/rescue").split()
    world.prod.rename(world.home / "away")
    elsewhere = world.home / "elsewhere"
    elsewhere.mkdir()

    assert name in world.run("rescue", "list", "--bundle", str(file), cwd=elsewhere).stdout
    shown = world.run("rescue", "show", name, "--bundle", str(file), cwd=elsewhere)
    assert (shown.returncode, "+fixed" in shown.stdout) == (0, True)
    restore = ("rescue", "restore", name, "--bundle", str(file))
    done = world.run(*restore, "--to", "back", cwd=elsewhere)
    assert (done.returncode, done.stderr, (elsewhere / "back/hotfix.ts").read_text()) == (0, "", "fixed\n")
    refs = git(world.dev, "for-each-ref", "--format=%(refname)", "refs/heads")
    done = world.run(*restore, "--branch", "saved", "--into", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert git(world.dev, "show", "saved:hotfix.ts") == "fixed"
    assert git(world.dev, "for-each-ref", "--format=%(refname)", "refs/heads") == f"{refs}\nrefs/heads/saved"


def test_onto_a_branch_of_another_environment(world: SmallWorld) -> None:
    name = saved(world)
    before = snapshot(world.dev / "src", world.dev / ".git/index", world.dev / ".git/HEAD")
    refs = git(world.dev, "for-each-ref")
    restore = ("rescue", "--env", "prod", "restore", name, "--branch", "saved", "--into", "dev")
    done = world.run(*restore)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"the branch saved of dev is at {git(world.dev, 'rev-parse', 'saved')}\n"
    assert git(world.dev, "show", "saved:hotfix.ts") == "fixed"
    assert git(world.prod, "branch", "--list", "saved") == ""
    assert not (world.dev / ".git/FETCH_HEAD").exists()
    again = world.run(*restore)
    assert (again.returncode, "there is a branch saved" in again.stderr) == (2, True)
    git(world.dev, "branch", "-q", "-D", "saved")
    assert git(world.dev, "for-each-ref") == refs
    assert snapshot(world.dev / "src", world.dev / ".git/index", world.dev / ".git/HEAD") == before
    log = json.loads(world.run("log", "show", "--env", "prod", "--format", "json").stdout)
    assert [(one["kind"], one["did"]) for one in log] == [("rescue", "save"), ("rescue", "restore")]
    assert (log[0]["ref"], log[0]["unsaved"], log[1]["to"]) == (f"refs/rescue/{name}", 0, "dev")
    assert world.run("log", "verify", "--env", "prod").stdout.splitlines()[-1].startswith("the anchor is record 2;")


def test_what_it_holds_is_shown(world: SmallWorld) -> None:
    (world.prod / "\x1b[2Jname").write_text("token=abcdefghijkl\n")
    name = saved(world)
    done = world.run("rescue", "--env", "prod", "show", name)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"rescue         {name}"
    assert lines[2] == "branch         main"
    assert {"staged         1", "unstaged       1", "untracked      1", "+fixed", "-export const port = 18789;"} <= {
        *lines
    }
    assert lines.index("staged: HEAD to the index") < lines.index("the index to the work tree")
    assert ("\x1b" in done.stdout, "abcdefghijkl" in done.stdout) == (False, False)
    coloured = world.run("rescue", "--env", "prod", "show", name, env={"FORCE_COLOR": "1"})
    assert "\x1b[32m+fixed\x1b[0m" in coloured.stdout.splitlines()


def test_a_terminal_shows_how_far_it_is(world: SmallWorld) -> None:
    main, side = pty.openpty()
    with world.start("rescue", "--env", "prod", "save", stderr=side, env=world.environment(TERM="xterm")) as process:
        out, _ = output_of(process)
    os.close(side)
    seen = os.read(main, 1 << 16).decode()
    os.close(main)

    assert process.returncode == 0
    assert "read them back" in out
    assert "reading it back" in seen


@pytest.mark.parametrize("place", ["prod/x", "prod/.git/x", "guardrails.toml", "nowhere/x"])
def test_a_bundle_that_cannot_be_is_refused_before_anything_is_saved(world: SmallWorld, place: str) -> None:
    before = snapshot(world.folder)
    done = world.run("rescue", "--env", "prod", "save", "--bundle", place)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert snapshot(world.folder) == before


@pytest.mark.parametrize(
    "wrong",
    [
        ("--env", "nowhere"),
        ("--env", "prod", "restore"),
        ("--env", "prod", "restore", "x", "--to", "y", "--branch", "z"),
        ("--env", "prod", "restore", "nothing", "--to", "y"),
        ("--env", "prod", "save", "x"),
        ("--env", "prod", "list", "x"),
        ("--env", "prod", "show"),
        ("--env", "prod", "show", "nothing"),
        ("--env", "prod", "show", "x", "--to", "y"),
        ("--env", "prod", "list", "--ignored"),
        ("--env", "prod", "save", "--into", "dev"),
        ("--env", "prod", "restore", "x", "--to", "y", "--into", "dev"),
        ("--env", "prod", "restore", "x", "--branch", "y", "--into", "nowhere"),
        ("--env", "prod", "restore", "x", "--bundle", "nowhere", "--to", "y"),
        ("save", "--bundle", "y"),
        ("restore", "x", "--bundle", "nowhere", "--branch", "y"),
        (),
    ],
)
def test_what_makes_no_sense_is_one_line_and_2(world: SmallWorld, wrong: tuple[str, ...]) -> None:
    done = world.run("rescue", *wrong)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert not (world.folder / "y").exists()

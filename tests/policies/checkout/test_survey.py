"""`guardrails init` where there is no OpenClaw: a configuration of the checkout around the working directory."""

from __future__ import annotations

import tomllib
from pathlib import Path

from dirty.dirty_repository import git, settle
from worlds.small_world import SmallWorld, write


def checkout(folder: Path) -> SmallWorld:
    """A clone without a configuration, in a home where nothing of OpenClaw is."""
    world = SmallWorld(folder)
    world.upstream.mkdir(parents=True)
    git(world.upstream, "init", "-q", "-b", "trunk", "--template=")
    write(world.upstream / "docs/a.md", "# A\n")
    git(world.upstream, "add", "-A")
    git(world.upstream, "commit", "-qm", "First")
    git(world.folder, "clone", "-q", "--no-hardlinks", "--template=", world.upstream, world.prod)
    settle(world.prod)
    return world


def test_the_written_file_builds_on_the_profile_and_judges_the_checkout(tmp_path: Path) -> None:
    world = checkout(tmp_path)
    done = world.run("init", cwd=world.prod / "docs")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"  {world.prod}: on trunk, updates from origin/trunk → prod\n" in done.stdout
    text = (world.prod / "docs/guardrails.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {
        "extends": ["checkout"],
        "environments": {"prod": {"repo": str(world.prod), "branch": "trunk", "upstream": "origin/trunk"}},
    }
    (world.prod / "docs/guardrails.toml").rename(world.configuration)
    assert world.check("--env", "prod").returncode == 0
    write(world.prod / "docs/a.md", "an edit\n")
    assert world.check("--env", "prod").returncode == 1


def test_a_product_that_is_found_comes_first(tmp_path: Path) -> None:
    world = checkout(tmp_path)
    (world.home / ".openclaw").mkdir()
    done = world.run("init", "--print", cwd=world.prod)
    assert (done.returncode, tomllib.loads(done.stdout)["extends"]) == (0, ["openclaw"])


def test_a_checkout_without_branch_and_remote_says_so(tmp_path: Path) -> None:
    world = checkout(tmp_path)
    git(world.prod, "checkout", "-q", "--detach")
    git(world.prod, "remote", "remove", "origin")
    done = world.run("init", "--print", cwd=world.prod)
    assert (done.returncode, list(tomllib.loads(done.stdout)["environments"]["prod"])) == (0, ["repo"])
    assert "# no upstream: no remote tells where updates come from; the profile's holds\n" in done.stdout

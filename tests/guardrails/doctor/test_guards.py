"""Each hook that is configured, or was installed from here, is asked for as git would run it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from worlds.examined import done_as_told, examined, of
from worlds.small_world import SmallWorld, small_world, write


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    made = small_world(tmp_path)
    made.configuration.write_text(f'guards.dev = ["pre-push"]\n{made.configuration.read_text()}')
    return made


def install(world: SmallWorld, kind: str, environment: str, *more: str) -> None:
    done = world.run("hook", "install", kind, "--env", environment, *more)
    assert done.returncode == 0, done


def test_a_configured_hook_that_is_missing_is_installed_by_its_line(world: SmallWorld) -> None:
    [hook] = of(examined(world), "hook", "dev")
    assert (hook["state"], hook["text"].startswith("pre-push: not installed: git looks for")) == ("wrong", True)
    done_as_told(world, hook)
    [hook] = of(examined(world), "hook", "dev")
    assert (hook["state"], hook["text"]) == ("ok", f"pre-push: git runs {world.dev}/.git/hooks/pre-push")


def test_a_hook_that_was_installed_from_here_is_missed(world: SmallWorld) -> None:
    [none] = of(examined(world), "hook", "prod")
    assert none["state"] == "note"
    install(world, "reference-transaction", "prod")
    assert [one["state"] for one in of(examined(world), "hook", "prod")] == ["ok"]
    os.unlink(world.prod / ".git/hooks/reference-transaction")
    assert [one["state"] for one in of(examined(world), "hook", "prod")] == ["wrong"]


def test_a_hook_that_git_does_not_run_is_wrong(world: SmallWorld) -> None:
    install(world, "pre-push", "dev")
    hook = world.dev / ".git/hooks/pre-push"
    hook.chmod(0o644)
    [found] = of(examined(world), "hook", "dev")
    assert (found["state"], "is not executable" in found["text"]) == ("wrong", True)


def test_a_hook_without_an_answer_is_wrong(world: SmallWorld, tmp_path: Path) -> None:
    """Each byte of it is right, and what it runs says nothing."""
    install(world, "pre-push", "dev")
    memory = world.home / ".local/state/guardrails/dev/guards.json"
    silent = write(tmp_path / "silent/python", "#!/bin/sh\n")
    silent.chmod(0o755)
    for path in (memory, world.dev / ".git/hooks/pre-push"):
        path.write_text(path.read_text().replace(world.python, str(silent)))
    [found] = of(examined(world), "hook", "dev")
    assert (found["state"], "git does not get an answer" in found["text"]) == ("wrong", True)


def test_a_memory_that_cannot_be_read_is_told(world: SmallWorld) -> None:
    install(world, "pre-push", "dev")
    (world.home / ".local/state/guardrails/dev/guards.json").write_text("{}")
    [found] = of(examined(world), "hook", "dev")
    assert found["state"] == "unknown"


def test_a_hook_of_another_configuration_is_noted(world: SmallWorld, tmp_path: Path) -> None:
    other = write(world.folder / "other.toml", world.configuration.read_text())
    install(world, "reference-transaction", "prod", "--config", str(other))
    notes = [one["text"] for one in of(examined(world), "hook", "prod") if one["state"] == "note"]
    assert notes[-1].endswith(f"for prod, by {other}, which is not in force here")

"""`guardrails drill --installed` from outside: hosts as well as git's hooks, and what the exit codes say."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import snapshot
from worlds.hooked import Hooked


@pytest.fixture
def world(tmp_path: Path) -> Hooked:
    return Hooked(tmp_path)


def drilled(world: Hooked, *more: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the canaries by their ids."""
    done = world.guardrails("drill", "--installed", "--format", "json", *more)
    document = json.loads(done.stdout)
    assert (done.stderr, document["exit_code"]) == ("", done.returncode)
    return done.returncode, {one["id"]: one for one in document["drills"]}


def test_every_guard_fires_and_leaves_its_records(world: Hooked) -> None:
    world.install("pre-push", "dev")
    world.install("reference-transaction", "prod")
    assert world.hook("install", "claude-code").returncode == 0
    before = snapshot(world.dev, world.prod, world.server, world.home / ".claude", times=False)
    code, found = drilled(world)
    assert code == 0
    assert [*found] == [
        "prod/reference-transaction", "prod/claude-code", "dev/pre-push", "dev/claude-code", "server/claude-code",
    ]  # fmt: skip
    assert all(one["held"] and one["observed"]["exit_code"] == 1 for one in found.values())
    assert "guard-stays-on" in found["dev/claude-code"]["observed"]["policies"]
    assert snapshot(world.dev, world.prod, world.server, world.home / ".claude", times=False) == before
    log = (world.home / ".local/state/guardrails/dev/audit.jsonl").read_text().splitlines()
    assert sum(str(found["dev/pre-push"]["canary"]) in record for record in log) == 2
    shown = world.guardrails("log", "show", "--env", "dev").stdout
    assert f"{found['dev/claude-code']['canary']} by way of claude-code" in shown


def test_a_host_whose_settings_or_script_are_gone_is_named(world: Hooked) -> None:
    assert world.hook("install", "gemini").returncode == 0
    assert drilled(world, "--env", "dev")[0] == 0
    [script] = [path for path in (world.home / ".local/share/guardrails/hosts").iterdir() if path.is_file()]
    kept = script.read_text()
    for spoil in (lambda: script.write_text("#!/bin/sh\necho blocked\n"), script.unlink):
        spoil()
        code, found = drilled(world, "--env", "dev")
        one = found["dev/gemini"]
        assert (code, one["held"], one["canary"], one["observed"]["exit_code"]) == (1, False, None, 0)
        assert str(script) in one["text"]
        assert "guardrails hook install gemini --env dev" in one["do"]
    script.write_text(kept)
    script.chmod(0o755)
    (world.home / ".gemini/settings.json").unlink()
    assert drilled(world, "--env", "dev")[0] == 1


def test_what_is_configured_and_was_never_installed_did_not_fire(world: Hooked) -> None:
    nothing = world.guardrails("drill", "--installed")
    assert (nothing.returncode, nothing.stdout.startswith("CANNOT TELL  no guard is configured")) == (2, True)
    assert world.guardrails("drill", "--env", "dev").returncode == 2, "it is about what is installed alone"
    assert world.guardrails("drill", "--installed", "--policy", "clean-worktree").returncode == 2
    assert world.guardrails("drill", "--installed", "--env", "nowhere").returncode == 2
    configuration = world.folder / "guardrails.toml"
    configuration.write_text(f'guards.dev = ["pre-push", "codex"]\n{configuration.read_text()}')
    done = world.guardrails("drill", "--installed")
    assert done.returncode == 1
    lines = done.stdout.split("\n")
    assert lines[0].startswith("✗ silent   dev/pre-push  it was let through: not installed")
    assert sum(line.startswith("            do    guardrails hook install ") for line in lines) == 2
    assert lines[-2] == "NOT ALL FIRED  0 of 2 installed guards fired"


def test_status_and_installation_send_the_same_canary(world: Hooked) -> None:
    """Each byte of the hook is right, and the interpreter that it names judges nothing and says what is asked for."""
    world.install("pre-push", "dev")
    log = world.home / ".local/state/guardrails/dev/audit.jsonl"
    assert [json.loads(line)["kind"] for line in log.read_text().split("\n") if line] == ["canary", "check"]

    liar = world.folder / "python"
    liar.write_text(f'#!/bin/sh\ncase "$*" in *--version) exec {sys.executable} "$@" ;; esac\necho blocked\n')
    liar.chmod(0o755)
    for path in (log.parent / "guards.json", world.dev / ".git/hooks/pre-push"):
        path.write_text(path.read_text().replace(sys.executable, str(liar)))
    status = world.hook("status", "pre-push", "--env", "dev")
    assert (status.returncode, "pre-push does not guard dev: a canary: it was let through" in status.stdout) == (
        1,
        True,
    )
    assert drilled(world, "--env", "dev")[0] == 1

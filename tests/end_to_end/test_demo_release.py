"""The demo's release with generated keys: refused without any one piece of evidence, done with all, of one commit."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.drills.worlds import build
from guardrails_policies.openclaw.demo.acts import DEMO
from guardrails_policies.openclaw.demo.release import RELEASE_PLAN, attest_words, give_keys, sign_off_words
from guardrails_policies.openclaw.demo.words import run_words

EVIDENCE = {
    "build": (attest_words("build"), "tested-commit"),
    "test": (attest_words("test"), "tested-commit"),
    "architect-1": (sign_off_words("architect-1"), "required-signoffs"),
    "architect-2": (sign_off_words("architect-2"), "required-signoffs"),
}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """The demo's world, in which only the keys of three people count, and nothing they have said yet."""
    folder = tmp_path / "world"
    build(DEMO.stage, str(folder))
    give_keys(str(folder))
    return folder


def run(world: Path, command: tuple[str, ...], **more: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": f"{world}/bin:{os.environ['PATH']}", "HOME": str(world / "home"), "LC_ALL": "C.UTF-8", **more}
    return subprocess.run(command, cwd=world, env=variables, capture_output=True, text=True, check=False)


def say(world: Path, *left_out: str) -> None:
    for name, (command, _) in EVIDENCE.items():
        if name not in left_out:
            done = run(world, command)
            assert done.returncode == 0, done


@pytest.mark.parametrize("name", EVIDENCE)
def test_without_one_of_them_it_is_refused(world: Path, name: str) -> None:
    say(world, name)
    before = DEMO.kept(str(world))
    done = run(world, run_words("promote"))

    assert (done.returncode, f"✗ fail   {EVIDENCE[name][1]}" in done.stderr) == (125, True), done.stderr
    assert "DENY  1 of 10 blocks" in done.stderr
    assert DEMO.kept(str(world)) == before


def test_its_history_is_told_move_by_move(tmp_path: Path) -> None:
    """The release plan of the demo, without what it refuses and what it only checks: three guarded runs move prod."""
    folder = tmp_path / "world"
    build(DEMO.stage, str(folder))
    prod = folder / "openclaw-prod"
    was = [git(prod, "rev-parse", "HEAD")]
    assert run(folder, ("guardrails", "check", "--env", "prod")).returncode == 0
    for scene in RELEASE_PLAN.scenes:
        scene.play(str(folder))
        if not scene.acts or "start" in scene.command:
            continue
        assert run(folder, scene.command, **scene.variables).returncode == 0, scene.command
        if (now := git(prod, "rev-parse", "HEAD")) != was[-1]:
            was.append(now)
    told = run(folder, ("guardrails", "history", "--env", "prod", "--format", "json"))
    moves = json.loads(told.stdout)["moves"]

    assert told.returncode == 0, told.stdout
    assert [(one["old"], one["new"]) for one in moves] == list(pairwise(was))
    assert [one["verdict"] for one in moves] == ["allow"] * 3
    assert was[3] == was[1], "the rollback leads back to what ran before the promotion"
    text = run(folder, ("guardrails", "history", "--env", "prod")).stdout
    told_of = [line.split("  ")[2].split()[0] for line in text.splitlines() if line.startswith("✓")]
    assert told_of == ["update", "promote", "rollback"]


def test_with_all_it_is_done_and_one_more_commit_is_another_release(world: Path) -> None:
    say(world)
    done = run(world, run_words("promote"))
    assert done.returncode == 0, done.stderr
    (world / "moltbot/src/more.ts").write_text("export const more = true;\n")
    git(world / "moltbot", "add", "-A")
    git(world / "moltbot", "commit", "-qm", "one more thing")
    before = DEMO.kept(str(world))
    again = run(world, run_words("promote"))

    assert again.returncode == 125
    for policy in ("tested-commit", "required-signoffs"):
        assert f"✗ fail   {policy}" in again.stderr
    assert DEMO.kept(str(world)) == before

"""The whole check on the captured state directories of real OpenClaw versions."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty import snapshot
from guardrails_policies.openclaw.demo.world import build
from worlds.openclaw_state import MIGRATED, NEW, OLD, REAL_STATES, real_state, rehome

CAPTURED_HOME = "/home/alice"
_LOG = '[audit]\npath = "../audit.jsonl"\n\n'  # beside the world, of which the home is a part here
_ANY_AGE = '[policies.active-sessions]\nmax_age = "36500d"\n\n'


def check(world: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the real command; its exit code, and each policy's result."""
    command = [sys.executable, "-P", "-m", "guardrails", "check", "--env", "prod", "--format", "json", *arguments]
    before = snapshot(world)
    env = {**os.environ, "HOME": str(world / "home"), "XDG_CACHE_HOME": str(world.parent / "cache")}
    done = subprocess.run(command, cwd=world, env=env, capture_output=True, check=False)
    assert snapshot(world) == before, "the check changed what it looked at"
    report = json.loads(done.stdout)
    assert report["exit_code"] == done.returncode
    return done.returncode, {result["policy"]: result for result in report["results"]}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """The demo's world, with the state of prod left out and no list of expected jobs."""
    folder = tmp_path / "world"
    folder.mkdir()
    build(str(folder))
    shutil.rmtree(folder / "home/.openclaw")
    text = (folder / "guardrails.toml").read_text()
    (folder / "guardrails.toml").write_text(text[: text.index("[policies.expected-cron-jobs]")] + _LOG + _ANY_AGE)
    return folder


def expect_jobs(world: Path, *jobs: str) -> None:
    with (world / "guardrails.toml").open("a") as file:
        file.write("[policies.expected-cron-jobs]\njobs = [" + ", ".join(jobs) + "]\n")


def test_the_json_era_is_allowed(world: Path) -> None:
    real_state(OLD, world / "home/.openclaw")

    code, results = check(world)

    assert code == 0
    assert "no list of expected jobs is configured" in results["expected-cron-jobs"]["reason"]


@pytest.mark.parametrize("name", [NEW, MIGRATED])
def test_the_database_era_is_allowed_in_its_own_place(world: Path, name: str) -> None:
    state = real_state(name, world / "home/.openclaw")
    rehome(state, CAPTURED_HOME + ("/.openclaw" if name == NEW else "/.openclaw-dev"))

    assert check(world)[0] == 0


@pytest.mark.parametrize("name", [NEW, MIGRATED])
def test_a_database_that_was_copied_from_elsewhere_is_denied(world: Path, name: str) -> None:
    real_state(name, world / "home/.openclaw")

    code, results = check(world)

    assert code == 1
    assert CAPTURED_HOME in results["expected-cron-jobs"]["findings"][0]["observed"]


def test_a_job_that_is_expected_and_gone_is_denied(world: Path) -> None:
    real_state(OLD, world / "home/.openclaw")
    expect_jobs(world, '{ name = "no such job", schedule = "0 7 * * *" }')

    code, results = check(world)

    assert code == 1
    assert "no such job" in json.dumps(results["expected-cron-jobs"]["findings"])


def test_a_state_that_was_cut_off_cannot_be_decided(world: Path) -> None:
    state = real_state(OLD, world / "home/.openclaw")
    jobs = state / "cron/jobs.json"
    jobs.write_bytes(jobs.read_bytes()[:-20])

    code, results = check(world)

    assert (code, results["expected-cron-jobs"]["outcome"]) == (2, "error")


def test_the_dev_state_of_2026_1_30_reaches_into_prod(world: Path) -> None:
    """That version puts the workspace of every session into ~/.openclaw, whatever its state directory is."""
    real_state(OLD, world / "home/.openclaw")
    shutil.rmtree(world / "home/.openclaw-dev")
    dev = real_state(OLD, world / "home/.openclaw-dev")
    for path in dev.rglob("*.json*"):
        path.write_text(path.read_text().replace(f"{CAPTURED_HOME}/.openclaw/", f"{world}/home/.openclaw/"))

    code, results = check(world)

    assert code == 1
    (finding,) = results["isolated-state-dirs"]["findings"]
    assert "points into that of prod (cwd)" in finding["message"]
    assert "agents.defaults.workspace" in f"{finding['remediation']} {finding['remark']}"


@pytest.mark.parametrize(
    ("captured", "folder", "name", "home"),
    [
        ("openclaw-gateway.service", ".config/systemd/user", "openclaw-gateway", CAPTURED_HOME),
        ("ai.openclaw.gateway.plist", "Library/LaunchAgents", "ai.openclaw.gateway", "/Users/alice"),
    ],
)
def test_the_service_files_of_2026_1_30(world: Path, captured: str, folder: str, name: str, home: str) -> None:
    """As written they start an installed package; with the program of prod's checkout they are as expected."""
    real_state(OLD, world / "home/.openclaw")
    source = REAL_STATES / "2026.1.30/service" / captured
    text = source.read_text().replace(home, str(world / "home"))
    (world / "home/.config/systemd/user/com.moltbot.gateway.prod.service").unlink()
    path = world / "home" / folder / captured
    path.parent.mkdir(parents=True, exist_ok=True)
    configuration = world / "guardrails.toml"
    prod = 'repo = "openclaw-prod"\n'
    configuration.write_text(configuration.read_text().replace(prod, f'{prod}service = "{name}"\n'))

    path.write_text(text)
    code, results = check(world)
    assert code == 1
    (finding,) = results["service-definition"]["findings"]
    assert finding["observed"].endswith("/lib/node_modules/openclaw/dist/entry.js")

    installed = finding["observed"]
    path.write_text(text.replace(installed, f"{world}/openclaw-prod/dist/entry.js"))
    code, results = check(world)
    assert (code, results["service-definition"]["outcome"]) == (0, "pass"), results
    assert "OPENCLAW_GATEWAY_TOKEN in clear text" in results["service-definition"]["reason"]

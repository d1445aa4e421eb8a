"""The states, locks and settings that seven versions left, judged by the real command.

One state is production's; development's is the same again, whose settings and sessions then name places of production.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from guardrails_policies.openclaw.gateways.gateway_locks import read_locks
from guardrails_policies.openclaw.versions import AGENT_ENTRIES, SESSION_STORE, STATE_IN_LOCK
from worlds.openclaw_state import REAL_STATES, change, listing, real_state

EARLIER, LATER = "2026-11-22T12:00:00Z", "2026-11-28T23:00:00Z"
VERSIONS = {  # the folder of each capture, and when it was taken
    "2026.1.30": ("2026.1.30", EARLIER),
    "2026.4.29": ("../openclaw-versions/2026.4.29", LATER),
    "2026.6.1": ("../openclaw-versions/2026.6.1", LATER),
    "2026.7.1-2": ("../openclaw-versions/2026.7.1-2", LATER),
    "2026.8.2": ("../openclaw-versions/2026.8.2", LATER),
    "2026.9.6": ("../openclaw-versions/2026.9.6", LATER),
    "2026.9.6, migrated from 2026.1.30": ("2026.9.6", EARLIER),
}
POLICIES = ("active-sessions", "isolated-state-dirs", "required-config", "single-gateway")

CONFIGURATION = """\
[environments.prod]
repo = "repo"
state_dir = "prod"
[environments.dev]
repo = "repo"
state_dir = "dev"
[policies.active-sessions]
when = ["standing"]
[policies.isolated-state-dirs]
when = ["standing"]
[policies.required-config]
when = ["standing"]
file = "{state_dir}/openclaw.json"
values = { "gateway.mode" = "local" }
[policies.single-gateway]
when = ["standing"]
"""


@pytest.fixture
def world(tmp_path: Path, capture: str) -> Path:
    """A folder with the state of a version as production's."""
    folder = VERSIONS[capture][0]
    name = "state-migrated-from-2026.1.30" if "migrated" in capture else "state"
    real_state(f"{folder}/{name}", tmp_path / "world/prod")
    (tmp_path / "world/dev").mkdir()
    (tmp_path / "world/repo").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "world/guardrails.toml").write_text(CONFIGURATION)
    return tmp_path / "world"


def judged(world: Path, capture: str) -> dict[str, str]:
    """The outcome of each policy; nothing of the world changes."""
    before = listing(world)
    command = [sys.executable, "-P", "-m", "guardrails", "check", "--env", "prod", "--format", "json", "--at"]
    done = subprocess.run(
        [*command, VERSIONS[capture][1]],
        cwd=world,
        env={"HOME": str(world.parent / "home"), "PATH": os.environ["PATH"], "TMPDIR": str(world.parent / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert listing(world) == before
    report = json.loads(done.stdout)
    assert report["errors"] == []
    return {one["policy"]: one["outcome"] for one in report["results"]}


@pytest.mark.parametrize("capture", VERSIONS)
def test_a_captured_state_keeps_the_rules(world: Path, capture: str) -> None:
    assert judged(world, capture) == dict.fromkeys(POLICIES, "pass")


@pytest.mark.parametrize("capture", VERSIONS)
def test_a_workspace_in_the_state_of_production_is_found(world: Path, capture: str) -> None:
    """In the form in which that version names its agents."""
    settings = json.loads((world / "prod/openclaw.json").read_text())
    agent = {"workspace": str(world / "prod/workspace")}
    in_table = AGENT_ENTRIES.at(capture)[0]
    settings["agents"] = {"entries": {"ops": agent}} if in_table else {"list": [{"id": "ops"} | agent]}
    (world / "dev/openclaw.json").write_text(json.dumps(settings))
    assert judged(world, capture)["isolated-state-dirs"] == "fail"


@pytest.mark.parametrize("capture", [name for name in VERSIONS if SESSION_STORE.at(name) == ("files",)])
def test_sessions_that_were_not_moved_are_found(world: Path, capture: str) -> None:
    """As after an update that broke off: the sessions are in files, and the database is that of a later version."""
    database = world / "prod/state/openclaw.sqlite"
    database.parent.mkdir(exist_ok=True)
    change(database, "PRAGMA user_version = 18")
    assert judged(world, capture)["active-sessions"] == "fail"


@pytest.mark.parametrize("capture", [name for name in VERSIONS if "migrated" not in name])
def test_a_captured_lock_is_read_and_nobody_holds_it(tmp_path: Path, capture: str) -> None:
    folder = REAL_STATES / VERSIONS[capture][0]
    if not folder.is_dir():
        pytest.skip(f"real OpenClaw state not present: {folder}")
    says_state = STATE_IN_LOCK.at(capture)[0]
    copied = tmp_path / "locks"
    shutil.copytree(folder / ("state-running-lock/tmp" if says_state else "tmp-lock"), copied)
    locks = read_locks([str(copied / "openclaw-0")])
    assert len(locks) == (2 if says_state else 1)
    for lock in locks:
        assert lock.stale is not False
        assert bool(lock.state_dir) is says_state
        assert lock.config_path.endswith("/openclaw.json")

"""A small deployment that keeps every rule of the profile `openclaw`, and the command line run on it from outside."""

from __future__ import annotations

import json
import plistlib
import subprocess
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from built_once import copy_built
from dirty.dirty_repository import git, settle
from guardrails.facts.approval.proposal import plan_digest
from guardrails.model import Operation
from guardrails.operations.evidence.record_statements import record_run, record_sign_off
from guardrails.testing.worlds import ScratchWorld
from guardrails.testing.worlds import write as write
from plugin_packages import install, interpreter
from progress import output_of

ROOT = Path(__file__).parents[3]
RELEASE = "release/memory-v1"
_PROFILE = ROOT / "policies/guardrails_policies/openclaw.toml"
DIGEST = {"kind": "cron", "expr": f"0 {time.gmtime(time.time() + 12 * 3600).tm_hour} * * *", "tz": "UTC"}  # not soon

_CONFIGURATION = """\
extends = ["openclaw"]

[environments.prod]
repo = "prod"
state_dir = "state/prod"

[environments.dev]
repo = "dev"
state_dir = "state/dev"
"""

_FILES = {
    ".gitignore": "dist/\nnode_modules/\n",
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
    "src/gateway.ts": "export const port = 18789;\n",
    "docs/DEPLOYMENT.md": "# Deployment Rules (Dev vs Prod)\n\n## Rollback\n",
    "docs/start/openclaw.md": "# Start\n\nFirst read the [deployment rules](/DEPLOYMENT).\n",
    "docs/cli/index.md": "# Command line\n\nFirst read the [deployment rules](/DEPLOYMENT).\n",
    "docs/memory/OPERATIONS.md": "# Operations\n\nFirst read the [deployment rules](../DEPLOYMENT.md).\n",
}


class SmallWorld(ScratchWorld):
    """The scratch world of an OpenClaw deployment, in a folder of its own beside the home.

    `home` is the home of whoever runs the checks and holds their cache; it is no part of the world. `python_path` may
    get more folders, each with a plugin, and `python` finds what is there.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "world", home=folder / "home")
        self.python_path = [str(_own_plugin(folder / "own")), str(ROOT), str(ROOT / "policies")]
        self.home.mkdir(parents=True)

    def fill(self) -> None:
        """Make every rule of the profile hold."""
        copy_built(_build_repositories, self.folder.parent)
        for built, wanted in ((self.folder / "prod", self.prod), (self.folder / "dev", self.dev)):
            built.rename(wanted)
        self.release, self.candidate = RELEASE, git(self.dev, "rev-parse", "HEAD")
        for repo in (self.prod, self.dev):
            git(repo, "update-index", "-q", "--refresh")
        for state in (self.prod_state, self.dev_state):
            _fill_state(state)
        _write_service(self.home, self.prod, self.prod_state)
        write(self.configuration, _CONFIGURATION)

    def install(self) -> None:
        """Leave in prod what `pnpm install` and `pnpm build` leave for the commit that is checked out."""
        lock = (self.prod / "pnpm-lock.yaml").read_text(encoding="utf-8")
        write(self.prod / "node_modules/.pnpm/lock.yaml", lock)
        write(self.prod / "dist/build-info.json", json.dumps({"commit": git(self.prod, "rev-parse", "HEAD")}))

    def approve(self) -> None:
        """Record of dev's HEAD that it was built and tested, and that both architects approve it."""
        tree = git(self.dev, "rev-parse", "HEAD^{tree}")
        for name in ("build", "test"):
            record_run(str(self.dev), tree, name, f"pnpm {name}", passed=True, finished=time.time() - 1)
        self.sign_off()

    def sign_off(self) -> None:
        """Record that both architects approve dev's HEAD."""
        commit, tree = (git(self.dev, "rev-parse", name) for name in ("HEAD", "HEAD^{tree}"))
        repo, now, plan = str(self.dev), time.time() - 1, self.plan(commit)
        for role in ("architect-1", "architect-2"):
            about = {"environment": "prod", "plan": plan, "signer": f"{role}@example.org", "issued": now}
            record_sign_off(repo, commit, tree, role, "approved", **about)  # type: ignore[arg-type]

    def plan(self, commit: str) -> str:
        """The digest of the promotion of a commit, as it is configured here."""
        own = tomllib.loads(self.configuration.read_text()) if self.configuration.exists() else {}
        table = own.get("operations", {}).get("promote", {})
        said = {**tomllib.loads(_PROFILE.read_text())["operations"]["promote"], **table}
        promote = Operation("promote", moves_head_to=said["moves_head_to"], configured=tuple(said["steps"]))
        return plan_digest(promote, "prod", commit)

    def environment(self, **changes: str | None) -> dict[str, str]:
        """That of a check, whose Python finds what has been added to its path; None takes a variable away."""
        assert self.python
        return super().environment(**changes)

    @property
    def python(self) -> str:
        """The interpreter that has guardrails and the plugins."""
        return interpreter(self.folder.parent / "own/python", self.python_path)

    def run(
        self, *arguments: str, env: dict[str, str | None] | None = None, **rest: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of guardrails to its end, however busy the machine is; `env` changes the usual environment."""
        with self.start(*arguments, env=self.environment(**(env or {})), **rest) as process:
            out, err = output_of(process)
        self.session = process.pid
        return subprocess.CompletedProcess(process.args, process.returncode, out or "", err or "")


def small_world(folder: Path) -> SmallWorld:
    """Build the world in a folder."""
    world = SmallWorld(folder)
    world.fill()
    return world


def bare_world(folder: Path) -> SmallWorld:
    """A world that is but one repository, with a configuration in which no policy applies yet."""
    world = SmallWorld(folder)
    world.prod.mkdir(parents=True)
    world.git(world.prod, "init", "-q", "-b", "main", "--template=")
    world.commit(world.prod, "First", {"README.md": "Hello\n"})
    write(world.configuration, '[environments.prod]\nrepo = "prod"\n')
    return world


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    """The outcome of each policy of a JSON report."""
    return {result["policy"]: result["outcome"] for result in report["results"]}


def same_but_for_times(report: dict[str, Any]) -> dict[str, Any]:
    """A JSON report without what may differ between two runs on one world."""
    results = [{**result, "duration_ms": 0} for result in report["results"]]
    return {**report, "started_at": "", "duration_ms": 0, "results": results}


def left_over(session: int, within: float = 5.0) -> list[int]:
    """The processes of a check, known by its session, that are still alive after some seconds; none is at once."""
    until = time.monotonic() + within
    while (living := _living(session)) and time.monotonic() < until:
        time.sleep(0.02)
    return living


def _living(session: int) -> list[int]:
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc to see what a check leaves behind")
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, *ids = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if ids[2] == str(session) and state != "Z":  # an orphan's corpse is for init to bury
                found.append(int(folder.name))
    return found


def _own_plugin(folder: Path) -> Path:
    """Make our own policies a plugin, however this repository is installed; one distribution counts once."""
    return install(folder, "deploy-guardrails", entry="openclaw = guardrails_policies.plugin")


def _build_repositories(folder: Path) -> None:
    """Make upstream, prod and dev, with all that a promotion of the release needs."""
    made = SmallWorld(folder)
    change = {"src/memory.ts": "export const facts = [];\n"}
    made.build([("The gateway and its documents", _FILES)], ("release: memory system", change), RELEASE)
    made.install()
    made.approve()
    for repo in (made.prod, made.dev):
        settle(repo)


def _write_service(home: Path, repo: Path, state: Path) -> None:
    """Write the definition of the profile's service."""
    path = home / "Library/LaunchAgents/com.moltbot.gateway.prod.plist"
    service = {
        "Label": path.stem,
        "ProgramArguments": ["/usr/bin/node", f"{repo}/dist/entry.js", "gateway", "--port", "18789"],
        "EnvironmentVariables": {"OPENCLAW_STATE_DIR": str(state)},
    }
    path.parent.mkdir(parents=True)
    path.write_bytes(plistlib.dumps(service))


def _fill_state(folder: Path) -> None:
    """Fill a state directory as OpenClaw 2026.1.30 does."""
    settings = {"gateway": {"mode": "local"}, "agents": {"defaults": {"workspace": str(folder / "workspace")}}}
    job = {"id": "job-1", "name": "daily digest", "enabled": True, "schedule": DIGEST, "state": {}}
    write(folder / "openclaw.json", json.dumps(settings))
    write(folder / "cron/jobs.json", json.dumps({"version": 1, "jobs": [job]}))
    session = {"agent:main:main": {"sessionId": "session-1", "updatedAt": round(time.time() * 1000)}}
    write(folder / "agents/main/sessions/sessions.json", json.dumps(session))

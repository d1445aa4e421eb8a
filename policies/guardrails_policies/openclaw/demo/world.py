"""A small OpenClaw deployment that keeps every rule: repositories, states, a service, documents, cron jobs.

Everything is in one folder. Times are those of the build: what is scheduled fires hours from now.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
import time
import tomllib
from importlib.resources import files

from guardrails.facts.approval.proposal import plan_digest
from guardrails.model import Operation
from guardrails.operations.evidence.record_statements import record_run, record_sign_off
from guardrails_policies.openclaw.demo.tools import STATES, git, run, world_in, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RELEASE = "release/memory-v1"
SERVICE = "com.moltbot.gateway.prod"
HOUR = 3600  # seconds

_CONFIGURATION = """\
extends = ["openclaw"]

[environments.prod]
repo = "openclaw-prod"
state_dir = "home/.openclaw"

[environments.dev]
repo = "moltbot"
state_dir = "home/.openclaw-dev"

[policies.expected-cron-jobs]
jobs = [
    {{ name = "daily digest", schedule = "{digest}", zone = "UTC" }},
    {{ name = "memory cleanup", schedule = "every 6h" }},
]

[policies.ui-answers]
url = "http://127.0.0.1:{port}/"
"""

_PNPM = """\
#!/bin/sh
# What is read of a real one's work: which lock file was installed, and which commit was built.
set -e
case $1 in
install)
    mkdir -p node_modules/.pnpm
    rm -f node_modules/.pnpm/lock.yaml node_modules/.modules.yaml
    cp pnpm-lock.yaml node_modules/.pnpm/lock.yaml
    echo '{"layoutVersion": 5}' >node_modules/.modules.yaml
    ;;
build)
    mkdir -p dist
    rm -f dist/build-info.json dist/entry.js
    echo "{\\"version\\": \\"2026.1.30\\", \\"commit\\": \\"$(git rev-parse HEAD)\\"}" >dist/build-info.json
    echo '// built' >dist/entry.js
    ;;
esac
"""
_OPENCLAW = """\
#!/bin/sh
world=$(cd "$(dirname "$0")/.." && pwd)
exec {python} -P -c 'from guardrails_policies.openclaw.demo.gateway import main; main()' "$world" "$@"
"""
_LOCK = "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n"
_FILES = {
    ".gitignore": "node_modules/\ndist/*\n!dist/control-ui/\n",
    "package.json": '{"name": "openclaw", "private": true}\n',
    "pnpm-lock.yaml": _LOCK,
    "src/gateway.ts": "export const port = 18789;\n",
    "docs/DEPLOYMENT.md": "# Deployment Rules (Dev vs Prod)\n\nSee [operations](/memory/OPERATIONS).\n\n## Rollback\n",
    "docs/start/openclaw.md": "# Start\n\nBefore you deploy, read the [deployment rules](/DEPLOYMENT).\n",
    "docs/cli/index.md": '# Command line\n\n<Card title="Deployment rules" href="/DEPLOYMENT" />\n',
    "docs/memory/OPERATIONS.md": "# Operations\n\nSee the [deployment rules](../DEPLOYMENT.md).\n",
    "docs/docs.json": '{"name": "OpenClaw", "redirects": []}\n',
}
_CHANGE = ("release: memory system", {"src/memory.ts": "export const facts = [];\n"})


def build(folder: str, profile: str = "openclaw") -> None:
    """Fill an empty folder so that every rule of the profile holds, but for what a release has yet to bring.

    `profile` is the one whose promotion the architects have approved.
    """
    world = world_in(folder)
    world.build([("The gateway and its documents", _FILES)], _CHANGE, RELEASE)
    prod, dev = str(world.prod), str(world.dev)
    now = time.time()
    digest = f"0 {time.gmtime(now + 12 * HOUR).tm_hour} * * *"
    for name in STATES:
        _write_state(os.path.join(folder, name), now, digest)
    write(os.path.join(folder, "home/.gitconfig"), "[user]\n\tname = demo\n\temail = demo@example.org\n")
    record_tests(dev)
    approve(dev, profile)
    write(os.path.join(folder, "bin/pnpm"), _PNPM, mode=0o755)
    write(os.path.join(folder, "bin/openclaw"), _OPENCLAW.format(python=shlex.quote(sys.executable)), mode=0o755)
    install(folder, "openclaw-prod")
    write_service(folder, prod, STATES[0])
    write(os.path.join(folder, "guardrails.toml"), _CONFIGURATION.format(digest=digest, port=free_port()))


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def install(folder: str, repo: str) -> None:
    """What `pnpm install` and `pnpm build` leave, for the commit that is checked out."""
    for step in ("install", "build"):
        run(os.path.join(folder, repo), os.path.join(folder, "bin/pnpm"), step)


def record_tests(repo: str, *, passed: bool = True, age: float = 0.0) -> None:
    """What `guardrails attest` leaves when the commit that is checked out was built and tested, so many seconds ago."""
    tree = git(repo, "rev-parse", "HEAD^{tree}").strip()
    for name in ("build", "test"):
        record_run(repo, tree, name, f"pnpm {name}", passed=passed, finished=time.time() - age)


def approve(repo: str, profile: str = "openclaw", *, age: float = 0.0) -> None:
    """What `guardrails signoff` leaves when both architects approved what is checked out, so many seconds ago."""
    commit, tree = git(repo, "rev-parse", "HEAD", "HEAD^{tree}").split()
    said = tomllib.loads(files("guardrails_policies").joinpath(f"{profile}.toml").read_text())["operations"]["promote"]
    promote = Operation("promote", moves_head_to=said["moves_head_to"], configured=tuple(said["steps"]))
    plan = plan_digest(promote, "prod", commit)
    for role in ("architect-1", "architect-2"):
        record_sign_off(
            repo, commit, tree, role, "approved",
            environment="prod", plan=plan, signer=f"{role}@example.org", issued=time.time() - age,
        )  # fmt: skip


def write_service(folder: str, repo: str, state: str) -> None:
    """The systemd unit of the production gateway: which repository it starts, and on which state."""
    unit = f"""\
[Unit]
Description=OpenClaw Gateway

[Service]
ExecStart=/usr/bin/node "{repo}/dist/entry.js" gateway --port 18789
Restart=always
Environment="OPENCLAW_STATE_DIR={os.path.join(folder, state)}"
"""
    write(os.path.join(folder, "home/.config/systemd/user", f"{SERVICE}.service"), unit)


def _write_state(folder: str, now: float, digest: str) -> None:
    """A state directory as OpenClaw 2026.1.30 writes it."""
    settings = {"gateway": {"mode": "local"}, "agents": {"defaults": {"workspace": os.path.join(folder, "workspace")}}}
    every = {"kind": "every", "everyMs": 6 * HOUR * 1000, "anchorMs": round((now - 3 * HOUR) * 1000)}
    jobs = [
        _job(1, "daily digest", {"kind": "cron", "expr": digest, "tz": "UTC"}, {}),
        _job(2, "memory cleanup", every, {"nextRunAtMs": round((now + 3 * HOUR) * 1000)}),
    ]
    write(os.path.join(folder, "openclaw.json"), json.dumps(settings, indent=2))
    write(os.path.join(folder, "cron/jobs.json"), json.dumps({"version": 1, "jobs": jobs}, indent=2))
    write(os.path.join(folder, "cron/runs", f"{jobs[0]['id']}.jsonl"), '{"ts": 1769900000000, "status": "ok"}\n')
    session = {"agent:main:main": {"sessionId": "demo", "updatedAt": round(now * 1000)}}
    write(os.path.join(folder, "agents/main/sessions/sessions.json"), json.dumps(session))


def _job(number: int, name: str, schedule: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "name": name,
        "enabled": True,
        "schedule": schedule,
        "sessionTarget": "isolated",
        "wakeMode": "now",
        "payload": {"kind": "agentTurn", "message": name},
        "state": state,
    }

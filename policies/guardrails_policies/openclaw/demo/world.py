"""A small OpenClaw deployment that keeps every rule: repositories, states, a service, documents, cron jobs.

Everything is in one folder. Times are those of the build: what is scheduled fires hours from now.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time

from guardrails.facts.git import executable
from guardrails.operations.statements import record_run, record_sign_off

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RELEASE = "release/memory-v1"
SERVICE = "com.moltbot.gateway.prod"
STATES = ("home/.openclaw", "home/.openclaw-dev")
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

[policies.facts-memory-health]
command = "cat {{state_dir}}/health.json"

[policies.facts-memory-row]
command = "cat {{state_dir}}/status.txt"

[policies.ui-answers]
url = "http://127.0.0.1:{port}/"
"""

_LOCK = "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n"
_FILES = {
    ".gitignore": "node_modules/\ndist/\n",
    "package.json": '{"name": "openclaw", "private": true}\n',
    "pnpm-lock.yaml": _LOCK,
    "src/gateway.ts": "export const port = 18789;\n",
    "docs/DEPLOYMENT.md": "# Deployment Rules (Dev vs Prod)\n\nSee [operations](/memory/OPERATIONS).\n\n## Rollback\n",
    "docs/start/openclaw.md": "# Start\n\nBefore you deploy, read the [deployment rules](/DEPLOYMENT).\n",
    "docs/cli/index.md": '# Command line\n\n<Card title="Deployment rules" href="/DEPLOYMENT" />\n',
    "docs/memory/OPERATIONS.md": "# Operations\n\nSee the [deployment rules](../DEPLOYMENT.md).\n",
    "docs/docs.json": '{"name": "OpenClaw", "redirects": []}\n',
}


def build(folder: str) -> None:
    """Fill an empty folder so that every rule of the profile holds, but for what a release has yet to bring."""
    upstream, prod, dev = (os.path.join(folder, name) for name in ("upstream", "openclaw-prod", "moltbot"))
    git(folder, "init", "--quiet", "--initial-branch=main", "--template=", upstream)
    for name, text in _FILES.items():
        write(os.path.join(upstream, name), text)
    commit(upstream, "The gateway and its documents")
    for clone in (prod, dev):
        git(folder, "clone", "--quiet", "--template=", "--origin=upstream", upstream, clone)
    git(dev, "checkout", "--quiet", "-b", RELEASE)
    write(os.path.join(dev, "src/memory.ts"), "export const facts = [];\n")
    commit(dev, "release: memory system")
    now = time.time()
    digest = f"0 {time.gmtime(now + 12 * HOUR).tm_hour} * * *"
    for name in STATES:
        _write_state(os.path.join(folder, name), now, digest)
    record_tests(dev)
    approve(dev)
    install(prod)
    write_service(folder, prod, STATES[0])
    write(os.path.join(folder, "guardrails.toml"), _CONFIGURATION.format(digest=digest, port=_free_port()))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def install(repo: str) -> None:
    """What `pnpm install` and `pnpm build` leave, for the commit that is checked out."""
    with open(os.path.join(repo, "pnpm-lock.yaml"), encoding="utf-8") as lock:
        write(os.path.join(repo, "node_modules/.pnpm/lock.yaml"), lock.read())
    write(os.path.join(repo, "node_modules/.modules.yaml"), '{"layoutVersion": 5}\n')
    head = git(repo, "rev-parse", "HEAD").strip()
    write(os.path.join(repo, "dist/build-info.json"), json.dumps({"version": "2026.1.30", "commit": head}))
    write(os.path.join(repo, "dist/entry.js"), "// built\n")


def record_tests(repo: str) -> None:
    """What `guardrails attest` leaves when the commit that is checked out was built and tested."""
    tree = git(repo, "rev-parse", "HEAD^{tree}").strip()
    for name in ("build", "test"):
        record_run(repo, tree, name, f"pnpm {name}", passed=True, finished=time.time())


def approve(repo: str) -> None:
    """What `guardrails signoff` leaves when both architects approve the commit that is checked out."""
    commit, tree = git(repo, "rev-parse", "HEAD", "HEAD^{tree}").split()
    for role in ("architect-1", "architect-2"):
        signer = f"{role}@example.org"
        record_sign_off(repo, commit, tree, role, "approved", environment="prod", signer=signer, issued=time.time())


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


def write(path: str, text: str) -> None:
    """Write a file, with its folders."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def commit(repo: str, message: str) -> None:
    """Commit everything."""
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message", message)


def git(folder: str, *arguments: str) -> str:
    """Run git, and give its output: neither the caller's environment nor any configuration of theirs has a say."""
    done = subprocess.run(
        [executable(), *arguments], cwd=folder, env=_GIT, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    return done.stdout


_GIT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    **{
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "demo"), ("EMAIL", "demo@example.org"), ("DATE", "2026-02-01T10:00:00Z"))
    },
}

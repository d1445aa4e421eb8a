"""The demo of the deployment rules: a small OpenClaw deployment, and the accidents that the rules are about."""

import json
import os
import shutil
import subprocess

from guardrails.demo import Act, Demo
from guardrails.facts.git import executable

RELEASE = "release/memory-v1"
_CHECK = ("--env", "prod")
_PROMOTE = ("--env", "prod", "--op", "promote", "--candidate", RELEASE)

_CONFIGURATION = """\
extends = ["openclaw"]

[environments.prod]
repo = "openclaw-prod"
state_dir = "state/openclaw"

[environments.dev]
repo = "moltbot"
state_dir = "state/openclaw-dev"

[policies.expected-cron-jobs]
jobs = [
    { name = "daily digest", schedule = "0 7 * * *", zone = "Europe/Berlin" },
    { name = "memory cleanup", schedule = "every 6h" },
]
"""

_FILES = {
    ".gitignore": "node_modules/\ndist/\n",
    "package.json": '{"name": "openclaw", "private": true}\n',
    "src/gateway.ts": "export const port = 18789;\n",
    "docs/DEPLOYMENT.md": "# Deployment Rules (Dev vs Prod)\n",
    "docs/start/openclaw.md": "# Start\n\nBefore you deploy, read the [deployment rules](/DEPLOYMENT).\n",
    "docs/cli/index.md": '# Command line\n\n<Card title="Deployment rules" href="/DEPLOYMENT" />\n',
    "docs/memory/OPERATIONS.md": "# Operations\n\nSee the [deployment rules](../DEPLOYMENT.md).\n",
    "docs/docs.json": '{"name": "OpenClaw", "redirects": []}\n',
}


def build(folder: str) -> None:
    """Fill an empty folder with upstream, prod and dev repositories, both state directories and a configuration."""
    upstream, prod, dev = (os.path.join(folder, name) for name in ("upstream", "openclaw-prod", "moltbot"))
    _git(folder, "init", "--quiet", "--initial-branch=main", "--template=", upstream)
    for name, text in _FILES.items():
        _write(os.path.join(upstream, name), text)
    _commit(upstream, "The gateway and its documents")
    for clone in (prod, dev):
        _git(folder, "clone", "--quiet", "--template=", "--origin=upstream", upstream, clone)
    _git(dev, "checkout", "--quiet", "-b", RELEASE)
    _write(os.path.join(dev, "src/memory.ts"), "export const facts = [];\n")
    _commit(dev, "release: memory system")
    for name in ("openclaw", "openclaw-dev"):
        _write_state(os.path.join(folder, "state", name))
    _write(os.path.join(folder, "guardrails.toml"), _CONFIGURATION)


def _write_state(folder: str) -> None:
    """A state directory as OpenClaw 2026.1.30 writes it."""
    settings = {"gateway": {"mode": "local"}, "agents": {"defaults": {"workspace": os.path.join(folder, "workspace")}}}
    jobs = [
        _job(1, "daily digest", {"kind": "cron", "expr": "0 7 * * *", "tz": "Europe/Berlin"}),
        _job(2, "memory cleanup", {"kind": "every", "everyMs": 6 * 3_600_000}),
    ]
    _write(os.path.join(folder, "openclaw.json"), json.dumps(settings, indent=2))
    _write(os.path.join(folder, "cron/jobs.json"), json.dumps({"version": 1, "jobs": jobs}, indent=2))
    _write(os.path.join(folder, "cron/runs", f"{jobs[0]['id']}.jsonl"), '{"ts": 1769900000000, "status": "ok"}\n')


def _job(number: int, name: str, schedule: dict[str, object]) -> dict[str, object]:
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "name": name,
        "enabled": True,
        "schedule": schedule,
        "sessionTarget": "isolated",
        "wakeMode": "now",
        "payload": {"kind": "agentTurn", "message": name},
        "state": {},
    }


def _nothing(folder: str) -> None:
    """Leave the world as it is."""


def _edit_prod(folder: str) -> None:
    _write(os.path.join(folder, "openclaw-prod/src/gateway.ts"), "export const port = 19000; // just for now\n")


def _hide_edit(folder: str) -> None:
    _git(os.path.join(folder, "openclaw-prod"), "update-index", "--assume-unchanged", "src/gateway.ts")
    _edit_prod(folder)


def _diverge(folder: str) -> None:
    _write(os.path.join(folder, "openclaw-prod/src/hotfix.ts"), "export const fixed = true;\n")
    _commit(os.path.join(folder, "openclaw-prod"), "hotfix straight on prod")


def _share_state(folder: str) -> None:
    shutil.rmtree(os.path.join(folder, "state/openclaw-dev"))
    os.symlink("openclaw", os.path.join(folder, "state/openclaw-dev"))


def _unlink_document(folder: str) -> None:
    _write(os.path.join(folder, "openclaw-prod/docs/start/openclaw.md"), "# Start\n\nSee `/DEPLOYMENT`.\n")
    _commit(os.path.join(folder, "openclaw-prod"), "docs: shorten")


def _lose_jobs(folder: str) -> None:
    _write(os.path.join(folder, "state/openclaw/cron/jobs.json"), '{"version": 1, "jobs": []}')


def _cut_jobs(folder: str) -> None:
    path = os.path.join(folder, "state/openclaw/cron/jobs.json")
    os.truncate(path, os.path.getsize(path) // 2)


DEMO = Demo(
    world="an upstream, a prod and a dev repository, two state directories, documents, cron jobs",
    build=build,
    acts=(
        Act("Everything is as the rules say", _CHECK, "", _nothing),
        Act("Somebody edits a file in the production repository", _CHECK, "clean-worktree", _edit_prod),
        Act("An edit hidden from git status by a flag", _CHECK, "clean-worktree", _hide_edit),
        Act("A release that is a fast-forward may be promoted", _PROMOTE, "", _nothing),
        Act("Production has a commit that the release does not", _PROMOTE, "fast-forward-only", _diverge),
        Act("The dev gateway is linked to production's state", _CHECK, "isolated-state-dirs", _share_state),
        Act("A page only mentions the rules, in code", _CHECK, "required-doc-links", _unlink_document),
        Act("The cron jobs are gone", _CHECK, "expected-cron-jobs", _lose_jobs),
        Act("The job store was cut in half: nobody can know", _CHECK, "expected-cron-jobs", _cut_jobs),
    ),
)


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _commit(repo: str, message: str) -> None:
    _git(repo, "add", "--all")
    _git(repo, "commit", "--quiet", "--message", message)


def _git(folder: str, *arguments: str) -> None:
    """Run git as it comes: neither the caller's environment nor any configuration of theirs has a say."""
    subprocess.run([executable(), *arguments], cwd=folder, env=_GIT, check=True)


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

"""Accidents, one act each: what somebody did, and the policy that denies what comes next."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta

from guardrails.plugins.demo_scenes import Act, Scene
from guardrails_policies.openclaw.demo import gateway
from guardrails_policies.openclaw.demo.tools import STATES, commit, configure, git, write
from guardrails_policies.openclaw.demo.world import RELEASE, write_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CHECK = ("guardrails", "check", "--env", "prod")
PROMOTE = (*CHECK, "--op", "promote", "--candidate", RELEASE)
_START = (*CHECK, "--op", "start")
_ROLLBACK = (*CHECK, "--op", "rollback")
_PUSH = ("guardrails", "check", "--env", "dev", "--op", "push", "--updates", "push")


def edit(folder: str) -> None:
    """Change a file in prod."""
    write(os.path.join(folder, "openclaw-prod/src/gateway.ts"), "export const port = 19000; // just for now\n")


def _hide_edit(folder: str) -> None:
    git(os.path.join(folder, "openclaw-prod"), "update-index", "--assume-unchanged", "src/gateway.ts")
    edit(folder)


def _commit_in_prod(folder: str) -> None:
    write(os.path.join(folder, "openclaw-prod/src/hotfix.ts"), "export const fixed = true;\n")
    commit(os.path.join(folder, "openclaw-prod"), "hotfix straight on prod")


def _try_a_branch(folder: str) -> None:
    git(os.path.join(folder, "openclaw-prod"), "checkout", "--quiet", "-b", "try-something")


def publish(folder: str, name: str, text: str) -> None:
    """Commit a file upstream, and fetch it into prod."""
    write(os.path.join(folder, "upstream", name), text)
    commit(os.path.join(folder, "upstream"), f"Change {os.path.basename(name)}")
    git(os.path.join(folder, "openclaw-prod"), "fetch", "--quiet", "upstream")


def update(folder: str) -> None:
    """Take prod to what was fetched last."""
    git(os.path.join(folder, "openclaw-prod"), "merge", "--quiet", "--ff-only", "upstream/main")


def pass_the_release(folder: str) -> None:
    """Give prod a commit that the release does not have."""
    publish(folder, "src/fix.ts", "export const fixed = true;\n")
    update(folder)


def _fall_behind_upstream(folder: str) -> None:
    publish(folder, "src/fix.ts", "export const fixed = true;\n")


def _forget_a_file(folder: str) -> None:
    write(os.path.join(folder, "moltbot/src/memory-index.ts"), "export const index = new Map();\n")


def _merge_something_else(folder: str) -> None:
    dev = os.path.join(folder, "moltbot")
    write(os.path.join(dev, "src/more.ts"), "export const more = true;\n")
    commit(dev, "one more thing")
    git(os.path.join(folder, "openclaw-prod"), "pull", "--quiet", "--ff-only", dev, RELEASE)
    git(dev, "reset", "--quiet", "--hard", "HEAD^")


def _merge_by_hand(folder: str) -> None:
    dev = os.path.join(folder, "moltbot")
    write(os.path.join(dev, "pnpm-lock.yaml"), "lockfileVersion: '9.0'\n\npackages:\n  zod@4.1.0: {}\n")
    commit(dev, "a dependency")
    git(os.path.join(folder, "openclaw-prod"), "pull", "--quiet", "--ff-only", dev, RELEASE)


def freeze(folder: str) -> None:
    """Announce a freeze that holds now."""
    now = datetime.now(UTC)
    start, end = (now + timedelta(hours=hours) for hours in (-1, 24))
    freeze = f'{{ start = "{start:%Y-%m-%dT%H:%M:%SZ}", end = "{end:%Y-%m-%dT%H:%M:%SZ}" }}'
    configure(folder, f"[policies.release-window]\nfreezes = [{freeze}]\n")


def _wait_longer(folder: str) -> None:
    configure(folder, '[policies.quiet-cron]\nwithin = "4h"\n')


def _delete_on_push(folder: str) -> None:
    git(os.path.join(folder, "moltbot"), "push", "--quiet", "upstream", RELEASE)
    tip = git(os.path.join(folder, "moltbot"), "rev-parse", RELEASE).strip()
    write(os.path.join(folder, "push"), f"(delete) {'0' * 40} refs/heads/{RELEASE} {tip}\n")


def _share_state(folder: str) -> None:
    shutil.rmtree(os.path.join(folder, STATES[1]))
    os.symlink(".openclaw", os.path.join(folder, STATES[1]))


def _only_mention(folder: str) -> None:
    publish(folder, "docs/start/openclaw.md", "# Start\n\nSee `/DEPLOYMENT`.\n")
    update(folder)


def _rename_a_heading(folder: str) -> None:
    text = "# Deployment Rules\n\nSee [operations](/memory/OPERATIONS#back-up).\n\n## Rollback\n"
    publish(folder, "docs/DEPLOYMENT.md", text)
    update(folder)


def _serve_the_dev_repo(folder: str) -> None:
    write_service(folder, os.path.join(folder, "moltbot"), STATES[0])


def _start_two(folder: str) -> None:
    gateway.start(folder)
    gateway.start_another(folder)


def _lose_jobs(folder: str) -> None:
    write(os.path.join(folder, STATES[0], "cron/jobs.json"), '{"version": 1, "jobs": []}')


def _cut_jobs(folder: str) -> None:
    path = os.path.join(folder, STATES[0], "cron/jobs.json")
    os.truncate(path, os.path.getsize(path) // 2)


def _fall_silent(folder: str) -> None:
    path = os.path.join(folder, STATES[0], "agents/main/sessions/sessions.json")
    month_ago = datetime.now(UTC) - timedelta(days=30)
    session = {"sessionId": "demo", "updatedAt": round(month_ago.timestamp() * 1000)}
    write(path, json.dumps({"agent:main:main": session}))


def _unset_the_mode(folder: str) -> None:
    path = os.path.join(folder, STATES[0], "openclaw.json")
    with open(path, encoding="utf-8") as file:
        settings = json.load(file)
    del settings["gateway"]["mode"]
    write(path, json.dumps(settings))


def _name_a_guard(folder: str) -> None:
    path = os.path.join(folder, "guardrails.toml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    write(path, f'guards.prod = ["reference-transaction"]\n{text}')


def _accident(title: str, check: tuple[str, ...], policy: str, play: Callable[[str], None]) -> Act:
    return Act(title, (Scene(check, (policy,), play),))


ACCIDENTS = (
    Act("Everything is as the rules say", (Scene(CHECK),)),
    _accident("Somebody edits a file in the production repository", CHECK, "clean-worktree", edit),
    _accident("An edit hidden from git status by a flag", CHECK, "clean-worktree", _hide_edit),
    _accident("Somebody commits in the production repository", CHECK, "no-direct-edits", _commit_in_prod),
    _accident("A hook that must guard production is not there", CHECK, "guards-installed", _name_a_guard),
    _accident("Production is left on another branch", CHECK, "expected-branch", _try_a_branch),
    _accident("The dev gateway is linked to production's state", CHECK, "isolated-state-dirs", _share_state),
    _accident("A page only mentions the rules, in code", CHECK, "required-doc-links", _only_mention),
    _accident(
        "The deployment document links to a heading that is gone", CHECK, "resolvable-doc-links", _rename_a_heading
    ),
    _accident("The service starts the development repository", CHECK, "service-definition", _serve_the_dev_repo),
    _accident("A second gateway runs on production's state", CHECK, "single-gateway", _start_two),
    _accident("The cron jobs are gone", CHECK, "expected-cron-jobs", _lose_jobs),
    _accident("The job store was cut in half: nobody can know", CHECK, "expected-cron-jobs", _cut_jobs),
    _accident("No session has been used for a month", CHECK, "active-sessions", _fall_silent),
    _accident("The gateway's mode is not set", CHECK, "required-config", _unset_the_mode),
    _accident("Production has a commit that the release does not", PROMOTE, "fast-forward-only", pass_the_release),
    _accident("Upstream has moved on since the release was made", PROMOTE, "matches-upstream", _fall_behind_upstream),
    _accident("A file of the release was never committed", PROMOTE, "release-branch", _forget_a_file),
    _accident("A freeze holds", PROMOTE, "release-window", freeze),
    _accident("A cron job fires before the release is over", PROMOTE, "quiet-cron", _wait_longer),
    _accident("What was merged is not what was checked", (*PROMOTE, "--after"), "expected-head", _merge_something_else),
    Act(
        "Somebody merges by hand, and neither installs nor builds",
        (Scene(_START, ("current-build", "installed-dependencies"), _merge_by_hand),),
    ),
    Act("Nobody recorded what ran before", (Scene(_ROLLBACK, ("reset-loses-nothing", "rollback-ready")),)),
    _accident("A push deletes the release branch", _PUSH, "protected-refs", _delete_on_push),
)

"""The release plan, from the branch to the rollback: each step is refused for a reason, and allowed without it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

from guardrails import Environment, World
from guardrails.demo import Act, Scene
from guardrails.operations.records import record
from guardrails_policies.openclaw.demo import gateway
from guardrails_policies.openclaw.demo.accidents import PROMOTE, publish, update
from guardrails_policies.openclaw.demo.world import RELEASE, commit, git, write

_RELEASE = ("--env", "dev", "--op", "release")
_VERIFY = ("--env", "prod", "--op", "verify")
_ROLLBACK = ("--env", "prod", "--op", "rollback")


def _forget_to_add(folder: str) -> None:
    write(os.path.join(folder, "moltbot/src/memory-index.ts"), "export const index = new Map();\n")


def _add_it(folder: str) -> None:
    commit(os.path.join(folder, "moltbot"), "release: the index, which commit -am left out")


def _fix_upstream(folder: str) -> None:
    publish(folder, "src/fix.ts", "export const fixed = true;\n")
    update(folder)


def _merge_upstream(folder: str) -> None:
    dev = os.path.join(folder, "moltbot")
    git(dev, "fetch", "--quiet", "upstream")
    git(dev, "merge", "--quiet", "--no-edit", "upstream/main")


def _promote(folder: str) -> None:
    prod = os.path.join(folder, "openclaw-prod")
    git(prod, "fetch", "--quiet", os.path.join(folder, "moltbot"), RELEASE)
    git(prod, "merge", "--quiet", "--ff-only", "--no-overwrite-ignore", "FETCH_HEAD")


def _record(folder: str) -> None:
    """What a guarded promotion leaves behind."""
    repo = os.path.join(folder, "openclaw-prod")
    prod = Environment(name="prod", repo=repo)
    world = World(prod, {"prod": prod}, at=time.time(), home=os.path.join(folder, "home"))
    previous, commit = (git(repo, "rev-parse", name).strip() for name in ("ORIG_HEAD", "HEAD"))
    record(world, "promote", commit=commit, previous=previous, at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")


RELEASE_PLAN = Act(
    "The release plan: release, promote, start, verify, rollback",
    (
        Scene(_RELEASE, ("clean-worktree", "release-branch"), _forget_to_add, "git commit -am left a new file behind"),
        Scene(_RELEASE, (), _add_it, "the file is committed"),
        Scene(PROMOTE, ("fast-forward-only",), _fix_upstream, "prod was updated; the release lacks that commit"),
        Scene(PROMOTE, (), _merge_upstream, "upstream is merged into the release"),
        Scene((*PROMOTE, "--after"), (), _promote, "the release is fetched and merged, as it was checked"),
        Scene(_VERIFY, ("facts-memory-health", "facts-memory-row", "ui-answers"), says="no gateway runs yet"),
        Scene(_VERIFY, (), gateway.start, "the gateway is started"),
        Scene(_ROLLBACK, ("reset-loses-nothing", "rollback-ready"), says="nobody recorded what ran before"),
        Scene(_ROLLBACK, (), _record, "a guarded promotion records it"),
    ),
)

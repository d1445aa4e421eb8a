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
from guardrails_policies.openclaw.demo.world import RELEASE, approve, commit, git, install, record_tests, write

_RELEASE = ("--env", "dev", "--op", "release")
_START = ("--env", "prod", "--op", "start")
_VERIFY = ("--env", "prod", "--op", "verify")
_ROLLBACK = ("--env", "prod", "--op", "rollback")
_SHELL_OF_DEV = {"OPENCLAW_STATE_DIR": "~/.openclaw-dev"}


def _dev(folder: str) -> str:
    return os.path.join(folder, "moltbot")


def _prod(folder: str) -> str:
    return os.path.join(folder, "openclaw-prod")


def _forget_to_add(folder: str) -> None:
    write(os.path.join(_dev(folder), "src/memory-index.ts"), "export const index = new Map();\n")


def _add_it(folder: str) -> None:
    commit(_dev(folder), "release: the index, which commit -am left out")


def _update_prod(folder: str) -> None:
    publish(folder, "pnpm-lock.yaml", "lockfileVersion: '9.0'\n\npackages:\n  zod@4.1.0: {}\n")
    update(folder)


def _merge_upstream(folder: str) -> None:
    git(_dev(folder), "fetch", "--quiet", "upstream")
    git(_dev(folder), "merge", "--quiet", "--no-edit", "upstream/main")


def _promote(folder: str) -> None:
    git(_prod(folder), "fetch", "--quiet", _dev(folder), RELEASE)
    git(_prod(folder), "merge", "--quiet", "--ff-only", "--no-overwrite-ignore", "FETCH_HEAD")


def _record(folder: str, operation: str) -> None:
    """What a guarded operation leaves behind."""
    prod = Environment(name="prod", repo=_prod(folder))
    world = World(prod, {"prod": prod}, at=time.time(), home=os.path.join(folder, "home"))
    previous, now = git(prod.repo, "rev-parse", "ORIG_HEAD", "HEAD").split()
    record(world, operation, commit=now, previous=previous, at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")


def _go_back(folder: str) -> None:
    git(_prod(folder), "reset", "--quiet", "--hard", "ORIG_HEAD")
    _record(folder, "rollback")


RELEASE_PLAN = Act(
    "The release plan: release, promote, start, verify, rollback",
    (
        Scene(_RELEASE, ("clean-worktree", "release-branch"), _forget_to_add, "git commit -am left a new file behind"),
        Scene(_RELEASE, (), _add_it, "the file is committed"),
        Scene((*_RELEASE, "--after"), ("tested-commit",), says="and nobody has tested what is committed now"),
        Scene(
            PROMOTE,
            ("fast-forward-only", "required-signoffs", "tested-commit"),
            _update_prod,
            "prod was updated meanwhile: the release lacks a commit, and nobody has tested what it is now",
        ),
        Scene(PROMOTE, ("required-signoffs", "tested-commit"), _merge_upstream, "upstream is merged into the release"),
        Scene(
            PROMOTE,
            ("required-signoffs",),
            lambda folder: record_tests(_dev(folder)),
            "it is built and tested, which is recorded of its tree",
        ),
        Scene(PROMOTE, (), lambda folder: approve(_dev(folder)), "both architects approve this commit"),
        Scene((*PROMOTE, "--after"), (), _promote, "it is fetched and merged, as it was checked"),
        Scene(_START, ("current-build", "installed-dependencies"), says="nothing was installed and built since"),
        Scene(
            _START,
            ("state-dir-variable",),
            lambda folder: install(_prod(folder)),
            "pnpm install, pnpm build; but the shell is that of dev",
            _SHELL_OF_DEV,
        ),
        Scene(_START, says="in a shell of its own"),
        Scene(_VERIFY, ("facts-memory-health", "facts-memory-row", "ui-answers"), says="no gateway runs yet"),
        Scene(_VERIFY, (), gateway.start, "the gateway is started"),
        Scene(_ROLLBACK, ("reset-loses-nothing", "rollback-ready"), says="nobody recorded what ran before"),
        Scene(_ROLLBACK, (), lambda folder: _record(folder, "promote"), "a guarded promotion records it"),
        Scene((*_ROLLBACK, "--after"), (), _go_back, "it is reset to what ran before"),
    ),
)

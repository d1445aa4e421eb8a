"""How no-direct-edits is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import git, guardrails, write
from guardrails_policies.repository.drills.fast_forward_only import pass_the_release
from guardrails_policies.repository.drills.matches_upstream import commit_in_prod, fall_behind
from guardrails_policies.stages import BOTH, prod

_POLICY = "no-direct-edits"
HOOK = "reference-transaction"
_GITS_OWN = (".git/COMMIT_EDITMSG", ".git/index", ".git/objects/*")  # what git writes before it asks its hook


def _take_back(folder: str) -> None:
    commit_in_prod(folder)
    git(prod(folder), "reset", "--quiet", "--hard", "HEAD^")


def _stage_a_hotfix(folder: str) -> None:
    write(os.path.join(prod(folder), "src/gateway.ts"), "export const port = 19000; // just for now\n")
    git(prod(folder), "add", "--all")


def _stage_behind_the_hook(folder: str) -> None:
    _stage_a_hotfix(folder)
    guardrails(folder, "hook", "install", HOOK, "--env", "prod")


def _fall_behind_the_hook(folder: str) -> None:
    guardrails(folder, "hook", "install", HOOK, "--env", "prod")
    fall_behind(folder)


DIRECT_COMMIT = Drill(
    _POLICY, ("standing",), "a-commit", "Somebody commits in the production repository", commit_in_prod, stages=BOTH
)
GUARDED_COMMIT = Drill(
    _POLICY,
    (HOOK,),
    "a-commit",
    "A commit in production",
    _stage_behind_the_hook,
    stages=BOTH,
    folder="openclaw-prod",
    command=("git", "commit", "-m", "hotfix"),
    channel=HOOK,
    leaves=tuple(f"openclaw-prod/{name}" for name in _GITS_OWN),
)
DRILLS = (
    DIRECT_COMMIT,
    GUARDED_COMMIT,
    Drill(_POLICY, ("standing",), "a-commit-taken-back", "A commit is taken back by hand", _take_back, stages=BOTH),
    Drill(
        _POLICY,
        ("standing",),
        "a-commit-of-upstream",
        "A commit of upstream is merged",
        pass_the_release,
        harmless=True,
        stages=BOTH,
    ),
    Drill(
        _POLICY,
        (HOOK,),
        "a-branch",
        "A branch is made in production",
        _fall_behind_the_hook,
        harmless=True,
        stages=BOTH,
        folder="openclaw-prod",
        command=("git", "branch", "look-at-this", "upstream/main"),
        channel=HOOK,
    ),
)

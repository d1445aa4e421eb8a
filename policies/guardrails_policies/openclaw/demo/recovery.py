"""A dirty production checkout is taken to the clean upstream state, with the work on a branch in development."""

from __future__ import annotations

import os

from guardrails.plugins.demo_scenes import Act, Scene
from guardrails_policies.openclaw.demo.tools import git, write
from guardrails_policies.openclaw.demo.words import CHECK, run_words
from guardrails_policies.repository.drills.matches_upstream import commit_in_prod
from guardrails_policies.stages import prod as prod_of


def _work_in_prod(folder: str) -> None:
    commit_in_prod(folder)
    prod = prod_of(folder)
    write(os.path.join(prod, "src/gateway.ts"), "export const port = 19000; // staged\n")
    git(prod, "add", "--all")
    write(os.path.join(prod, "src/gateway.ts"), "export const port = 20000; // and changed again\n")
    write(os.path.join(prod, "notes.txt"), "what nobody has added\n")
    git(prod, "update-index", "--assume-unchanged", "package.json")
    write(os.path.join(prod, "package.json"), '{"name": "openclaw", "private": false}\n')


RECOVERY = Act(
    "A dirty production checkout, and not a byte of the work is lost",
    (
        Scene(
            CHECK,
            ("clean-worktree", "no-direct-edits"),
            _work_in_prod,
            "a commit, a staged change, another on top of it, a new file, a hidden edit",
        ),
        Scene(run_words("recover"), says="saved, proven, carried to dev, reset, cleaned, built, checked"),
        Scene(CHECK, says="production is as the rules say"),
        Scene(
            ("git", "-C", "moltbot", "log", "--stat", "--format=%s", "--branches=rescue/*", "--not", "upstream/main"),
            says="and the work is on a branch of dev",
        ),
    ),
)

"""How expected-head is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import commit, git, guardrails, write
from guardrails_policies.repository.drills.matches_upstream import fall_behind, merge_by_hand, update
from guardrails_policies.stages import BOTH, BOTH_RELEASED, dev, prod

_POLICY = "expected-head"
_AT_UPSTREAM = ("after update", "after recover")


def _merge_something_else(folder: str) -> None:
    write(os.path.join(dev(folder), "src/more.ts"), "export const more = true;\n")
    commit(dev(folder), "one more thing")
    merge_by_hand(folder)
    git(dev(folder), "reset", "--quiet", "--hard", "HEAD^")


def _catch_up(folder: str) -> None:
    fall_behind(folder)
    update(folder)


def _roll_back(folder: str) -> None:
    guardrails(folder, "run", "rollback", "--env", "prod")


def _roll_back_and_forth(folder: str) -> None:
    _roll_back(folder)
    git(prod(folder), "reset", "--quiet", "--hard", "HEAD@{1}")


MERGED_SOMETHING_ELSE = Drill(
    _POLICY,
    ("after promote",),
    "something-else",
    "What was merged is not what was checked",
    _merge_something_else,
    stages=BOTH,
)
DRILLS = (
    MERGED_SOMETHING_ELSE,
    Drill(
        _POLICY,
        ("after promote",),
        "the-candidate",
        "What was checked is merged",
        merge_by_hand,
        harmless=True,
        stages=BOTH,
    ),
    Drill(_POLICY, _AT_UPSTREAM, "left-behind", "HEAD stays where it was", fall_behind, stages=BOTH),
    Drill(_POLICY, _AT_UPSTREAM, "upstream", "HEAD is led to upstream", _catch_up, harmless=True, stages=BOTH),
    Drill(
        _POLICY,
        ("after rollback",),
        "back-and-forth",
        "The release comes back after its rollback",
        _roll_back_and_forth,
        stages=BOTH_RELEASED,
    ),
    Drill(
        _POLICY,
        ("after rollback",),
        "the-way-back",
        "HEAD is led back to what ran before",
        _roll_back,
        harmless=True,
        stages=BOTH_RELEASED,
    ),
)

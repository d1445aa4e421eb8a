"""Our drills: each policy has both kinds at every moment that a profile asks it, and none is lost unnoticed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from guardrails.drills.selection import every_turn, to_be_proven
from guardrails.plugins import loader
from guardrails_policies.drills import DRILLS

TURNS = every_turn(DRILLS)
PROFILES = {name: tomllib.loads(Path(path).read_text()) for name, path in loader.load().profiles.items()}
COUNTS = {  # of detonations, and of twins
    "active-sessions": (4, 2),
    "clean-worktree": (22, 16),
    "current-build": (6, 2),
    "environment-variable": (2, 2),
    "expected-branch": (12, 6),
    "expected-cron-jobs": (10, 6),
    "expected-head": (8, 8),
    "facts-memory-health": (2, 1),
    "facts-memory-row": (2, 1),
    "fast-forward-only": (9, 6),
    "fresh-file": (1, 1),
    "guard-stays-on": (6, 6),
    "guarded-operations": (3, 3),
    "guards-installed": (4, 2),
    "healthy-command": (5, 2),
    "installed-dependencies": (6, 2),
    "isolated-state-dirs": (8, 8),
    "matches-upstream": (16, 8),
    "no-direct-edits": (6, 4),
    "own-state": (2, 2),
    "protected-refs": (11, 6),
    "quiet-cron": (4, 2),
    "reachable-page": (4, 1),
    "release-branch": (6, 2),
    "release-window": (13, 12),
    "required-config": (6, 2),
    "required-doc-links": (4, 2),
    "required-files": (1, 1),
    "required-signoffs": (8, 3),
    "reset-loses-nothing": (13, 7),
    "resolvable-doc-links": (4, 2),
    "rollback-ready": (5, 4),
    "service-definition": (6, 2),
    "single-gateway": (3, 3),
    "state-dir-variable": (4, 3),
    "tested-commit": (12, 3),
    "tightening-only": (1, 1),
    "ui-answers": (2, 1),
    "untouched-places": (6, 5),
}


def moments(setting: dict[str, Any]) -> set[str]:
    when = setting["when"]
    return set(when) if isinstance(when, list) else {moment for some in when.values() for moment in some}


ASKED = [
    (profile, policy, moment)
    for profile, data in PROFILES.items()
    for policy, setting in data["policies"].items()
    for moment in sorted(moments(setting))
]


def test_every_policy_is_proven_at_every_moment_that_a_profile_asks_it() -> None:
    proven = {
        (turn.stage.name.removesuffix("-released"), turn.drill.policy, turn.operation, turn.drill.kind)
        for turn in TURNS
    }
    missing = [(*asked, kind) for asked in ASKED for kind in ("detonation", "twin") if (*asked, kind) not in proven]
    assert len(ASKED) > 100
    assert missing == []


def test_every_policy_that_is_provided_is_proven() -> None:
    assert {turn.drill.policy for turn in TURNS} == to_be_proven(loader.load())


def test_no_drill_is_lost() -> None:
    """Count them anew after adding one: none goes but by a decision."""
    counts = {
        policy: tuple(sum(turn.drill.policy == policy and turn.drill.kind == kind for turn in TURNS) for kind in KINDS)
        for policy in sorted({turn.drill.policy for turn in TURNS})
    }
    assert counts == COUNTS


KINDS = ("detonation", "twin")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_stage_of_a_profile_is_called_as_the_profile(profile: str) -> None:
    assert profile in {turn.stage.name for turn in TURNS}

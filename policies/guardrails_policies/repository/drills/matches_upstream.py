"""How matches-upstream is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import commit, git, set_option, write
from guardrails_policies.openclaw.demo.world import RELEASE
from guardrails_policies.stages import BOTH, dev, prod

_POLICY = "matches-upstream"


def publish(folder: str, name: str, text: str) -> None:
    """Commit a file upstream, and fetch it into prod."""
    upstream = os.path.join(folder, "upstream")
    write(os.path.join(upstream, name), text)
    commit(upstream, f"Change {os.path.basename(name)}")
    git(prod(folder), "fetch", "--quiet", "upstream")


def fall_behind(folder: str) -> None:
    """Publish something that prod does not have."""
    publish(folder, "src/fix.ts", "export const fixed = true;\n")


def update(folder: str) -> None:
    """Take prod to what was fetched last."""
    git(prod(folder), "merge", "--quiet", "--ff-only", "upstream/main")


def commit_in_prod(folder: str) -> None:
    """Commit a hotfix straight on prod."""
    write(os.path.join(prod(folder), "src/hotfix.ts"), "export const fixed = true;\n")
    commit(prod(folder), "hotfix straight on prod")


def merge_by_hand(folder: str) -> None:
    """Take prod to what dev's release branch holds now."""
    git(prod(folder), "pull", "--quiet", "--ff-only", dev(folder), RELEASE)


def _merge_and_fall_behind(folder: str) -> None:
    merge_by_hand(folder)
    fall_behind(folder)


def _ask_for_another_address(folder: str) -> None:
    set_option(folder, _POLICY, 'url = "https://example.org/openclaw.git"')


def _ask_for_a_fetch(folder: str) -> None:
    set_option(folder, _POLICY, 'max_age = "1h"')


def _publish_elsewhere(folder: str) -> None:
    upstream = os.path.join(folder, "upstream")
    git(upstream, "checkout", "--quiet", "-b", "next")
    publish(folder, "src/next.ts", "export const next = true;\n")


UPSTREAM_MOVED_ON = Drill(
    _POLICY,
    ("promote",),
    "behind",
    "Upstream has moved on since the release was made",
    fall_behind,
    stages=BOTH,
)
DRILLS = (
    UPSTREAM_MOVED_ON,
    Drill(
        _POLICY,
        ("promote", "update"),
        "ahead",
        "Somebody commits in the production repository",
        commit_in_prod,
        stages=BOTH,
    ),
    Drill(
        _POLICY,
        ("promote", "update"),
        "another-address",
        "Upstream is not where it must be",
        _ask_for_another_address,
        stages=BOTH,
    ),
    Drill(
        _POLICY,
        ("promote", "update"),
        "an-old-fetch",
        "Nobody knows when upstream was fetched",
        _ask_for_a_fetch,
        stages=BOTH,
    ),
    Drill(
        _POLICY,
        ("promote", "update"),
        "another-branch",
        "Another branch of upstream has moved on",
        _publish_elsewhere,
        harmless=True,
        stages=BOTH,
    ),
    Drill(
        _POLICY,
        ("after promote",),
        "behind",
        "Upstream moves on while the release is merged",
        _merge_and_fall_behind,
        stages=BOTH,
    ),
    Drill(_POLICY, ("after promote",), "a-release", "The release is merged", merge_by_hand, harmless=True, stages=BOTH),
    Drill(_POLICY, ("update",), "behind", "Upstream has moved on", fall_behind, harmless=True, stages=BOTH),
)

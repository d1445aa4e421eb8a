"""How current-build is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import commit, set_option, write
from guardrails_policies.openclaw.demo.world import install
from guardrails_policies.repository.drills.matches_upstream import merge_by_hand
from guardrails_policies.stages import OPENCLAW, dev

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "current-build"
MOMENTS = ("start", "verify")


def merge_a_dependency(folder: str) -> None:
    """Merge a release with a new dependency by hand, and neither install nor build."""
    write(os.path.join(dev(folder), "pnpm-lock.yaml"), "lockfileVersion: '9.0'\n\npackages:\n  zod@4.1.0: {}\n")
    commit(dev(folder), "a dependency")
    merge_by_hand(folder)


def merge_and_install(folder: str) -> None:
    """The same, and then install and build."""
    merge_a_dependency(folder)
    install(folder, "openclaw-prod")


def _ask_another_file(folder: str) -> None:
    set_option(folder, _POLICY, 'file = "dist/version.json"')


def _ask_another_key(folder: str) -> None:
    set_option(folder, _POLICY, 'key = "version"')


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(_POLICY, MOMENTS, name, title, play, harmless=harmless, stages=(OPENCLAW,))


OLD_BUILD = _drill("a-merge", "Somebody merges by hand, and neither installs nor builds", merge_a_dependency)
DRILLS = (
    OLD_BUILD,
    _drill("a-merge-and-a-build", "Somebody merges, installs and builds", merge_and_install, harmless=True),
    _drill("another-file", "The file that is asked for is not there", _ask_another_file),
    _drill("another-key", "The key that is asked for is no commit", _ask_another_key),
)

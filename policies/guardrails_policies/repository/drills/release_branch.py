"""How release-branch is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import git, set_option, write
from guardrails_policies.stages import OPENCLAW, dev

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "release-branch"
_BEFORE = (OPENCLAW,)


def forget_a_file(folder: str) -> None:
    """Leave a new file of the release uncommitted, as `git commit -a` does."""
    write(os.path.join(dev(folder), "src/memory-index.ts"), "export const index = new Map();\n")


def _work_on_a_topic(folder: str) -> None:
    git(dev(folder), "checkout", "--quiet", "-b", "topic")
    git(dev(folder), "commit", "--quiet", "--allow-empty", "--message", "an idea")


def _name_other_branches(folder: str) -> None:
    set_option(folder, _POLICY, 'branches = ["candidates/*"]')


def _build(folder: str) -> None:
    write(os.path.join(dev(folder), "dist/entry.js"), "// built\n")


def _drill(name: str, title: str, play: Play, *, harmless: bool = False, candidate: str = "") -> tuple[Drill, Drill]:
    """One for a promotion, one for the release itself."""
    promoted = Drill(
        _POLICY,
        ("promote",),
        name,
        title,
        play,
        harmless=harmless,
        candidate=candidate,
        stages=_BEFORE,
    )
    return promoted, promoted.replaced(operations=("release",), environment="dev", candidate="")


FORGOTTEN_FILE, FORGOTTEN_FILE_OF_RELEASE = _drill(
    "a-forgotten-file", "A file of the release was never committed", forget_a_file
)
DRILLS = (
    FORGOTTEN_FILE,
    FORGOTTEN_FILE_OF_RELEASE,
    *_drill("another-branch", "Somebody works on another branch", _work_on_a_topic, candidate="topic"),
    *_drill("a-branch-of-another-name", "Releases are of other names", _name_other_branches),
    *_drill("a-build", "A build is left that git ignores", _build, harmless=True),
)

"""How required-signoffs is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import commit, git, set_option, write
from guardrails_policies.openclaw.demo.words import run_words
from guardrails_policies.openclaw.demo.world import approve
from guardrails_policies.stages import BOTH, OPENCLAW, dev

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play, Stage

_POLICY = "required-signoffs"
_DAY = 86_400  # seconds


def move_the_candidate(folder: str) -> None:
    """Commit one more thing to the release, after both approved."""
    write(os.path.join(dev(folder), "src/more.ts"), "export const more = true;\n")
    commit(dev(folder), "one more thing, after both approved")


def forget_refs(folder: str, *patterns: str) -> None:
    """Delete refs of dev."""
    for ref in git(dev(folder), "for-each-ref", "--format=%(refname)", *patterns).split():
        git(dev(folder), "update-ref", "-d", ref)


def _lose_one(folder: str) -> None:
    forget_refs(folder, "refs/signoffs/*/architect-2/*")


def _approve_long_ago(folder: str) -> None:
    forget_refs(folder, "refs/signoffs")
    approve(dev(folder), age=3 * _DAY)


def _approve_too_long_ago(folder: str) -> None:
    _approve_long_ago(folder)
    set_option(folder, _POLICY, 'max_age = "2d"')


def _move_another_branch(folder: str) -> None:
    git(
        dev(folder),
        "branch",
        "topic",
        git(dev(folder), "commit-tree", "-m", "topic", "-p", "HEAD", "HEAD^{tree}").strip(),
    )


def _ask_for_a_document(folder: str) -> None:
    set_option(folder, _POLICY, 'document = "docs/SIGNOFFS.md"')


def _drill(name: str, title: str, play: Play, *, harmless: bool = False, stages: tuple[Stage, ...] = BOTH) -> Drill:
    return Drill(_POLICY, ("promote",), name, title, play, harmless=harmless, stages=stages)


LATER_COMMIT = _drill("a-later-commit", "One more thing is committed after both approved", move_the_candidate)
MOVED_PROMOTION = LATER_COMMIT.replaced(
    name="a-moved-promotion",
    title="A promotion of a branch that moved since",
    stages=(OPENCLAW,),
    command=run_words("promote"),
    channel="run",
)
DRILLS = (
    LATER_COMMIT,
    MOVED_PROMOTION,
    _drill("one-role", "Only one of two architects has approved", _lose_one),
    _drill("an-old-approval", "The approvals are too old", _approve_too_long_ago, stages=(OPENCLAW,)),
    _drill("a-recent-approval", "Both approved three days ago", _approve_long_ago, harmless=True, stages=(OPENCLAW,)),
    _drill("another-branch", "Another branch has moved since", _move_another_branch, harmless=True),
    _drill("no-document", "The document of approvals is not there", _ask_for_a_document),
)

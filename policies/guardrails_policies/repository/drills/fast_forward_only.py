"""How fast-forward-only is proven."""

from __future__ import annotations

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import git, set_option, write
from guardrails_policies.openclaw.demo.words import run_words
from guardrails_policies.repository.drills.matches_upstream import fall_behind, merge_by_hand, update
from guardrails_policies.stages import BOTH, OPENCLAW, prod

_POLICY = "fast-forward-only"
_PUSH, _CALL = ("push",), ("tool-call",)


def pass_the_release(folder: str) -> None:
    """Give prod a commit that the release does not have."""
    fall_behind(folder)
    update(folder)


def make_branch(folder: str, name: str, *parents: str) -> str:
    """Make a branch of prod with a new commit on these parents, check nothing out, and give the commit."""
    on = [word for parent in parents for word in ("-p", parent)]
    made = git(prod(folder), "commit-tree", "-m", name, *on, "HEAD^{tree}").strip()
    git(prod(folder), "branch", name, made)
    return made


def push_to(folder: str, ref: str, new: str, old: str = "") -> None:
    """Say what a push of prod would move: upstream's ref, from where it is to a commit."""
    old = old or git(prod(folder), "rev-parse", "upstream/main").strip()
    write(f"{folder}/push", f"refs/heads/pushed {new} {ref} {old}\n")


def _rewrite(folder: str) -> None:
    push_to(folder, "refs/heads/main", make_branch(folder, "rewritten"))


def _rewrite_stable(folder: str) -> None:
    set_option(folder, _POLICY, 'refs = ["refs/heads/stable"]')
    push_to(folder, "refs/heads/stable", make_branch(folder, "rewritten"))


def _go_on(folder: str) -> None:
    push_to(folder, "refs/heads/main", make_branch(folder, "more", "HEAD"))


def _make_both(folder: str) -> None:
    make_branch(folder, "rewritten")
    make_branch(folder, "more", "HEAD")


DIVERGED = Drill(
    _POLICY,
    ("promote",),
    "a-commit-that-it-lacks",
    "Production has a commit that the release does not",
    pass_the_release,
    stages=BOTH,
)
DIVERGED_PROMOTION = DIVERGED.replaced(
    name="a-diverged-promotion",
    title="A promotion of what has diverged",
    stages=(OPENCLAW,),
    command=run_words("promote"),
    channel="run",
)
DRILLS = (
    DIVERGED_PROMOTION,
    DIVERGED,
    Drill(
        _POLICY,
        ("promote",),
        "nothing-new",
        "The release is merged already",
        merge_by_hand,
        harmless=True,
        stages=BOTH,
    ),
    Drill(_POLICY, _PUSH, "another-history", "A push gives main another history", _rewrite, stages=BOTH),
    Drill(_POLICY, _PUSH, "a-ref-of-ones-own", "A push rewrites a branch that is listed", _rewrite_stable, stages=BOTH),
    Drill(_POLICY, _PUSH, "one-more-commit", "A push adds a commit to main", _go_on, harmless=True, stages=BOTH),
    Drill(
        _POLICY,
        _CALL,
        "another-history",
        "An agent gives main another history",
        _make_both,
        stages=BOTH,
        call="git push --force upstream rewritten:main",
        folder="openclaw-prod",
    ),
    Drill(
        _POLICY,
        _CALL,
        "one-more-commit",
        "An agent adds a commit to main",
        _make_both,
        harmless=True,
        stages=BOTH,
        call="git push upstream more:main",
        folder="openclaw-prod",
    ),
)

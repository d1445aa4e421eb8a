"""How expected-branch is proven."""

from __future__ import annotations

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import git
from guardrails_policies.stages import BOTH, prod

_POLICY = "expected-branch"
_MOMENTS = ("standing", "start", "after recover")


def _try_a_branch(folder: str) -> None:
    git(prod(folder), "checkout", "--quiet", "-b", "try-something")


def _detach(folder: str) -> None:
    git(prod(folder), "checkout", "--quiet", "--detach")


def _make_a_branch(folder: str) -> None:
    git(prod(folder), "branch", "try-something")


ANOTHER_BRANCH = Drill(
    _POLICY, _MOMENTS, "another-branch", "Production is left on another branch", _try_a_branch, stages=BOTH
)
DRILLS = (
    ANOTHER_BRANCH,
    Drill(_POLICY, _MOMENTS, "no-branch", "Production is left on no branch", _detach, stages=BOTH),
    Drill(
        _POLICY,
        _MOMENTS,
        "a-branch-that-is-made",
        "A branch is made and not checked out",
        _make_a_branch,
        harmless=True,
        stages=BOTH,
    ),
)

"""Policies that check a deployment's invariants, and one verdict that blocks the unsafe operation.

These are the names for plugin authors, and all of them; `docs/writing-a-policy.md` shows them at work.
"""

from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.model import Effect, Environment, Finding, Note, Operation, RefUpdate, Severity
from guardrails.policy import Fact, Policy, World, ask
from guardrails.record import Record

__all__ = [
    "Ancestry",
    "Candidate",
    "CannotKnow",
    "Change",
    "Checkout",
    "Documents",
    "DoesNotApply",
    "Effect",
    "Environment",
    "Fact",
    "Finding",
    "Note",
    "Operation",
    "Policy",
    "Record",
    "RefUpdate",
    "Severity",
    "StateDirectories",
    "StateDirectory",
    "Worktree",
    "World",
    "ask",
    "hookimpl",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.documents import Documents
    from guardrails.facts.history import Ancestry, Candidate
    from guardrails.facts.repository import Checkout
    from guardrails.facts.state_dirs import StateDirectories, StateDirectory
    from guardrails.facts.worktree import Change, Worktree
    from guardrails.hookspecs import hookimpl

_WHEN_ASKED = {
    "Ancestry": "guardrails.facts.history",
    "Candidate": "guardrails.facts.history",
    "Change": "guardrails.facts.worktree",
    "Checkout": "guardrails.facts.repository",
    "Documents": "guardrails.facts.documents",
    "StateDirectories": "guardrails.facts.state_dirs",
    "StateDirectory": "guardrails.facts.state_dirs",
    "Worktree": "guardrails.facts.worktree",
    "hookimpl": "guardrails.hookspecs",
}


def __getattr__(name: str) -> object:
    """Load facts and pluggy only for whoever asks: a run needs few facts, and a passing one no pluggy."""
    from importlib import import_module

    if name in _WHEN_ASKED:
        return getattr(import_module(_WHEN_ASKED[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Policies that check a deployment's invariants, and one verdict that blocks the unsafe operation.

These are the names for plugin authors, and all of them; `docs/writing-a-policy.md` shows them at work.
"""

__all__ = [
    "Ancestry",
    "BranchInUse",
    "Calendar",
    "Candidate",
    "CannotKnow",
    "Change",
    "Checkout",
    "CommandAnswers",
    "DeadLink",
    "Deployments",
    "Descent",
    "DocTree",
    "Documents",
    "DoesNotApply",
    "Effect",
    "Environment",
    "ExpectedCommit",
    "Fact",
    "FileAge",
    "FileState",
    "Finding",
    "Guardrails",
    "InstalledHook",
    "InstalledHooks",
    "LocalCommits",
    "Losses",
    "MomentInQuestion",
    "NamedFiles",
    "Note",
    "NothingAsked",
    "Operation",
    "PageAnswers",
    "Policy",
    "Push",
    "Pushes",
    "Record",
    "RecordedRun",
    "RecordedRuns",
    "RefUpdate",
    "ReleaseSource",
    "SettingsFile",
    "Severity",
    "SignOff",
    "SignOffBlock",
    "SignOffBlocks",
    "SignOffs",
    "StateDirectories",
    "StateDirectory",
    "Table",
    "Upstream",
    "Variable",
    "WayBack",
    "Window",
    "Workplace",
    "Worktree",
    "World",
    "a_look",
    "ask",
    "command_words",
    "commented",
    "hookimpl",
    "listed",
    "seconds",
    "utc",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.command_line import command_words
    from guardrails.duration import seconds
    from guardrails.errors import CannotKnow, DoesNotApply, NothingAsked
    from guardrails.facts.calendar import Calendar, Window
    from guardrails.facts.commands import CommandAnswers
    from guardrails.facts.deployments import Deployments
    from guardrails.facts.descent import Descent
    from guardrails.facts.doc_tree import DeadLink, DocTree
    from guardrails.facts.documents import Documents
    from guardrails.facts.evidence import RecordedRun, RecordedRuns
    from guardrails.facts.expected_commit import ExpectedCommit
    from guardrails.facts.history import Ancestry, Candidate
    from guardrails.facts.installed_hooks import InstalledHook, InstalledHooks
    from guardrails.facts.local_commits import LocalCommits
    from guardrails.facts.losses import Losses
    from guardrails.facts.moment import MomentInQuestion
    from guardrails.facts.named_files import FileAge, FileState, NamedFiles
    from guardrails.facts.pushes import Push, Pushes
    from guardrails.facts.releases import ReleaseSource
    from guardrails.facts.repository import BranchInUse, Checkout
    from guardrails.facts.settings_files import SettingsFile
    from guardrails.facts.signoff_blocks import SignOffBlock, SignOffBlocks
    from guardrails.facts.signoffs import SignOff, SignOffs
    from guardrails.facts.state_dirs import StateDirectories, StateDirectory
    from guardrails.facts.upstream import Upstream
    from guardrails.facts.variables import Variable
    from guardrails.facts.way_back import WayBack
    from guardrails.facts.web import PageAnswers
    from guardrails.facts.workplace import Workplace
    from guardrails.facts.worktree import Change, Worktree
    from guardrails.hookspecs import hookimpl
    from guardrails.model import Effect, Environment, Finding, Note, Operation, RefUpdate, Severity
    from guardrails.policy import Fact, Policy, World, ask
    from guardrails.record import Record, Table
    from guardrails.remedies import Guardrails, a_look, commented
    from guardrails.text import listed, utc

_WHEN_ASKED = {
    "Ancestry": "guardrails.facts.history",
    "BranchInUse": "guardrails.facts.repository",
    "Calendar": "guardrails.facts.calendar",
    "Candidate": "guardrails.facts.history",
    "CannotKnow": "guardrails.errors",
    "Change": "guardrails.facts.worktree",
    "Checkout": "guardrails.facts.repository",
    "CommandAnswers": "guardrails.facts.commands",
    "DeadLink": "guardrails.facts.doc_tree",
    "Deployments": "guardrails.facts.deployments",
    "Descent": "guardrails.facts.descent",
    "DocTree": "guardrails.facts.doc_tree",
    "Documents": "guardrails.facts.documents",
    "DoesNotApply": "guardrails.errors",
    "Effect": "guardrails.model",
    "Environment": "guardrails.model",
    "ExpectedCommit": "guardrails.facts.expected_commit",
    "Fact": "guardrails.policy",
    "FileAge": "guardrails.facts.named_files",
    "FileState": "guardrails.facts.named_files",
    "Finding": "guardrails.model",
    "Guardrails": "guardrails.remedies",
    "InstalledHook": "guardrails.facts.installed_hooks",
    "InstalledHooks": "guardrails.facts.installed_hooks",
    "LocalCommits": "guardrails.facts.local_commits",
    "Losses": "guardrails.facts.losses",
    "MomentInQuestion": "guardrails.facts.moment",
    "NamedFiles": "guardrails.facts.named_files",
    "Note": "guardrails.model",
    "NothingAsked": "guardrails.errors",
    "Operation": "guardrails.model",
    "PageAnswers": "guardrails.facts.web",
    "Policy": "guardrails.policy",
    "Push": "guardrails.facts.pushes",
    "Pushes": "guardrails.facts.pushes",
    "Record": "guardrails.record",
    "RecordedRun": "guardrails.facts.evidence",
    "RecordedRuns": "guardrails.facts.evidence",
    "RefUpdate": "guardrails.model",
    "ReleaseSource": "guardrails.facts.releases",
    "SettingsFile": "guardrails.facts.settings_files",
    "Severity": "guardrails.model",
    "SignOff": "guardrails.facts.signoffs",
    "SignOffBlock": "guardrails.facts.signoff_blocks",
    "SignOffBlocks": "guardrails.facts.signoff_blocks",
    "SignOffs": "guardrails.facts.signoffs",
    "StateDirectories": "guardrails.facts.state_dirs",
    "StateDirectory": "guardrails.facts.state_dirs",
    "Table": "guardrails.record",
    "Upstream": "guardrails.facts.upstream",
    "Variable": "guardrails.facts.variables",
    "WayBack": "guardrails.facts.way_back",
    "Window": "guardrails.facts.calendar",
    "Workplace": "guardrails.facts.workplace",
    "Worktree": "guardrails.facts.worktree",
    "World": "guardrails.policy",
    "a_look": "guardrails.remedies",
    "ask": "guardrails.policy",
    "command_words": "guardrails.command_line",
    "commented": "guardrails.remedies",
    "hookimpl": "guardrails.hookspecs",
    "listed": "guardrails.text",
    "seconds": "guardrails.duration",
    "utc": "guardrails.text",
}


def __getattr__(name: str) -> object:
    """Load what is asked for, and nothing before `guardrails.start` knows where modules come from."""
    from importlib import import_module

    if name in _WHEN_ASKED:
        globals()[name] = getattr(import_module(_WHEN_ASKED[name]), name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

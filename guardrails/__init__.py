"""Policies that check a deployment's invariants, and one verdict that blocks the unsafe operation.

These are the names for plugin authors, and all of them; `docs/writing-a-policy.md` shows them at work.
"""

__all__ = [
    "Action",
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
    "Drill",
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
    "ScheduledJob",
    "ScheduledJobs",
    "SettingsFile",
    "Severity",
    "SignOff",
    "SignOffBlock",
    "SignOffBlocks",
    "SignOffs",
    "StateDirectories",
    "StateDirectory",
    "Table",
    "ToolCall",
    "Upstream",
    "Variable",
    "WayBack",
    "Window",
    "Workplace",
    "Worktree",
    "World",
    "a_look",
    "ask",
    "check",
    "command_words",
    "commented",
    "hookimpl",
    "listed",
    "relative",
    "require_told",
    "seconds",
    "utc",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.calls import Action
    from guardrails.errors import CannotKnow, DoesNotApply, NothingAsked
    from guardrails.facts.answers.command_answers import CommandAnswers
    from guardrails.facts.answers.page_answers import PageAnswers
    from guardrails.facts.approval.deployments import Deployments
    from guardrails.facts.approval.evidence import RecordedRun, RecordedRuns
    from guardrails.facts.approval.local_commits import LocalCommits
    from guardrails.facts.approval.releases import ReleaseSource
    from guardrails.facts.approval.signoff_blocks import SignOffBlock, SignOffBlocks
    from guardrails.facts.approval.signoffs import SignOff, SignOffs
    from guardrails.facts.approval.upstream import Upstream
    from guardrails.facts.calendar import Calendar, Window
    from guardrails.facts.environment_variables import Variable
    from guardrails.facts.git.checkout import BranchInUse, Checkout
    from guardrails.facts.hooks.installed_hook import InstalledHook
    from guardrails.facts.hooks.installed_hooks import InstalledHooks
    from guardrails.facts.moment import MomentInQuestion
    from guardrails.facts.named_files import FileAge, FileState, NamedFiles
    from guardrails.facts.operation.candidate import Ancestry, Candidate
    from guardrails.facts.operation.descent import Descent
    from guardrails.facts.operation.expected_commit import ExpectedCommit
    from guardrails.facts.operation.losses import Losses
    from guardrails.facts.operation.pushes import Push, Pushes
    from guardrails.facts.operation.way_back import WayBack
    from guardrails.facts.pages.doc_tree import DeadLink, DocTree
    from guardrails.facts.pages.documents import Documents
    from guardrails.facts.reading.settings_files import SettingsFile
    from guardrails.facts.service.scheduled_job import ScheduledJob
    from guardrails.facts.service.scheduled_jobs import ScheduledJobs
    from guardrails.facts.state_directories import StateDirectories, StateDirectory
    from guardrails.facts.tool_call.tool_call import ToolCall, require_told
    from guardrails.facts.workplace import Workplace
    from guardrails.facts.worktree.change import Change
    from guardrails.facts.worktree.worktree import Worktree
    from guardrails.judgement import check
    from guardrails.model import Effect, Environment, Finding, Note, Operation, RefUpdate, Severity
    from guardrails.plugins.drills import Drill
    from guardrails.plugins.hookspecs import hookimpl
    from guardrails.policy import Fact, Policy, World, ask
    from guardrails.record import Record, Table
    from guardrails.remedies import Guardrails, a_look, commented
    from guardrails.wording.command_lines import command_words
    from guardrails.wording.durations import relative, seconds
    from guardrails.wording.shown_text import listed, utc

_WHEN_ASKED = {
    "Action": "guardrails.calls",
    "Ancestry": "guardrails.facts.operation.candidate",
    "BranchInUse": "guardrails.facts.git.checkout",
    "Calendar": "guardrails.facts.calendar",
    "Candidate": "guardrails.facts.operation.candidate",
    "CannotKnow": "guardrails.errors",
    "Change": "guardrails.facts.worktree.change",
    "Checkout": "guardrails.facts.git.checkout",
    "CommandAnswers": "guardrails.facts.answers.command_answers",
    "DeadLink": "guardrails.facts.pages.doc_tree",
    "Deployments": "guardrails.facts.approval.deployments",
    "Descent": "guardrails.facts.operation.descent",
    "DocTree": "guardrails.facts.pages.doc_tree",
    "Documents": "guardrails.facts.pages.documents",
    "DoesNotApply": "guardrails.errors",
    "Drill": "guardrails.plugins.drills",
    "Effect": "guardrails.model",
    "Environment": "guardrails.model",
    "ExpectedCommit": "guardrails.facts.operation.expected_commit",
    "Fact": "guardrails.policy",
    "FileAge": "guardrails.facts.named_files",
    "FileState": "guardrails.facts.named_files",
    "Finding": "guardrails.model",
    "Guardrails": "guardrails.remedies",
    "InstalledHook": "guardrails.facts.hooks.installed_hook",
    "InstalledHooks": "guardrails.facts.hooks.installed_hooks",
    "LocalCommits": "guardrails.facts.approval.local_commits",
    "Losses": "guardrails.facts.operation.losses",
    "MomentInQuestion": "guardrails.facts.moment",
    "NamedFiles": "guardrails.facts.named_files",
    "Note": "guardrails.model",
    "NothingAsked": "guardrails.errors",
    "Operation": "guardrails.model",
    "PageAnswers": "guardrails.facts.answers.page_answers",
    "Policy": "guardrails.policy",
    "Push": "guardrails.facts.operation.pushes",
    "Pushes": "guardrails.facts.operation.pushes",
    "Record": "guardrails.record",
    "RecordedRun": "guardrails.facts.approval.evidence",
    "RecordedRuns": "guardrails.facts.approval.evidence",
    "RefUpdate": "guardrails.model",
    "ReleaseSource": "guardrails.facts.approval.releases",
    "ScheduledJob": "guardrails.facts.service.scheduled_job",
    "ScheduledJobs": "guardrails.facts.service.scheduled_jobs",
    "SettingsFile": "guardrails.facts.reading.settings_files",
    "Severity": "guardrails.model",
    "SignOff": "guardrails.facts.approval.signoffs",
    "SignOffBlock": "guardrails.facts.approval.signoff_blocks",
    "SignOffBlocks": "guardrails.facts.approval.signoff_blocks",
    "SignOffs": "guardrails.facts.approval.signoffs",
    "StateDirectories": "guardrails.facts.state_directories",
    "StateDirectory": "guardrails.facts.state_directories",
    "Table": "guardrails.record",
    "ToolCall": "guardrails.facts.tool_call.tool_call",
    "Upstream": "guardrails.facts.approval.upstream",
    "Variable": "guardrails.facts.environment_variables",
    "WayBack": "guardrails.facts.operation.way_back",
    "Window": "guardrails.facts.calendar",
    "Workplace": "guardrails.facts.workplace",
    "Worktree": "guardrails.facts.worktree.worktree",
    "World": "guardrails.policy",
    "a_look": "guardrails.remedies",
    "ask": "guardrails.policy",
    "check": "guardrails.judgement",
    "command_words": "guardrails.wording.command_lines",
    "commented": "guardrails.remedies",
    "hookimpl": "guardrails.plugins.hookspecs",
    "listed": "guardrails.wording.shown_text",
    "relative": "guardrails.wording.durations",
    "require_told": "guardrails.facts.tool_call.tool_call",
    "seconds": "guardrails.wording.durations",
    "utc": "guardrails.wording.shown_text",
}


def __getattr__(name: str) -> object:
    """Load what is asked for, and nothing before `guardrails.start` knows where modules come from."""
    if name in _WHEN_ASKED:
        from guardrails.bundle import load

        globals()[name] = getattr(load(_WHEN_ASKED[name]), name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

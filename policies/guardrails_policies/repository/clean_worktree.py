"""The work tree, the index and HEAD hold the same bytes."""

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from operator import itemgetter
from types import MappingProxyType

from guardrails import Change, Finding, Note, Policy, Severity, Worktree, a_look, ask, commented

BLIND_SPOTS = 'the fast probe does not see everything (docs/reliability.md lists what); depth = "full" does'


class CleanWorktree(Policy):
    """A work tree that is not exactly what HEAD says, in any of the ways that `git status` hides or shows.

    Why it matters
        A local edit in the production repository makes updates stop, and the next reset destroys it. Most of the ways
        to hide an edit from `git status` are accidents: an assume-unchanged flag, a personal ignore rule, a folder with
        its own `.gitignore`. Ignored build output is no dirt, but a file that is hidden by a rule outside of the tree
        is.
    Example
        $ git -C ~/openclaw-prod update-index --assume-unchanged src/gateway.ts
        $ vi ~/openclaw-prod/src/gateway.ts            # git status prints nothing from now on
    Instead
        Move the edit to a branch in the development repository, and promote it from there.
    """

    id = "clean-worktree"
    title = "Work tree, index and HEAD hold the same bytes"
    source = "deployment-rules §1"
    severity = Severity.HIGH
    guards = (
        "git status",
        "*git status*clean*",
        "*must be clean*",
        "*is clean*",
        "*from a clean repo*",
        "*dirty repo*",
    )
    stricter = MappingProxyType({"expected_dirt": "fewer"})
    empty = MappingProxyType({"expected_dirt": "judged: no dirt is expected", "depth": "refused"})

    expected_dirt: tuple[str, ...] = ()
    depth: str = "auto"

    def __post_init__(self) -> None:
        if self.depth not in ("auto", "fast", "full"):
            raise ValueError(f"depth is {self.depth!r}, but must be auto, fast or full")

    def evaluate(self, worktree: Worktree = ask("depth")) -> Iterator[Finding | Note]:
        """Report each change outside the expected dirt."""
        unexpected = [change for change in worktree.changes if not self._is_expected(change.path)]
        for change in _in_turns(unexpected):
            yield Finding(
                message=f"{change.path} is not as HEAD says",
                observed=f"{change.kind}: {change.detail}",
                expected="a work tree with exactly the bytes of HEAD",
                remediation=_remedy(worktree, change),
                path=change.path,
            )
        if worktree.depth == "fast" and not unexpected:
            yield Note(BLIND_SPOTS)

    def _is_expected(self, path: str) -> bool:
        return any(
            path.startswith(pattern) if pattern.endswith("/") else fnmatchcase(path, pattern)
            for pattern in self.expected_dirt
        )


def _in_turns(changes: list[Change]) -> list[Change]:
    """The changes, a hundred of each kind at a time, so that a report that is cut still shows every kind."""
    seen = Counter[str]()
    turns = []
    for change in changes:
        turns.append(seen[change.kind] // 100)
        seen[change.kind] += 1
    return [change for _, change in sorted(zip(turns, changes, strict=True), key=itemgetter(0))]


def _remedy(worktree: Worktree, change: Change) -> str:
    from shlex import quote  # only a failing run needs it

    if worktree.recovery and change.kind in _RECOVERED and not change.path.endswith("/"):
        return commented(worktree.recovery, "saves the work first, on a branch of dev where that is configured")
    names = {"repo": quote(worktree.repo), "path": quote(change.path)}
    if change.kind in _COMMANDS:
        return "git -C {repo} ".format(**names) + _COMMANDS[change.kind].format(**names)
    command, then = _LOOKS[change.kind]
    return a_look(f"git -C {names['repo']} {command.format(**names)}", then.format(**names))


_RECOVERED = ("staged", "modified", "untracked", "conflict", "flagged", "operation", "converted")  # not a repository
_LOOKS = {
    "staged": ("diff --cached -- {path}", "keep it in dev, then restore what HEAD has"),
    "modified": ("diff -- {path}", "keep it in dev, then restore what HEAD has"),
    "untracked": ("status --short --ignored -- {path}", "move it out of this repository, or commit it in dev"),
    "conflict": ("status", "finish or abort what is in conflict"),
    "hidden": (
        "status --short --ignored -- {path}",
        "move it out of this repository, or commit the rule that ignores it",
    ),
    "submodule": ("submodule status", "commit in it what is changed, and have it at the commit that HEAD names"),
    "operation": ("status", "finish or abort the operation in progress"),
    "lock": ("status --short", "when no git is at work there any more, remove {path}"),
    "converted": ("ls-files --eol -- {path}", "compare it with HEAD, then check it out anew"),
    "special": ("status --short --ignored", "remove {path}, which is no file"),
}
_COMMANDS = {
    "flagged": "update-index --no-assume-unchanged -- {path} && git -C {repo} "
    "update-index --no-skip-worktree -- {path}",
    "replaced": "update-ref -d {path}",
    "sparse": "sparse-checkout disable",
    "elsewhere": "config --unset core.worktree",
}
KINDS = (*_LOOKS, *_COMMANDS)

"""What git does for each of its verbs: one row a verb, with the options that make a difference (git 2.39 to 2.52)."""

from __future__ import annotations

from guardrails.record import Record


class Verb(Record):
    """A verb, or a verb with its own verb such as `stash drop`, and the kind of action, empty for none.

    `on` is what it acts upon: `tree`, which is HEAD, the index and the files of one work tree, or `refs`, which all
    work trees share. It is no action with one of `reads_with`, nor without one of `only_with` when there are any, nor
    with fewer than `operands` words. `values` are options that take a word. `paths` are options whose value is a file
    that is written, `path` the number of the operand that is one. `index`: only the index is written.
    """

    names: tuple[str, ...]
    kind: str = ""
    on: str = "tree"
    reads_with: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    path: int | None = None
    operands: int = 0
    index: bool = False


_DRY = ("n", "dry-run")
_FORCE = ("f", "force")
_MESSAGE = ("m", "message", "F", "file", "C", "c", "author", "date", "s", "X", "strategy", "t", "template", "fixup")
_COMMIT = ("m", "message", "F", "file", "C", "c", "t", "template", "author", "date", "fixup", "squash", "trailer")

VERBS = (
    Verb(("add", "stage"), "writes", reads_with=_DRY, values=("chmod", "pathspec-from-file"), index=True),
    Verb(("am",), "moves-head"),
    Verb(("am", "merge", "rebase", "cherry-pick", "revert"), "loses-work", only_with=("abort", "skip")),
    Verb(("apply",), "writes", reads_with=("check", "stat", "numstat", "summary"), values=("p", "C", "directory")),
    Verb(("archive",), paths=("o", "output"), values=("o", "output", "prefix", "format")),
    Verb(("bisect",), "moves-head", operands=1),
    *(Verb((f"bisect {verb}",)) for verb in ("log", "view", "visualize", "terms", "help")),
    Verb(
        ("blame", "annotate", "cat-file", "check-ignore", "count-objects", "describe", "for-each-ref", "fsck", "grep")
    ),
    Verb(("log", "diff", "show", "diff-tree", "diff-index", "diff-files", "whatchanged"), paths=("output",)),
    Verb(("ls-files", "ls-remote", "ls-tree", "merge-base", "name-rev", "range-diff", "rev-list", "rev-parse")),
    Verb(("shortlog", "show-branch", "show-ref", "status", "var", "verify-commit", "verify-tag", "version", "help")),
    Verb(("check-attr", "check-mailmap", "check-ref-format", "cherry", "column", "diagnose", "get-tar-commit-id")),
    Verb(
        (
            "hash-object",
            "interpret-trailers",
            "mailinfo",
            "merge-file",
            "merge-tree",
            "mktree",
            "patch-id",
            "stripspace",
        )
    ),
    Verb(("commit-tree", "commit-graph", "credential", "fast-export", "mktag", "multi-pack-index")),
    Verb(("maintenance", "maintenance run", "maintenance is-needed")),
    *(Verb((f"maintenance {verb}",), "writes", "refs") for verb in ("start", "stop", "register", "unregister")),
    Verb(("notes", "notes list", "notes show", "notes get-ref")),
    *(Verb((f"notes {verb}",), "writes", "refs") for verb in ("add", "append", "copy", "edit", "merge", "remove")),
    Verb(("notes prune",), "writes", "refs", reads_with=_DRY),
    Verb(("pack-refs", "pack-objects", "index-pack", "rerere", "unpack-objects", "verify-pack", "write-tree")),
    Verb(
        ("bugreport", "daemon", "instaweb", "request-pull", "send-email", "upload-pack", "update-server-info", "hook")
    ),
    Verb(("show-index", "unpack-file", "prune-packed", "fetch-pack", "send-pack", "http-backend", "lfs")),
    Verb(("branch",), "loses-work", "refs", only_with=("D", "M", "C", *_FORCE)),
    Verb(("branch",), "moves-head", "refs", only_with=("m", "move")),
    Verb(("branch",), "writes", "refs", only_with=("d", "delete")),
    Verb(("bundle",)),
    Verb(("bundle create",), path=0),
    Verb(("checkout-index",), "writes", only_with=("a", "all", *_FORCE, "stdin")),
    Verb(
        ("cherry-pick", "merge", "rebase", "revert"), "moves-head", reads_with=("show-current-patch",), values=_MESSAGE
    ),
    Verb(("clean",), "loses-work", reads_with=_DRY, values=("e", "exclude")),
    Verb(("commit",), "moves-head", reads_with=("dry-run",), values=_COMMIT),
    Verb(("difftool",)),
    Verb(("fast-import", "quiltimport", "svn", "p4", "cvsimport"), "moves-head"),
    Verb(("filter-branch", "filter-repo"), "loses-work", "refs"),
    Verb(("gc",)),
    Verb(("gc",), "loses-work", "refs", only_with=("prune",)),
    Verb(("gui", "citool", "mergetool"), "writes"),
    Verb(("mv",), "writes", reads_with=_DRY),
    Verb(("prune",), "loses-work", "refs", reads_with=_DRY),
    Verb(("pull",), "moves-head", reads_with=("dry-run",)),
    Verb(("read-tree",), "writes", reads_with=_DRY, index=True),
    Verb(("read-tree",), "loses-work", only_with=("u", "reset")),
    Verb(("reflog", "reflog show", "reflog exists")),
    Verb(("reflog expire", "reflog delete"), "loses-work", "refs", reads_with=_DRY),
    Verb(("remote", "remote show", "remote get-url", "remote update", "remote prune")),
    *(Verb((f"remote {verb}",), "writes", "refs") for verb in ("add", "remove", "rm", "rename", "set-url", "set-head")),
    Verb(("repack",), "loses-work", "refs", only_with=("a",)),
    Verb(("repack",)),
    Verb(("replace",), "writes", "refs", reads_with=("l", "list")),
    Verb(("rm",), "removes", reads_with=_DRY),
    Verb(("rm",), "loses-work", only_with=_FORCE),
    Verb(("sparse-checkout",), "writes", operands=1),
    Verb(("sparse-checkout list",)),
    Verb(("stash", "stash push", "stash save", "stash pop", "stash apply"), "writes", values=("m", "message")),
    Verb(("stash branch",), "moves-head"),
    Verb(("stash drop", "stash clear"), "loses-work", "refs"),
    Verb(("stash list", "stash show", "stash create", "stash store")),
    Verb(("submodule", "submodule status", "submodule summary")),
    *(
        Verb((f"submodule {verb}",), "writes")
        for verb in ("add", "init", "update", "sync", "set-branch", "set-url", "foreach")
    ),
    Verb(("submodule deinit",), "writes"),
    Verb(("submodule update", "submodule deinit"), "loses-work", only_with=_FORCE),
    Verb(("switch",), "moves-head", values=("c", "C", "orphan")),
    Verb(("switch",), "loses-work", only_with=("C", "force-create", "discard-changes", *_FORCE)),
    Verb(("symbolic-ref",), "moves-head", "refs", operands=2, values=("m",)),
    Verb(("symbolic-ref",), "moves-head", "refs", only_with=("d", "delete")),
    Verb(("tag",), "loses-work", "refs", only_with=("d", "delete", *_FORCE)),
    Verb(("tag",)),
    Verb(("update-index",), "writes", reads_with=("refresh", "q", "really-refresh"), index=True),
    Verb(("worktree", "worktree list", "worktree lock", "worktree unlock", "worktree prune", "worktree repair")),
    Verb(("worktree add",), path=0, values=("b", "B", "reason")),
    Verb(("worktree move",), path=1),
    Verb(("worktree remove",), path=0),
    Verb(("worktree remove",), "loses-work", "refs", only_with=_FORCE),
)
"""Rows of one name all count. A verb without a row may be an alias or a program of somebody's."""

OWN_VERBS = frozenset(name.partition(" ")[0] for verb in VERBS for name in verb.names if " " in name)
NO_VERIFY = ("am", "commit", "merge", "pull", "push", "rebase")
"""The verbs that skip hooks when they are told `--no-verify`."""

"""How clean-worktree is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import git, set_option, write
from guardrails_policies.openclaw.demo.words import run_words
from guardrails_policies.stages import BOTH, OPENCLAW, dev, prod

_POLICY = "clean-worktree"
_MOMENTS = ("standing", "promote", "update", "start", "after update", "after recover")
_FILE = "src/gateway.ts"
_EDIT = "export const port = 19000; // just for now\n"


def edit(folder: str) -> None:
    """Change a file in prod."""
    write(os.path.join(prod(folder), _FILE), _EDIT)


def _stage(folder: str) -> None:
    edit(folder)
    git(prod(folder), "add", "--all")
    write(os.path.join(prod(folder), _FILE), "export const port = 18789;\n")


def _add(folder: str) -> None:
    write(os.path.join(prod(folder), "src/scratch.ts"), "export const scratch = true;\n")


def _hide_edit(folder: str) -> None:
    git(prod(folder), "update-index", "--assume-unchanged", _FILE)
    edit(folder)


def _make_pipe(folder: str) -> None:
    set_option(folder, _POLICY, 'depth = "full"')
    os.mkfifo(os.path.join(prod(folder), "src/pipe"))


def _edit_in_dev(folder: str) -> None:
    write(os.path.join(dev(folder), _FILE), _EDIT)


def _touch(repo: str) -> None:
    os.utime(os.path.join(repo, _FILE), (0, 0))
    write(os.path.join(repo, "node_modules/.cache/a"), "what git ignores\n")


def _touch_in_prod(folder: str) -> None:
    _touch(prod(folder))


def _touch_in_dev(folder: str) -> None:
    _touch(dev(folder))


def _build(folder: str) -> None:
    write(os.path.join(prod(folder), "dist/control-ui/index.html"), "<title>OpenClaw</title>\n")


EDIT = Drill(_POLICY, _MOMENTS, "an-edit", "Somebody edits a file in the production repository", edit, stages=BOTH)
HIDDEN_EDIT = Drill(
    _POLICY, ("standing",), "a-hidden-edit", "An edit hidden from git status by a flag", _hide_edit, stages=BOTH
)
EDIT_OF_RELEASE = Drill(
    _POLICY,
    ("release",),
    "an-edit",
    "Somebody edits a file in the release",
    _edit_in_dev,
    environment="dev",
    stages=(OPENCLAW,),
)
DIRTY_PROMOTION = Drill(
    _POLICY,
    ("promote",),
    "a-dirty-promotion",
    "A promotion into a dirty production checkout",
    edit,
    stages=(OPENCLAW,),
    command=run_words("promote"),
    channel="run",
)
DRILLS = (
    DIRTY_PROMOTION,
    Drill(
        _POLICY,
        ("promote",),
        "a-promotion",
        "A promotion into a touched and clean production checkout",
        _touch_in_prod,
        harmless=True,
        stages=(OPENCLAW,),
        command=run_words("promote"),
        channel="run",
    ),
    EDIT,
    HIDDEN_EDIT,
    EDIT_OF_RELEASE,
    Drill(
        _POLICY, ("standing",), "a-staged-edit", "An edit is staged, and taken back in the file", _stage, stages=BOTH
    ),
    Drill(_POLICY, ("standing",), "a-new-file", "A file is left that nobody has added", _add, stages=BOTH),
    Drill(_POLICY, ("standing",), "a-pipe", "Every byte is asked for, and there is a pipe", _make_pipe, stages=BOTH),
    Drill(
        _POLICY,
        _MOMENTS,
        "a-touch",
        "A file is touched, and one is written that git ignores",
        _touch_in_prod,
        harmless=True,
        stages=BOTH,
    ),
    Drill(
        _POLICY,
        ("standing", "start"),
        "a-build",
        "A build of the control UI leaves what is expected",
        _build,
        harmless=True,
        stages=(OPENCLAW,),
    ),
    Drill(
        _POLICY,
        ("release",),
        "a-touch",
        "A file of the release is touched, and one is written that git ignores",
        _touch_in_dev,
        harmless=True,
        environment="dev",
        stages=(OPENCLAW,),
    ),
)

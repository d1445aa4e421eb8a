"""Unsafe operations, one act each: what stands in their way, and that nothing has changed."""

from __future__ import annotations

import os
import shlex
import sys

from guardrails.plugins.demo_scenes import Act, Scene
from guardrails_policies.openclaw.demo.accidents import edit, freeze, pass_the_release
from guardrails_policies.openclaw.demo.release import run_words
from guardrails_policies.openclaw.demo.tools import commit, configure, git, write
from guardrails_policies.openclaw.demo.world import RELEASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PROMOTE = run_words("promote")
_INSTALL = ("guardrails", "hook", "install")
_GITS_OWN = (".git/COMMIT_EDITMSG", ".git/index", ".git/objects/*")  # what git writes before it asks its hook
_BROKEN = """\
from guardrails import Policy, hookimpl


class BrokenRule(Policy):
    \"\"\"A rule with a bug.\"\"\"

    id = "broken-rule"
    title = "A rule with a bug"
    source = "the demo"

    def evaluate(self):
        yield 1 / 0


@hookimpl
def guardrails_policies():
    return [BrokenRule]
"""
_WITH_PLUGINS = "import sys; sys.path.append({plugins!r}); from guardrails.start import entry; entry()"
_OWN_RULES = """\
[environments.dev]
repo = "."

[policies.required-files]
files = ["docs/DEPLOYMENT.md", "package.json"]
"""


def _dev(folder: str) -> str:
    return os.path.join(folder, "moltbot")


def _move_the_candidate(folder: str) -> None:
    write(os.path.join(_dev(folder), "src/more.ts"), "export const more = true;\n")
    commit(_dev(folder), "one more thing, after both approved")


def _install_a_broken_rule(folder: str) -> None:
    metadata = os.path.join(folder, "plugins/broken_rule-1.0.dist-info")
    write(os.path.join(metadata, "METADATA"), "Metadata-Version: 2.1\nName: broken-rule\nVersion: 1.0\n")
    write(os.path.join(metadata, "entry_points.txt"), "[guardrails]\nbroken-rule = broken_rule\n")
    write(os.path.join(folder, "plugins/broken_rule.py"), _BROKEN)
    code = _WITH_PLUGINS.format(plugins=os.path.join(folder, "plugins"))
    command = shlex.join([sys.executable, "-E", "-P", "-c", code])
    write(os.path.join(folder, "bin/guardrails"), f'#!/bin/sh\nexec {command} "$@"\n', mode=0o700)
    configure(folder, '[policies.broken-rule]\nwhen = ["promote"]\nenforcement = "hard-mandatory"\n')


def _stage_a_hotfix(folder: str) -> None:
    prod = os.path.join(folder, "openclaw-prod")
    write(os.path.join(prod, "src/gateway.ts"), "export const port = 19000; // just for now\n")
    git(prod, "add", "--all")


def _serve(folder: str) -> None:
    """A bare repository on a server, which has the release, and from which dev pushes and fetches."""
    git(folder, "clone", "--quiet", "--bare", "--template=", "moltbot", "server.git")
    git(_dev(folder), "remote", "add", "server", os.path.join(folder, "server.git"))
    configure(
        folder,
        '[environments.server]\nrepo = "server.git"\n\n[policies.fast-forward-only]\n'
        'when = { prod = ["promote", "push"], dev = ["push"], server = ["push"] }\n',
    )


def _rewrite_the_release(folder: str) -> None:
    _serve(folder)
    git(_dev(folder), "commit", "--quiet", "--amend", "--message", "release: memory system, told in other words")


def _loosen(folder: str) -> None:
    dev = _dev(folder)
    git(dev, "checkout", "--quiet", "main")
    write(os.path.join(dev, "guardrails.toml"), _OWN_RULES)
    commit(dev, "The rules of this repository")
    git(dev, "checkout", "--quiet", "-b", "without-package-json")
    write(os.path.join(dev, "guardrails.toml"), _OWN_RULES.replace(', "package.json"', ""))
    os.unlink(os.path.join(dev, "package.json"))
    commit(dev, "Remove package.json, and the rule that requires it")


def _refusal(title: str, command: tuple[str, ...], named: tuple[str, ...], play: Callable[[str], None]) -> Act:
    return Act(title, (Scene(command, named, play),))


def _guarded_by(kind: str, environment: str, play: Callable[[str], None], scene: Scene) -> tuple[Scene, Scene]:
    """A hook is installed, and then asked."""
    return Scene((*_INSTALL, kind, "--env", environment), (), play), scene


REFUSALS = (
    _refusal("A promotion into a dirty production checkout", _PROMOTE, ("clean-worktree",), edit),
    _refusal("A promotion of what has diverged", _PROMOTE, ("fast-forward-only",), pass_the_release),
    _refusal(
        "A promotion of a branch that moved since",
        _PROMOTE,
        ("required-signoffs", "tested-commit"),
        _move_the_candidate,
    ),
    _refusal("A promotion in a freeze", _PROMOTE, ("release-window",), freeze),
    Act(
        "A promotion while a policy crashes",
        (Scene(_PROMOTE, ("broken-rule", "ZeroDivisionError"), _install_a_broken_rule),),
    ),
    Act(
        "A promotion that cannot be logged, since the disk is full",
        (Scene(("sh", "-c", f"ulimit -f 0; exec {' '.join(_PROMOTE)}"), ("audit log", "cannot be written")),),
    ),
    Act(
        "A start on the state of dev",
        (
            Scene(
                run_words("start", "env", "OPENCLAW_STATE_DIR=~/.openclaw-dev", "openclaw", "gateway", "restart"),
                ("OPENCLAW_STATE_DIR is set to another value",),
            ),
        ),
    ),
    Act(
        "A commit in production",
        _guarded_by(
            "reference-transaction",
            "prod",
            _stage_a_hotfix,
            Scene(
                ("git", "commit", "-m", "hotfix"),
                ("guardrails", "no-direct-edits"),
                folder="openclaw-prod",
                leaves=tuple(f"openclaw-prod/{name}" for name in _GITS_OWN),
            ),
        ),
    ),
    Act(
        "A push that rewrites the release",
        _guarded_by(
            "pre-push",
            "dev",
            _rewrite_the_release,
            Scene(("git", "push", "--force", "server", RELEASE), ("guardrails", "protected-refs"), folder="moltbot"),
        ),
    ),
    Act(
        "A push that deletes the release",
        _guarded_by(
            "pre-push",
            "dev",
            _serve,
            Scene(("git", "push", "--delete", "server", RELEASE), ("guardrails", "protected-refs"), folder="moltbot"),
        ),
    ),
    Act(
        "A push that skips its hook, to a server that has one",
        _guarded_by(
            "pre-receive",
            "server",
            _rewrite_the_release,
            Scene(
                ("git", "push", "--force", "--no-verify", "server", RELEASE),
                ("guardrails", "protected-refs"),
                folder="moltbot",
            ),
        ),
    ),
    Act(
        "A change that loosens the rule that stands in its way",
        (
            Scene(
                ("guardrails", "check", "--env", "dev", "--config-ref", "main"),
                ("required-files", "tightening-only"),
                _loosen,
                folder="moltbot",
            ),
        ),
    ),
)

"""How tightening-only is proven, which is guardrails' own."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import commit, git, write
from guardrails_policies.stages import OPENCLAW, dev

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_OWN_RULES = """\
[environments.dev]
repo = "."

[policies.required-files]
files = ["docs/DEPLOYMENT.md", "package.json"]
"""
CHECK = ("guardrails", "check", "--env", "dev", "--config-ref", "main")


def _change_rules(folder: str, rules: str) -> None:
    """Commit rules to dev's main branch, and others to a branch."""
    repo = dev(folder)
    git(repo, "checkout", "--quiet", "main")
    write(os.path.join(repo, "guardrails.toml"), _OWN_RULES)
    commit(repo, "The rules of this repository")
    git(repo, "checkout", "--quiet", "-b", "change-of-rules")
    write(os.path.join(repo, "guardrails.toml"), rules)
    commit(repo, "Change the rules")


def loosen(folder: str) -> None:
    """Remove a file on a branch, with the rule that requires it."""
    _change_rules(folder, _OWN_RULES.replace(', "package.json"', ""))
    os.unlink(os.path.join(dev(folder), "package.json"))
    commit(dev(folder), "Remove package.json, and the rule that requires it")


def _tighten(folder: str) -> None:
    _change_rules(folder, _OWN_RULES.replace(', "package.json"', ', "package.json", "pnpm-lock.yaml"'))


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(
        "tightening-only",
        ("standing",),
        name,
        title,
        play,
        harmless=harmless,
        stages=(OPENCLAW,),
        environment="dev",
        folder="moltbot",
        command=CHECK,
    )


LOOSENED = _drill("a-looser-rule", "A change that loosens the rule that stands in its way", loosen)
DRILLS = (LOOSENED, _drill("a-stricter-rule", "A change that adds to a rule", _tighten, harmless=True))

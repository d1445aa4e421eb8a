"""Unsafe operations, one act each: what stands in their way, and that nothing has changed."""

from __future__ import annotations

import os
import shlex
import sys

from guardrails.plugins.demo_scenes import Act, Scene
from guardrails_policies.openclaw.demo.tools import configure, write
from guardrails_policies.openclaw.demo.words import run_words
from guardrails_policies.release.drills import release_window, required_signoffs
from guardrails_policies.repository.drills import (
    clean_worktree,
    fast_forward_only,
    no_direct_edits,
    protected_refs,
    tightening_only,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.drills import Drill

_PROMOTE = run_words("promote")
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


def _install_a_broken_rule(folder: str) -> None:
    metadata = os.path.join(folder, "plugins/broken_rule-1.0.dist-info")
    write(os.path.join(metadata, "METADATA"), "Metadata-Version: 2.1\nName: broken-rule\nVersion: 1.0\n")
    write(os.path.join(metadata, "entry_points.txt"), "[guardrails]\nbroken-rule = broken_rule\n")
    write(os.path.join(folder, "plugins/broken_rule.py"), _BROKEN)
    code = _WITH_PLUGINS.format(plugins=os.path.join(folder, "plugins"))
    command = shlex.join([sys.executable, "-E", "-P", "-c", code])
    write(os.path.join(folder, "bin/guardrails"), f'#!/bin/sh\nexec {command} "$@"\n', mode=0o700)
    configure(folder, '[policies.broken-rule]\nwhen = ["promote"]\nenforcement = "hard-mandatory"\n')


def _refused(drill: Drill, *names: str) -> Act:
    """The act of a drill whose command is refused; what it says names the policy, and these."""
    told = tuple(sorted((drill.policy, *names)))
    variables = drill.variables
    scene = Scene(drill.command, told, drill.play, variables=variables, folder=drill.folder, leaves=drill.leaves)
    return Act(drill.title, (scene,))


REFUSALS = (
    _refused(clean_worktree.DIRTY_PROMOTION),
    _refused(fast_forward_only.DIVERGED_PROMOTION),
    _refused(required_signoffs.MOVED_PROMOTION, "tested-commit"),
    _refused(release_window.FROZEN_PROMOTION),
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
    _refused(no_direct_edits.GUARDED_COMMIT, "guardrails"),
    _refused(protected_refs.REWRITING_PUSH, "guardrails"),
    _refused(protected_refs.DELETING_PUSH, "guardrails"),
    _refused(protected_refs.UNHOOKED_PUSH, "guardrails"),
    _refused(tightening_only.LOOSENED, "required-files"),
)

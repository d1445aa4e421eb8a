"""Whether git would really run a hook, asked of git."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.git.reader import complaint
from guardrails.facts.hooks.looks import look
from guardrails.facts.hooks.places import list_work_trees
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.hooks import places
from guardrails.hooks.stubs import PROBE
from guardrails.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.hooks.installed_hook import InstalledHook
    from guardrails.guards import Guard

GAPS = {
    "pre-push": (
        "git push --mirror and --prune do not show their deletions to pre-push, and --no-verify skips it: "
        "only a pre-receive hook on the server refuses those"
    ),
    "pre-receive": "what moves refs on the server itself, such as git update-ref, asks no pre-receive hook",
    "reference-transaction": (
        "files are not protected: git reset --hard has overwritten them before it is refused; "
        "and programs that write refs without git ask no hook"
    ),
}


def look_at_hooks(repo: str, guard: Guard, *, apart: bool) -> list[InstalledHook]:
    """The hook of each work tree, and what keeps git from running it. Raises CannotKnow when git cannot be asked.

    The file there is compared first, and only a stub of ours is run.
    """

    async def answer() -> list[InstalledHook]:
        folders = await list_work_trees(repo, os.environ)
        return [await look(guard, folder, os.environ, apart=apart) for folder in folders]

    return [hook if hook.problem else _probe(hook, guard) for hook in run_to_end(answer())]


def _probe(hook: InstalledHook, guard: Guard) -> InstalledHook:
    """Have git run the hook with arguments that git never gives; the stub then says its version and judges nothing."""
    done = places.ask_git(hook.folder, "hook", "run", hook.kind, "--", *PROBE)
    if b"is not a git command" in done.stderr:
        raise CannotKnow("this git cannot be asked whether it runs a hook; git 2.36 can")
    if f"guardrails {VERSION}".encode() in (done.stdout + done.stderr).split(b"\n"):
        return hook
    return hook.replaced(problem=f"git does not get an answer from {hook.path}: {complaint(done)}", remedy=guard.remedy)

"""Whether git would really run a hook, asked of git."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.git import complaint
from guardrails.hooks import places
from guardrails.hooks.install import content
from guardrails.hooks.stubs import PROBE, is_ours, same
from guardrails.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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


def problems(repo: str, kind: str, expected: str) -> Iterator[str]:
    """What keeps git from running the stub as it should be, work tree by work tree; nothing when all is well.

    `expected` is the stub that would be installed now. Raises CannotKnow when git cannot be asked.
    """
    for folder in places.work_trees(repo):
        path = places.hook_path(folder, kind)
        there = content(path)
        if there is None:
            yield f"not installed: git looks for {path}, and there is nothing"
        elif not is_ours(there):
            yield f"not installed: {path} is not from guardrails"
        elif not same(there, expected):
            yield f"{path} is not what would be installed now (another version, configuration or branch)"
        elif not os.access(path, os.X_OK):
            yield f"{path} is not executable, so git skips it"
        else:
            yield from _probed(folder, kind, path)


def _probed(folder: str, kind: str, path: str) -> Iterator[str]:
    """Have git run the hook with arguments that git never gives; the stub then says its version and judges nothing."""
    done = places.asked(folder, "hook", "run", kind, "--", *PROBE)
    if b"is not a git command" in done.stderr:
        raise CannotKnow("this git cannot be asked whether it runs a hook; git 2.36 can")
    if f"guardrails {VERSION}".encode() not in (done.stdout + done.stderr).splitlines():
        yield f"git does not get an answer from {path}: {complaint(done)}"

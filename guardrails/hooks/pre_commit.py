"""What the pre-commit framework tells of a push, as the line that git would have given.

pre-commit keeps git's lines to itself. It sets variables for the first ref that it deems relevant, and runs nothing for
deletions; a forced push onto a commit that is not here looks like a new one (pre-commit 4, `hook_impl.py`). The native
hook sees all of these.
"""

from __future__ import annotations

from guardrails.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def pushed_line(variables: Mapping[str, str]) -> bytes:
    """One line as pre-push gets it. Raises UsageError when pre-commit does not say what is pushed where."""
    new, ref = variables.get("PRE_COMMIT_TO_REF", ""), variables.get("PRE_COMMIT_REMOTE_BRANCH", "")
    if not new or not ref:
        raise UsageError(
            "pre-commit does not say what is pushed where; install the hook itself: guardrails hook install pre-push"
        )
    old = variables.get("PRE_COMMIT_FROM_REF") or "0" * len(new)
    local = variables.get("PRE_COMMIT_LOCAL_BRANCH") or ref
    return f"{local} {new} {ref} {old}\n".encode("utf-8", "surrogateescape")

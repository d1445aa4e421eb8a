"""What is proposed to be done with a commit, and the digest by which an approval names it.

The digest is the SHA-256 of what an operation does with a commit, as canonical JSON (sorted keys, no spaces, UTF-8):

    {"commit":"…","environment":"prod","moves_head_to":"candidate","operation":"promote","steps":[["pnpm","build"]]}

The steps are the words of those that are configured, before any name in them is resolved. Neither the time nor the
machine nor where production is just now has a part in it, so that two people sign the same on two machines.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.wording.command_lines import split_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.model import Operation


def plan_digest(operation: Operation, environment: str, commit: str) -> str:
    """The digest of what an operation in an environment, given by its name, does with a commit.

    Raises CannotKnow for a step that is no command line.
    """
    import json
    from hashlib import sha256

    try:
        steps = [split_line(step) for step in operation.configured]
    except ValueError as error:
        raise CannotKnow(f"a step of {operation.name} cannot be read: {error}") from None
    proposed = {
        "operation": operation.name,
        "environment": environment,
        "commit": commit,
        "steps": steps,
        "moves_head_to": operation.moves_head_to,
    }
    text = json.dumps(proposed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + sha256(text.encode()).hexdigest()

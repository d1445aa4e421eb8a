"""What is proposed to be done with a commit, and the digest by which an approval names it.

The digest is the SHA-256 of what an operation does with a commit, as canonical JSON (sorted keys, no spaces, UTF-8):

    {"commit":"…","environment":"prod","moves_head_to":"candidate","operation":"promote","steps":["pnpm build"]}

The steps are those of the configuration, before any name in them is resolved. Neither the time nor the machine nor
where production is just now has a part in it, so that two people sign the same on two machines.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.model import Operation


def plan_digest(operation: Operation, environment: str, commit: str) -> str:
    """The digest of what an operation in an environment, given by its name, does with a commit."""
    import json
    from hashlib import sha256

    proposed = {
        "operation": operation.name,
        "environment": environment,
        "commit": commit,
        "steps": list(operation.configured),
        "moves_head_to": operation.moves_head_to,
    }
    text = json.dumps(proposed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + sha256(text.encode()).hexdigest()

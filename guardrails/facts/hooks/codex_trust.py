"""Whether Codex runs a hook: it silently skips one that its user has not trusted, word for word.

`hooks.state` of its `config.toml` has a table for each hook by the place where it stands, with the digest of what was
trusted (codex-rs 0.171.0, which shows both in its app-server's `hooks/list`).
"""

from __future__ import annotations

import json
import os
import tomllib
from hashlib import sha256

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.facts.reading.json_text import Part

_EVENT = "pre_tool_use"


def trust_problem(path: str, root: Part, ours: list[Part], config: str) -> str | None:
    """Why Codex would not run entries of ours that stand in a `hooks.json`; None when it would.

    `config` is the path of the `config.toml` that holds the trust of the user.
    """
    try:
        table = tomllib.loads(read_text(config))
    except FileNotFoundError:
        table = {}
    except (ValueError, CannotKnow) as error:
        return f"{config}, which says what Codex trusts, cannot be read: {error}"
    if _under(table, "features").get("hooks") is False:
        return f"{config} switches all hooks off: features.hooks"
    state = _under(_under(table, "hooks"), "state")
    groups = root.below("hooks", "PreToolUse")
    for part in ours:
        place = [one.at for one in groups.items].index(part.at) if groups else 0
        known = [_under(state, f"{one}:{_EVENT}:{place}:0") for one in {path, os.path.realpath(path)}]
        if not any(one.get("trusted_hash") == trusted_hash(part.plain()) for one in known):
            return f"Codex passes over the hook in {path} until you trust it: start codex, enter /hooks, and trust it"
        if any(one.get("enabled") is False for one in known):
            return f"{config} switches the hook in {path} off"
    return None


def trusted_hash(group: dict[str, Any]) -> str:
    """The digest of a group with one hook, as Codex makes it of what counts in it."""
    [hook] = group["hooks"]
    counts = {"type": hook["type"], "command": hook["command"], "timeout": hook["timeout"], "async": False}
    whole = {"event_name": _EVENT, "matcher": group["matcher"], "hooks": [counts]}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def _under(table: Any, key: str) -> dict[str, Any]:
    """A table in a table, empty where there is none."""
    found = table.get(key) if isinstance(table, dict) else None
    return found if isinstance(found, dict) else {}

"""The files of a state directory that a running gateway has open. They show a gateway under any name.

From 2026.4.29 on it has a store of its state open, and in all versions its lock (`versions.py` says where that is).
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_STORE = (
    r"(?P<state>/.+)/(?:state/openclaw\.sqlite|tasks/runs\.sqlite"
    r"|agents/[^/]+/agent/openclaw-agent\.sqlite)"
)
_LOCK = r"(?P<folder>/.*/openclaw-\d+)/gateway\.[^/]+\.lock"
_AGENTS_LIMIT = 1000


def stores_of(state: str) -> list[str]:
    """The paths of the stores that a state directory may hold."""
    agents = [f"agents/{agent}/agent/openclaw-agent.sqlite" for agent in _names(os.path.join(state, "agents"))]
    return [os.path.join(state, name) for name in ("state/openclaw.sqlite", "tasks/runs.sqlite", *agents)]


def state_of(paths: Iterable[str]) -> str:
    """The state directory whose store is among the files; empty when none is a store."""
    return next((match["state"] for path in paths if (match := re.fullmatch(_STORE, path))), "")


def lock_folders_of(paths: Iterable[str]) -> list[str]:
    """The folders of the locks of gateways among the files."""
    return [match["folder"] for path in paths if (match := re.fullmatch(_LOCK, path))]


def _names(folder: str) -> list[str]:
    """What a folder holds; nothing when it cannot be read, since other evidence of a gateway remains."""
    try:
        return sorted(os.listdir(folder))[:_AGENTS_LIMIT]
    except OSError:
        return []

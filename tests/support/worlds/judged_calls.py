"""The scratch world with rules for tool calls: what state decides, in prod and in dev."""

from __future__ import annotations

import json
from typing import Any

from guardrails.testing.worlds import ScratchWorld

RULES = """
[operations.tool-call]

[policies.reset-loses-nothing]
when = { dev = ["tool-call"] }
enforcement = "hard-mandatory"

[policies.protected-refs]
when = ["tool-call"]
enforcement = "hard-mandatory"
"""


def logged(world: ScratchWorld, environment: str) -> list[dict[str, Any]]:
    """The audit log of an environment, empty without one."""
    path = world.home / f".local/state/guardrails/{environment}/audit.jsonl"
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []

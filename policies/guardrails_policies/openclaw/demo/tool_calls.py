"""Tool calls of an agent: those that are refused before they run, by which policy, and those that are free."""

from __future__ import annotations

from guardrails.plugins.demo_scenes import Act, Scene
from guardrails_policies.openclaw.demo.tools import STATES


def _vet(folder: str, text: str, *policies: str) -> Scene:
    return Scene(("guardrails", "vet", "--cwd", folder, "--shell", text), policies)


TOOL_CALLS = (
    Act(
        "An agent's tool calls",
        (
            _vet("openclaw-prod", "git status"),
            _vet("openclaw-prod", "git reset --hard upstream/main", "guarded-operations"),
            Scene(("guardrails", "vet", "--write", "openclaw-prod/src/gateway.ts"), ("untouched-places",)),
            _vet("moltbot", f"OPENCLAW_STATE_DIR=../{STATES[0]} openclaw gateway run", "own-state"),
            _vet("moltbot", "git push --no-verify server", "guard-stays-on"),
        ),
    ),
)

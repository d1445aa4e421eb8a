"""Codex' tool calls, as 0.171.0 gives them to a PreToolUse hook."""

import json
from typing import Any

import pytest

from guardrails.calls import Call
from guardrails.hosts.codex import answer, calls_in
from guardrails.hosts.tool_input import InputError

PATCH = "*** Begin Patch\n*** Update File: a.ts\n@@\n-x\n+y\n*** End Patch\n"
GIVEN = {
    "session_id": "1",
    "turn_id": "2",
    "transcript_path": None,
    "cwd": "/srv/dev",
    "hook_event_name": "PreToolUse",
    "model": "m",
    "permission_mode": "default",
    "tool_use_id": "3",
}


def asked(tool: str, arguments: Any) -> bytes:
    return json.dumps({**GIVEN, "tool_name": tool, "tool_input": arguments}).encode()


def test_each_tool_that_runs_or_writes() -> None:
    assert calls_in(asked("Bash", {"command": "ls"})) == (Call("/srv/dev", shell="ls"),)
    assert calls_in(asked("shell", {"command": ["ls", "-l"], "workdir": "src"})) == (
        Call("/srv/dev/src", argv=("ls", "-l")),
    )
    assert calls_in(asked("exec_command", {"cmd": "ls", "workdir": "/srv"})) == (Call("/srv", shell="ls"),)
    assert calls_in(asked("apply_patch", {"command": PATCH})) == (Call("/srv/dev", write="a.ts"),)
    assert calls_in(asked("apply_patch", {"input": PATCH})) == (Call("/srv/dev", write="a.ts"),)
    assert calls_in(asked("update_plan", {"plan": []})) == ()


def test_a_patch_within_a_command() -> None:
    [shell, write] = calls_in(asked("Bash", {"command": f"cd src && apply_patch <<'E'\n{PATCH}E"}))
    assert (shell.write, write.write) == (None, "a.ts")
    assert calls_in(asked("shell", {"command": ["apply_patch", PATCH]}))[1:] == (Call("/srv/dev", write="a.ts"),)


@pytest.mark.parametrize("arguments", [{}, {"command": 1}, {"command": []}])
def test_what_lacks_its_fields(arguments: dict[str, object]) -> None:
    for tool in ("Bash", "apply_patch"):
        with pytest.raises(InputError):
            calls_in(asked(tool, arguments))


def test_the_answer() -> None:
    assert answer(None) == ("", "", 0)
    assert answer("no") == ("", "no\n", 2)

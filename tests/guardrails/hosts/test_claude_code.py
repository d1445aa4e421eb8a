"""Claude Code's tool calls, as 2.1.332 gives them to a PreToolUse hook."""

import json
from typing import Any

import pytest

from guardrails.calls import Call
from guardrails.hosts.claude_code import answer, calls_in
from guardrails.hosts.tool_input import InputError

GIVEN = {
    "session_id": "5f0c",
    "transcript_path": "/home/me/.claude/projects/x.jsonl",
    "cwd": "/srv/dev",
    "prompt_id": "1",
    "permission_mode": "default",
    "effort": {"level": "medium"},
    "hook_event_name": "PreToolUse",
    "tool_use_id": "toolu_1",
}


def asked(tool: str, arguments: Any, **more: Any) -> bytes:
    return json.dumps({**GIVEN, "tool_name": tool, "tool_input": arguments, **more}).encode()


def test_each_tool_that_runs_or_writes() -> None:
    assert calls_in(asked("Bash", {"command": "ls", "description": "look"})) == (Call("/srv/dev", shell="ls"),)
    for tool in ("Write", "Edit", "MultiEdit"):
        assert calls_in(asked(tool, {"file_path": "/srv/dev/a"})) == (Call("/srv/dev", write="/srv/dev/a"),)
    assert calls_in(asked("NotebookEdit", {"notebook_path": "a.ipynb"})) == (Call("/srv/dev", write="a.ipynb"),)
    assert calls_in(asked("Read", {"file_path": "/srv/dev/a"})) == ()
    assert calls_in(asked("mcp__x__y", {})) == ()


@pytest.mark.parametrize(
    "data",
    [
        asked("Bash", {}),
        asked("Bash", {"command": None}),
        asked("Write", {"path": "/x"}),
        asked("Bash", "ls"),
        asked("Bash", {"command": "ls"}, cwd="relative"),
        asked("Bash", {"command": "ls"}, cwd=None),
        asked("Bash", {"command": "ls"}, tool_name=1),
    ],
)
def test_what_lacks_its_fields(data: bytes) -> None:
    with pytest.raises(InputError):
        calls_in(data)


def test_the_answer() -> None:
    assert answer(None) == ("", "", 0)
    assert answer("no") == ("", "no\n", 2)

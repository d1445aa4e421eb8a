"""Gemini CLI's tool calls, as 0.61.0 gives them to a BeforeTool hook."""

import json
from typing import Any

import pytest

from guardrails.calls import Call
from guardrails.hosts.gemini import answer, calls_in
from guardrails.hosts.tool_input import InputError

GIVEN = {
    "session_id": "1",
    "transcript_path": "/x",
    "cwd": "/srv/dev",
    "hook_event_name": "BeforeTool",
    "timestamp": "2026-02-01T10:00:00Z",
}


def asked(tool: str, arguments: Any) -> bytes:
    return json.dumps({**GIVEN, "tool_name": tool, "tool_input": arguments}).encode()


def test_each_tool_that_runs_or_writes() -> None:
    assert calls_in(asked("run_shell_command", {"command": "ls"})) == (Call("/srv/dev", shell="ls"),)
    within = {"command": "ls", "dir_path": "src"}
    assert calls_in(asked("run_shell_command", within)) == (Call("/srv/dev/src", shell="ls"),)
    for tool in ("write_file", "replace"):
        assert calls_in(asked(tool, {"file_path": "a", "content": "x"})) == (Call("/srv/dev", write="a"),)
    assert calls_in(asked("read_file", {"file_path": "a"})) == ()


def test_what_lacks_its_fields() -> None:
    for tool in ("run_shell_command", "write_file"):
        with pytest.raises(InputError):
            calls_in(asked(tool, {}))


def test_the_answer() -> None:
    assert answer(None) == ("", "", 0)
    assert answer("no") == ("", "no\n", 2)

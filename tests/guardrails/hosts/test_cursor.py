"""Cursor's calls, as its documents give them to beforeShellExecution and preToolUse."""

import json

import pytest

from guardrails.calls import Call
from guardrails.hosts.cursor import answer, calls_in
from guardrails.hosts.tool_input import InputError

GIVEN = {
    "hook_event_name": "beforeShellExecution",
    "conversation_id": "1",
    "generation_id": "2",
    "workspace_roots": ["/srv/dev", "/srv/other"],
}


def asked(**more: object) -> bytes:
    return json.dumps({**GIVEN, **more}).encode()


def test_a_shell_command_runs_in_its_folder_or_in_the_workspace() -> None:
    assert calls_in(asked(command="ls", cwd="/srv/dev/src")) == (Call("/srv/dev/src", shell="ls"),)
    assert calls_in(asked(command="ls", cwd="")) == (Call("/srv/dev", shell="ls"),)


def test_each_tool_that_runs_or_writes() -> None:
    given = {"hook_event_name": "preToolUse", "cwd": "/srv/dev"}
    shell = {"command": "ls", "working_directory": "src"}
    assert calls_in(asked(**given, tool_name="Shell", tool_input=shell)) == (Call("/srv/dev/src", shell="ls"),)
    for tool, name in (("Write", "file_path"), ("Delete", "path")):
        assert calls_in(asked(**given, tool_name=tool, tool_input={name: "a"})) == (Call("/srv/dev", write="a"),)
    assert calls_in(asked(**given, tool_name="Read", tool_input={"file_path": "a"})) == ()


@pytest.mark.parametrize(
    "more", [{}, {"command": 1}, {"command": "ls", "workspace_roots": []}, {"tool_name": "Write", "tool_input": {}}]
)
def test_what_lacks_its_fields(more: dict[str, object]) -> None:
    with pytest.raises(InputError):
        calls_in(asked(**more))


def test_the_answer_is_an_object_on_every_path() -> None:
    assert answer(None) == ("{}\n", "", 0)
    out, err, code = answer("no")
    assert (err, code) == ("no\n", 2)
    said = {"user_message": "no", "agent_message": "no", "userMessage": "no", "agentMessage": "no"}
    assert json.loads(out) == {"permission": "deny", **said}

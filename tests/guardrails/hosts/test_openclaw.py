"""OpenClaw's tool calls, as our plugin hands them over."""

import json
from typing import Any

import pytest

from guardrails.calls import Call
from guardrails.hosts.openclaw import answer, calls_in
from guardrails.hosts.tool_input import InputError

PATCH = "*** Begin Patch\n*** Add File: a.ts\n+y\n*** End Patch\n"


def asked(tool: str, arguments: Any, cwd: object = "/srv/dev") -> bytes:
    return json.dumps({"tool_name": tool, "tool_input": arguments, "cwd": cwd}).encode()


def test_each_tool_that_runs_or_writes() -> None:
    assert calls_in(asked("exec", {"command": "ls"})) == (Call("/srv/dev", shell="ls"),)
    assert calls_in(asked("exec", {"command": "ls", "workdir": "/srv"})) == (Call("/srv", shell="ls"),)
    for tool in ("write", "edit"):
        assert calls_in(asked(tool, {"path": "a"})) == (Call("/srv/dev", write="a"),)
    assert calls_in(asked("apply_patch", {"input": PATCH})) == (Call("/srv/dev", write="a.ts"),)
    assert calls_in(asked("read", {"path": "a"})) == ()


def test_what_lacks_its_fields() -> None:
    for data in (asked("exec", {}), asked("write", {}), asked("exec", {"command": "ls"}, cwd=None)):
        with pytest.raises(InputError):
            calls_in(data)


def test_the_answer_is_what_the_hook_returns() -> None:
    assert answer(None) == ("", "", 0)
    out, err, code = answer("no")
    assert (json.loads(out), err, code) == ({"block": True, "blockReason": "no"}, "no\n", 2)

"""OpenClaw's before_tool_call, by way of our plugin, which hands over the event and takes what the hook returns.

The plugin gives `tool_name`, `tool_input` and `cwd`, the workspace of the agent. It blocks the call on every exit code
but 0, with the text on standard error.
"""

from __future__ import annotations

import json

from guardrails.calls import Call
from guardrails.hosts.tool_input import (
    calls_of_command,
    calls_of_patch,
    plain_answer,
    read_input,
    require_folder,
    require_table,
    require_text,
)

SHELLS = ("exec", "bash", "shell")
WRITERS = ("write", "edit")
PATCHES = ("apply_patch",)


def calls_in(data: bytes) -> tuple[Call, ...]:
    """The commands and writes that one tool call consists of; none for a tool that does neither.

    Raises InputError for input that is no JSON, lacks its fields or is too large.
    """
    given = read_input(data)
    tool, arguments, place = (
        require_text(given, "tool_name"),
        require_table(given, "tool_input"),
        require_folder(require_text(given, "cwd")),
    )
    if tool in SHELLS:
        own = arguments.get("workdir")
        return calls_of_command(
            arguments.get("command"), require_folder(own, place) if isinstance(own, str) and own else place
        )
    if tool in WRITERS:
        return (Call(place, write=require_text(arguments, "path", "file_path")),)
    if tool in PATCHES:
        return calls_of_patch(require_text(arguments, "input", "patch"), place)
    return ()


def answer(reason: str | None) -> tuple[str, str, int]:
    """Standard output, standard error and exit code that refuse for a reason, or have no opinion without one."""
    said = "" if reason is None else json.dumps({"block": True, "blockReason": reason}) + "\n"
    return plain_answer(reason, said)

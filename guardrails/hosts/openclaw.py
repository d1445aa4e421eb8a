"""OpenClaw's before_tool_call, by way of our plugin, which hands over the event and takes what the hook returns.

The plugin gives `tool_name`, `tool_input` and `cwd`, the workspace of the agent. It blocks the call on every exit code
but 0, with what stands on standard error.
"""

from __future__ import annotations

import json

from guardrails.calls import Call
from guardrails.hosts.tool_input import asked, folder, patched, ran, refused, table, text

SHELLS = ("exec", "bash", "shell")
WRITERS = ("write", "edit")
PATCHES = ("apply_patch",)


def calls_in(data: bytes) -> tuple[Call, ...]:
    """The commands and writes that one tool call consists of; none for a tool that does neither.

    Raises InputError for what is no JSON, lacks its fields or is too large.
    """
    given = asked(data)
    tool, arguments, place = text(given, "tool_name"), table(given, "tool_input"), folder(text(given, "cwd"))
    if tool in SHELLS:
        own = arguments.get("workdir")
        return ran(arguments.get("command"), folder(own, place) if isinstance(own, str) and own else place)
    if tool in WRITERS:
        return (Call(place, write=text(arguments, "path", "file_path")),)
    if tool in PATCHES:
        return patched(text(arguments, "input", "patch"), place)
    return ()


def answer(reason: str | None) -> tuple[str, str, int]:
    """Standard output, standard error and exit code that refuse for a reason, or have no opinion without one."""
    said = "" if reason is None else json.dumps({"block": True, "blockReason": reason}) + "\n"
    return refused(reason, said)

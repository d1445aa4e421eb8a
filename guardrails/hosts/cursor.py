"""Cursor's beforeShellExecution and preToolUse hooks (cursor.com/docs/agent/hooks); nothing here was tried in Cursor.

It wants a JSON object on every path, and `permission` in it decides. No opinion is an object without one: `allow` could
stand in for the user's own permission, and `ask` would ask about every call.
"""

from __future__ import annotations

import json

from guardrails.calls import Call
from guardrails.hosts.tool_input import (
    InputError,
    calls_of_command,
    plain_answer,
    read_input,
    require_folder,
    require_table,
    require_text,
)

SHELLS = ("Shell", "Bash", "run_terminal_cmd")
WRITERS = ("Write", "Edit", "StrReplace", "Delete", "EditNotebook", "MultiEdit")
_NO_OPINION = "{}\n"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def calls_in(data: bytes) -> tuple[Call, ...]:
    """The commands and writes that one tool call consists of; none for a tool that does neither.

    Raises InputError for input that is no JSON, lacks its fields or is too large.
    """
    given = read_input(data)
    if isinstance(given.get("tool_name"), str):
        tool, arguments = require_text(given, "tool_name"), require_table(given, "tool_input")
        if tool in SHELLS:
            own = arguments.get("working_directory") or arguments.get("cwd")
            place = _place(given)
            return calls_of_command(
                arguments.get("command"), require_folder(own, place) if isinstance(own, str) else place
            )
        if tool in WRITERS:
            return (
                Call(
                    _place(given), write=require_text(arguments, "file_path", "path", "target_notebook", "target_file")
                ),
            )
        return ()
    return calls_of_command(require_text(given, "command"), _place(given))


def _place(given: dict[str, Any]) -> str:
    """The working directory, which is empty where it is that of the workspace."""
    if isinstance(place := given.get("cwd"), str) and place:
        return require_folder(place)
    roots = given.get("workspace_roots")
    if isinstance(roots, list) and roots and isinstance(roots[0], str):
        return require_folder(roots[0])
    raise InputError("the tool call does not say in which folder it runs")


def answer(reason: str | None) -> tuple[str, str, int]:
    """Standard output, standard error and exit code that refuse for a reason, or have no opinion without one.

    Earlier releases called the messages `userMessage` and `agentMessage`.
    """
    if reason is None:
        return _NO_OPINION, "", 0
    names = ("user_message", "agent_message", "userMessage", "agentMessage")
    said = {"permission": "deny", **dict.fromkeys(names, reason)}
    return plain_answer(reason, json.dumps(said) + "\n")

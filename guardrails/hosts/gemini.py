"""Gemini CLI's BeforeTool hook, seen with 0.61.0; its documents are in its package, `bundle/docs/hooks`.

Its exit code 2 blocks the call and shows standard error to the model. Other codes are warnings.
"""

from __future__ import annotations

from guardrails.calls import Call
from guardrails.hosts.tool_input import (
    calls_of_command,
    plain_answer,
    read_input,
    require_folder,
    require_table,
    require_text,
)

SHELLS = ("run_shell_command",)
WRITERS = ("write_file", "replace", "edit")


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
        own = arguments.get("dir_path") or arguments.get("directory")
        return calls_of_command(arguments.get("command"), require_folder(own, place) if isinstance(own, str) else place)
    if tool in WRITERS:
        return (Call(place, write=require_text(arguments, "file_path", "absolute_path")),)
    return ()


def answer(reason: str | None) -> tuple[str, str, int]:
    """Standard output, standard error and exit code that refuse for a reason, or have no opinion without one."""
    return plain_answer(reason)

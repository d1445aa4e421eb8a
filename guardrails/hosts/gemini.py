"""Gemini CLI's BeforeTool hook, seen with 0.61.0; its documents are in its package, `bundle/docs/hooks`.

Its exit code 2 blocks the call and shows standard error to the model. Other codes are warnings.
"""

from __future__ import annotations

from guardrails.calls import Call
from guardrails.hosts.tool_input import asked, folder, ran, refused, table, text

SHELLS = ("run_shell_command",)
WRITERS = ("write_file", "replace", "edit")


def calls_in(data: bytes) -> tuple[Call, ...]:
    """The commands and writes that one tool call consists of; none for a tool that does neither.

    Raises InputError for what is no JSON, lacks its fields or is too large.
    """
    given = asked(data)
    tool, arguments, place = text(given, "tool_name"), table(given, "tool_input"), folder(text(given, "cwd"))
    if tool in SHELLS:
        own = arguments.get("dir_path") or arguments.get("directory")
        return ran(arguments.get("command"), folder(own, place) if isinstance(own, str) else place)
    if tool in WRITERS:
        return (Call(place, write=text(arguments, "file_path", "absolute_path")),)
    return ()


def answer(reason: str | None) -> tuple[str, str, int]:
    """Standard output, standard error and exit code that refuse for a reason, or have no opinion without one."""
    return refused(reason)

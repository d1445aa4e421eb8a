"""Claude Code's PreToolUse hook: https://docs.claude.com/en/docs/claude-code/hooks, seen with 2.1.332.

Its exit code 2 blocks the call and shows standard error to the model. Every other code lets it run.
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

SHELLS = ("Bash", "Monitor")
WRITERS = ("Write", "Edit", "MultiEdit", "NotebookEdit")


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
        return calls_of_command(arguments.get("command"), place)
    if tool in WRITERS:
        return (Call(place, write=require_text(arguments, "file_path", "notebook_path")),)
    return ()


def answer(reason: str | None) -> tuple[str, str, int]:
    """Standard output, standard error and exit code that refuse for a reason, or have no opinion without one."""
    return plain_answer(reason)

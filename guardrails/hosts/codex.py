"""Codex' PreToolUse hook, whose shape is Claude Code's, seen with 0.171.0.

Its exit code 2 blocks the call, as long as something is on standard error. It edits files by patches.
"""

from __future__ import annotations

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

SHELLS = ("Bash", "shell", "local_shell", "shell_command", "exec_command")
PATCHES = ("apply_patch",)
WRITERS = ("Write", "Edit")


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
        return calls_of_command(arguments.get("command", arguments.get("cmd")), _within(arguments, place))
    if tool in PATCHES:
        return calls_of_patch(require_text(arguments, "command", "input", "patch"), place)
    if tool in WRITERS:
        return (Call(place, write=require_text(arguments, "file_path")),)
    return ()


def _within(arguments: dict[str, object], place: str) -> str:
    """The folder that a call names for itself, else that of the session."""
    own = arguments.get("workdir")
    return require_folder(own, place) if isinstance(own, str) and own else place


def answer(reason: str | None) -> tuple[str, str, int]:
    """Standard output, standard error and exit code that refuse for a reason, or have no opinion without one."""
    return plain_answer(reason)

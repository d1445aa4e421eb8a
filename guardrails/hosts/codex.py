"""Codex' PreToolUse hook, whose shape is Claude Code's, seen with 0.171.0.

Its exit code 2 blocks the call, as long as something is on standard error. It edits files by patches.
"""

from __future__ import annotations

from guardrails.calls import Call
from guardrails.hosts.tool_input import asked, folder, patched, ran, refused, table, text

SHELLS = ("Bash", "shell", "local_shell", "shell_command", "exec_command")
PATCHES = ("apply_patch",)
WRITERS = ("Write", "Edit")


def calls_in(data: bytes) -> tuple[Call, ...]:
    """The commands and writes that one tool call consists of; none for a tool that does neither.

    Raises InputError for what is no JSON, lacks its fields or is too large.
    """
    given = asked(data)
    tool, arguments, place = text(given, "tool_name"), table(given, "tool_input"), folder(text(given, "cwd"))
    if tool in SHELLS:
        return ran(arguments.get("command", arguments.get("cmd")), _within(arguments, place))
    if tool in PATCHES:
        return patched(text(arguments, "command", "input", "patch"), place)
    if tool in WRITERS:
        return (Call(place, write=text(arguments, "file_path")),)
    return ()


def _within(arguments: dict[str, object], place: str) -> str:
    """The folder that a call names for itself, else that of the session."""
    own = arguments.get("workdir")
    return folder(own, place) if isinstance(own, str) and own else place


def answer(reason: str | None) -> tuple[str, str, int]:
    """Standard output, standard error and exit code that refuse for a reason, or have no opinion without one."""
    return refused(reason)

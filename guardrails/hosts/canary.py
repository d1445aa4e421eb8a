"""A tool call that must be refused and would do no harm: the command that a host's settings hold is run with it."""

from __future__ import annotations

import json
import os

from guardrails.facts.programs.side_by_side import Command, Completed, run_to_end
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.model import Environment

_SHELLS = {"claude-code": "Bash", "codex": "Bash", "gemini": "run_shell_command", "openclaw": "exec"}
_PATIENCE = 15.0  # seconds
_NEWEST = 1 << 20  # bytes of the log in which a record of now must be


class Canary(Record):
    """What became of a canary: whether it was refused, whether the log tells of it, and what was said."""

    refused: bool
    logged: bool
    said: str


def send(kind: str, script: str, environment: Environment, log: str) -> Canary:
    """Have the script refuse a call in the host's own words that skips a hook in the environment's repository.

    Nothing runs that call. Raises CannotKnow when the script cannot be run or does not end.
    """
    name = f"guardrails-canary-{os.urandom(8).hex()}"
    text = f"git -C {_quoted(environment.repo)} commit --no-verify --allow-empty -m {name}"
    command = Command(
        [script], dict(os.environ), timeout=_PATIENCE, stdin=_call(kind, text, environment.repo), folder="/"
    )
    done = run_to_end(_run(command))
    said = (done.stderr + done.stdout).decode(errors="replace").strip()
    return Canary(done.status == 2, name.encode() in _newest(log), said)


async def _run(command: Command) -> Completed:
    return await command


def _call(kind: str, text: str, folder: str) -> bytes:
    """What the host writes to its hook before its agent runs a text in a folder."""
    asked: dict[str, object] = {"session_id": "guardrails", "transcript_path": "", "cwd": folder}
    if kind == "cursor":
        asked |= {"hook_event_name": "beforeShellExecution", "workspace_roots": [folder], "command": text}
    else:
        event = "BeforeTool" if kind == "gemini" else "PreToolUse"
        asked |= {"hook_event_name": event, "tool_name": _SHELLS[kind], "tool_input": {"command": text}}
    return json.dumps(asked, separators=(",", ":")).encode()


def _newest(log: str) -> bytes:
    try:
        with open(log, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _NEWEST))
            return file.read()
    except FileNotFoundError:
        return b""


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)

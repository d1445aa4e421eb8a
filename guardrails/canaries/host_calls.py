"""The canaries of agents' hosts: a tool call in the host's own words, for the script that its settings hold."""

from __future__ import annotations

import json
import os

from guardrails.canaries.canary import Answer, Canary
from guardrails.canaries.git_hooks import in_one_line
from guardrails.facts.programs.command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.programs.command import Completed
    from guardrails.model import Environment

_SHELLS = {"claude-code": "Bash", "codex": "Bash", "gemini": "run_shell_command", "openclaw": "exec"}


def host_call(kind: str, script: str, environment: Environment, _: str, name: str) -> Canary:
    """A call that would skip the hooks of the environment's repository; nothing but the script hears of it."""
    from shlex import quote

    text = f"git -C {quote(environment.repo)} commit --no-verify --allow-empty -m guardrails-{name}"
    asked = _asked(kind, text, environment.repo)
    return Canary(name, Command([script], dict(os.environ), stdin=asked, folder="/"), _answer)


def _answer(done: Completed) -> Answer:
    return Answer(done.status == 2, in_one_line(done.stderr + done.stdout))


def _asked(kind: str, text: str, folder: str) -> bytes:
    """What the host writes to its hook before its agent runs a text in a folder."""
    asked: dict[str, object] = {"session_id": "guardrails", "transcript_path": "", "cwd": folder}
    if kind == "cursor":
        asked |= {"hook_event_name": "beforeShellExecution", "workspace_roots": [folder], "command": text}
    else:
        event = "BeforeTool" if kind == "gemini" else "PreToolUse"
        asked |= {"hook_event_name": event, "tool_name": _SHELLS[kind], "tool_input": {"command": text}}
    return json.dumps(asked, separators=(",", ":")).encode()

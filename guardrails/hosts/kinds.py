"""The hosts: where each keeps its settings, and what must stand in them for it to ask us before a tool call.

The formats are those of Claude Code 2.1.197 and 2.1.332, Codex 0.171.0, Gemini CLI 0.61.0 and OpenClaw 2026.9.6, as
their packages have them, and of Cursor's documentation. A host is late after `timeout` seconds, and then the call runs
in some of them; ours is done within two.
"""

from __future__ import annotations

import os
from shlex import quote
from types import MappingProxyType

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_text
from guardrails.guards import Entry
from guardrails.hosts import claude_code, codex, cursor, gemini
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from guardrails.model import Environment

_TIMEOUT = 10  # seconds


class Host(Record):
    """One host: what people call it, its folder in a home (or where `variable` says), its settings there.

    `project` is the path of the settings in a checkout, of OpenClaw in a state directory. `entries` are what they must
    hold for a script to be asked, `begins` is the beginning of a new file, and `strict` says that they are JSON without
    comments. `fields` are in each call that it asks about, in this order, and `passes` is the answer that it expects
    for a call that may run. `gaps` say what cannot be seen from outside of it.
    """

    title: str
    folder: str
    variable: str
    settings: str
    project: str
    entries: Callable[[str], tuple[Entry, ...]]
    begins: Mapping[str, object] = MappingProxyType({})
    gaps: tuple[str, ...] = ()
    strict: bool = True
    passes: str = ""
    fields: tuple[str, ...] = ("cwd", "tool_name", "tool_input")


def _tools(protocol: Any) -> tuple[str, ...]:
    """The tools of a host that run a command or write a file."""
    return (*protocol.SHELLS, *protocol.WRITERS, *getattr(protocol, "PATCHES", ()))


def _grouped(event: str, matcher: str, **more: object) -> Callable[[str], tuple[Entry, ...]]:
    """A group of hooks as Claude Code has it, and those who took it over: a matcher, and what is run."""

    def entries(script: str) -> tuple[Entry, ...]:
        hook = {"type": "command", "command": quote(script), **more}
        return (Entry(("hooks", event), {"matcher": matcher, "hooks": [hook]}),)

    return entries


def _cursor(script: str) -> tuple[Entry, ...]:
    run = {"command": quote(script), "timeout": _TIMEOUT, "failClosed": True}
    return (
        Entry(("hooks", "beforeShellExecution"), run),
        Entry(("hooks", "preToolUse"), {"matcher": "|".join(cursor.WRITERS), **run}),
    )


PLUGIN = "guardrails-gate"  # as OpenClaw knows our plugin


def _openclaw(script: str) -> tuple[Entry, ...]:
    return (
        Entry(("plugins", "load", "paths"), f"{script}.plugin"),
        Entry(("plugins", "entries", PLUGIN), {"enabled": True, "config": {"script": script}}, named=True),
    )


HOSTS: Mapping[str, Host] = {
    "claude-code": Host(
        title="Claude Code",
        folder=".claude",
        variable="CLAUDE_CONFIG_DIR",
        settings="settings.json",
        project=".claude/settings.local.json",
        entries=_grouped("PreToolUse", "|".join(_tools(claude_code)), timeout=_TIMEOUT, onFailure="block"),
        gaps=("disableAllHooks and allowManagedHooksOnly in any other settings of Claude Code switch it off",),
    ),
    "codex": Host(
        title="Codex",
        folder=".codex",
        variable="CODEX_HOME",
        settings="hooks.json",
        project=".codex/hooks.json",
        entries=_grouped("PreToolUse", f"^({'|'.join(_tools(codex))})$", timeout=_TIMEOUT),
        gaps=(
            "Codex silently skips a hook that its user has not trusted in exactly this form (/hooks)",
            "what is typed into a program that runs already (write_stdin) asks no hook",
        ),
    ),
    "cursor": Host(
        title="Cursor",
        folder=".cursor",
        variable="",
        settings="hooks.json",
        project=".cursor/hooks.json",
        entries=_cursor,
        begins={"version": 1},
        passes="{}",
        gaps=("whether Cursor reads these settings is known to Cursor alone: its settings have a page, Hooks",),
        fields=("hook_event_name",),
    ),
    "gemini": Host(
        title="Gemini CLI",
        folder=".gemini",
        variable="",
        settings="settings.json",
        project=".gemini/settings.json",
        entries=_grouped("BeforeTool", f"^({'|'.join(_tools(gemini))})$", name="guardrails", timeout=_TIMEOUT * 1000),
        strict=False,
        gaps=("what Gemini CLI reads of a project that is not trusted is known to it alone: /hooks shows its hooks",),
    ),
    "openclaw": Host(
        title="OpenClaw",
        folder=".openclaw",
        variable="OPENCLAW_STATE_DIR",
        settings="openclaw.json",
        project="openclaw.json",
        entries=_openclaw,
        gaps=(
            "OpenClaw loads a plugin when its gateway starts, and a plugin that it cannot load denies nothing; ask it: "
            "openclaw plugins inspect guardrails-gate --runtime --json",
        ),
        strict=False,
    ),
}


def user_settings(kind: str, home: str) -> str:
    """The path of a host's settings that count in every project of a user."""
    host = HOSTS[kind]
    if kind == "openclaw" and os.path.isabs(given := os.environ.get("OPENCLAW_CONFIG_PATH", "")):
        return given
    moved = os.environ.get(host.variable, "") if host.variable else ""
    return os.path.join(moved if os.path.isabs(moved) else os.path.join(home, host.folder), host.settings)


def project_settings(kind: str, repo: str, state_dir: str | None) -> str | None:
    """The path of a host's settings that count in one checkout; None where a host has none for it."""
    folder = state_dir if kind == "openclaw" else repo
    return os.path.join(folder, HOSTS[kind].project) if folder else None


def trusts(kind: str, home: str) -> str:
    """The path of the file in which a host notes which hooks its user trusts, empty for hosts that do not ask."""
    return os.path.join(os.path.dirname(user_settings(kind, home)), "config.toml") if kind == "codex" else ""


def scripts_folder(home: str) -> str:
    """Where the scripts of hosts are kept, outside of every checkout (XDG Base Directory Specification, data)."""
    configured = os.environ.get("XDG_DATA_HOME", "")
    data = configured if os.path.isabs(configured) else os.path.join(home, ".local/share")
    return os.path.join(data, "guardrails/hosts")


def guarding_files(home: str, environments: Iterable[Environment]) -> Iterator[str]:
    """The files by which hosts ask us: the folder of scripts, the settings that name one, and whom Codex trusts."""
    scripts = scripts_folder(home)
    yield scripts
    for kind in HOSTS:
        paths = [user_settings(kind, home), *(project_settings(kind, one.repo, one.state_dir) for one in environments)]
        for path in dict.fromkeys(filter(None, paths)):
            if _names(path, scripts):
                yield path
                yield from filter(None, [trusts(kind, home)])


def _names(path: str, folder: str) -> bool:
    try:
        return folder in read_text(path)
    except (CannotKnow, OSError):
        return False


def find_used_hosts(home: str) -> list[str]:
    """The hosts that somebody has used on this machine, by their folders."""
    return [kind for kind in HOSTS if os.path.isdir(os.path.dirname(user_settings(kind, home)))]

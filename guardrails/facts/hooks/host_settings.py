"""Whether the settings of an agent's host hold our entries, and the script that they run is ours as it should be."""

from __future__ import annotations

import os
from shlex import quote

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes, read_text
from guardrails.facts.hooks.installed_hook import InstalledHook
from guardrails.facts.reading.json_text import Part, parse
from guardrails.remedies import a_look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.guards import Entry, Guard, HostSettings

_OFF = {  # what switches every hook of a host off, by where it stands in its settings
    ("disableAllHooks",): True,
    ("hooksConfig", "enabled"): False,
    ("tools", "enableHooks"): False,
    ("plugins", "enabled"): False,
}


def look_at_host(guard: Guard, folder: str) -> InstalledHook:
    """The hook that a host would run before a tool call, by the first of its settings with ours, and what is wrong.

    Nothing of it is run. `folder` is the checkout that is guarded.
    """
    problems = []
    for settings in guard.settings:
        problem, is_there = _problem(settings)
        if problem is None:
            return InstalledHook(guard.kind, folder, settings.path, runner=guard.title)
        problems.append((not is_there, problem, settings.path))
    _, problem, path = min(problems, key=lambda one: one[0])
    remedy = guard.remedy
    if "cannot be read" in problem or "no JSON" in problem:
        remedy = a_look(f"ls -ld {quote(path)}", f"{problem}; then: {guard.remedy}")
    return InstalledHook(guard.kind, folder, path, problem, remedy, runner=guard.title)


def _problem(settings: HostSettings) -> tuple[str | None, bool]:
    """What is wrong with one file of settings, None for nothing; and whether it speaks of us at all."""
    path = settings.path
    try:
        root = root_of(read_text(path), path)
    except FileNotFoundError:
        return f"not installed: there is no {path}", False
    except CannotKnow as error:
        return str(error), True
    found = [ours_in(root, entry, settings.script) for entry in settings.entries]
    if not any(found):
        return f"not installed: {path} does not name guardrails for this configuration", False
    if not all(
        any(part.plain() == entry.value for part in ours) for entry, ours in zip(settings.entries, found, strict=True)
    ):
        return f"{path} has another entry for guardrails than would be put there now", True
    if settings.trusted_by:
        from guardrails.facts.hooks.codex_trust import trust_problem  # reads TOML, as no other host needs

        if problem := trust_problem(path, root, [part for ours in found for part in ours], settings.trusted_by):
            return problem, True
    for keys, value in _OFF.items():
        there = root.below(*keys)
        if there and there.plain() is value:
            return f"{path} switches all hooks off: {'.'.join(keys)}", True
    return _problem_of_script(settings), True


def _problem_of_script(settings: HostSettings) -> str | None:
    text = _content(settings.script)
    stub = next((one for one in settings.stubs if one.text == text), None)
    if text is None:
        return f"{settings.path} runs {settings.script}, which is gone"
    if stub is None:
        return f"{settings.script} is not what would be written now (another version or configuration, or an edit)"
    if not os.access(settings.script, os.X_OK):
        return f"{settings.script} is not executable"
    if not (os.path.isfile(stub.python) and os.access(stub.python, os.X_OK)):
        return f"{settings.script} runs {stub.python}, which is gone"
    other = next((path for path, data in settings.beside if _content(path) != data), None)
    return f"{other} is not what would be written now" if other else None


def _content(path: str) -> bytes | None:
    try:
        return read_bytes(path)
    except FileNotFoundError:
        return None


def root_of(text: str, name: str) -> Part:
    """The table that a settings file is. Raises CannotKnow for anything else."""
    root = parse(text, name)
    if root.kind != "object":
        raise CannotKnow(f"{name} is no JSON with a table, so no host reads it")
    return root


def ours_in(root: Part, entry: Entry, script: str) -> list[Part]:
    """The parts of the settings that are our entry: those in its list that name our script or have its name."""
    there = root.below(*entry.keys)
    if entry.named:
        return [there] if there else []
    return [item for item in there.items if _names(item.plain(), script)] if there and there.kind == "array" else []


def _names(value: Any, script: str) -> bool:
    """Whether a text somewhere in a value names the script."""
    if isinstance(value, dict):
        return any(_names(one, script) for one in value.values())
    if isinstance(value, list):
        return any(_names(one, script) for one in value)
    return isinstance(value, str) and (script in value or quote(script) in value)

"""One look at what git would run for a hook: nothing of it is run, and each byte of it counts."""

from __future__ import annotations

import os

from guardrails.facts.hooks import places
from guardrails.facts.hooks.installed_hook import InstalledHook
from guardrails.facts.hooks.managers import manager_of
from guardrails.facts.hooks.places import is_ours
from guardrails.remedies import a_look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrails.guards import Guard


async def look(guard: Guard, folder: str, variables: Mapping[str, str], *, apart: bool) -> InstalledHook:
    """What git would run for a hook in one work tree."""
    path = await places.find_hook_path(folder, guard.kind, variables)
    ours, there = places.place_of_ours(path), places.read_beginning(path)
    is_foreign = ours == path and there is not None and not is_ours(there)
    problem = _foreign(path, there or b"") if is_foreign else _problem(ours, guard)
    skipped = next((one for one in (path, ours) if not os.access(one, os.X_OK)), None)
    if problem is None and skipped:
        problem = f"{skipped} is not executable, so git skips it"
    hook = InstalledHook(guard.kind, folder, path, problem, kept_by_pre_commit=ours != path)
    if problem is None:
        return hook
    obstacle = await places.find_obstacle(folder, path, variables, apart=apart)
    if obstacle:
        return hook.replaced(remedy=f"{obstacle.way_out} && {guard.remedy}")
    return hook.replaced(remedy=_remedy(ours, places.read_beginning(ours), guard))


def _problem(path: str, guard: Guard) -> str | None:
    """What is wrong with the file that should be ours, None for nothing."""
    text = places.read_beginning(path)
    if text is None:
        return f"not installed: git looks for {path}, and there is nothing"
    stub = next((one for one in guard.stubs if one.text == text), None)
    if stub is None:
        return f"{path} is not what would be installed now (another version, configuration or branch, or an edit)"
    if not (os.path.isfile(stub.python) and os.access(stub.python, os.X_OK)):
        return f"{path} runs {stub.python}, which is gone"
    return None


def _foreign(path: str, text: bytes) -> str:
    manager = manager_of(text)
    if manager:
        return f"not installed, or displaced: {path} is from {manager}, which does not run guardrails"
    return f"not installed: {path} is not from guardrails"


def _remedy(path: str, there: bytes | None, guard: Guard) -> str:
    """The command that installs the guard, or that shows what is in its way."""
    from shlex import quote

    if why := places.conflict(path, there):
        return a_look(f"ls -ld {quote(path)}*", f"{why}; then: {guard.remedy}")
    return guard.remedy

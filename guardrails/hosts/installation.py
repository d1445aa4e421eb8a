"""Having a host ask us: what must be where for it, putting it there, and taking it away again."""

from __future__ import annotations

import json
import os
from importlib import resources

from guardrails.cache import digest
from guardrails.config import places
from guardrails.guards import Guard, HostSettings, Stub
from guardrails.hosts import settings_files
from guardrails.hosts.kinds import HOSTS, project_settings, scripts_folder, trusts, user_settings
from guardrails.hosts.settings_text import new_text, with_entries, without_entries
from guardrails.hosts.stub import stub
from guardrails.hosts.watched import find_watched
from guardrails.remedies import Guardrails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from guardrails.config.settings import Settings
    from guardrails.hosts.stub import Watched
    from guardrails.model import Environment

_PLUGIN_FILES = ("index.js", "openclaw.plugin.json", "package.json")
_KEPT = 12  # characters of a digest that tell one script from another


def host_guard(
    kind: str, settings: Settings, environment: Environment, configuration: str | None, pythons: Iterable[str]
) -> Guard:
    """What must be there for a host to ask these interpreters: in the user's settings, or in those of the project."""
    home, looked_for = places.home(), find_watched(settings, configuration)
    project = project_settings(kind, environment.repo, environment.state_dir)
    found = tuple(
        _wanted(kind, path, looked_for, configuration, pythons)
        for path in dict.fromkeys((user_settings(kind, home), project))
        if path
    )
    remedy = Guardrails(configuration or "").line("hook", "install", kind, "--env", environment.name)
    return Guard(kind, (), remedy, found, HOSTS[kind].title)


def _wanted(
    kind: str, path: str, looked_for: Watched, configuration: str | None, pythons: Iterable[str]
) -> HostSettings:
    told = "\0".join((path, configuration or ""))
    name = f"{kind}-{digest(os.fsencode(told))[:_KEPT]}"
    script = os.path.join(scripts_folder(places.home()), name)
    stubs = tuple(
        Stub(python, os.fsencode(stub(kind, looked_for, path, script, configuration, python))) for python in pythons
    )
    beside = tuple(_plugin(f"{script}.plugin", looked_for)) if kind == "openclaw" else ()
    return HostSettings(path, HOSTS[kind].entries(script), script, stubs, beside, trusts(kind, places.home()))


def _plugin(folder: str, looked_for: Watched) -> Iterator[tuple[str, bytes]]:
    """The files of OpenClaw's plugin, and the names that block a call when the script is gone."""
    packaged = resources.files("guardrails.hosts") / "openclaw_plugin"
    for name in _PLUGIN_FILES:
        yield os.path.join(folder, name), (packaged / name).read_bytes()
    yield os.path.join(folder, "names.json"), json.dumps(looked_for.names).encode() + b"\n"


def require_room(kind: str, wanted: HostSettings) -> None:
    """Raise UsageError when the settings cannot be read, are not ours, or have something else in the place of ours."""
    _with(settings_files.read(wanted.path, strict=HOSTS[kind].strict), kind, wanted)


def install(kind: str, wanted: HostSettings) -> Iterator[str]:
    """Write the script and what is beside it, then the settings that name it, and say what was done.

    Raises UsageError as `require_room` does, and when something cannot be written.
    """
    for path, data in ((wanted.script, wanted.stubs[0].text), *wanted.beside):
        settings_files.put(path, data, mode=0o755 if path == wanted.script else 0o644)
    changed = settings_files.change(wanted.path, lambda text: _with(text, kind, wanted), strict=HOSTS[kind].strict)
    yield f"wrote {wanted.script}"
    yield f"{'put it into' if changed else 'it stands already in'} {wanted.path}{_link_note(wanted.path)}"


def uninstall(kind: str, wanted: HostSettings) -> Iterator[str]:
    """Take the entries out of the settings, and then the script and what is beside it away, and say so."""

    def without(text: str | None) -> str | None:
        if text is None:
            return None
        left = without_entries(text, wanted.entries, wanted.script, wanted.path)
        return None if left != text and left == new_text(HOSTS[kind].begins) else left

    changed = settings_files.change(wanted.path, without, strict=HOSTS[kind].strict)
    there = [path for path in (wanted.script, *(path for path, _ in wanted.beside)) if os.path.lexists(path)]
    for path in there:
        os.unlink(path)
    for folder in {os.path.dirname(path) for path, _ in wanted.beside}:
        if os.path.isdir(folder) and not os.listdir(folder):
            os.rmdir(folder)
    yield f"took it out of {wanted.path}{_link_note(wanted.path)}" if changed else f"it does not stand in {wanted.path}"
    yield f"removed {wanted.script}" if there else f"nothing to remove: there is no {wanted.script}"


def _with(text: str | None, kind: str, wanted: HostSettings) -> str:
    start = new_text(HOSTS[kind].begins) if text is None else text
    return with_entries(start, wanted.entries, wanted.script, wanted.path)


def _link_note(path: str) -> str:
    """What to say beside a path that is a link: where the settings really stand."""
    real = os.path.realpath(path)
    return f", which is {real}" if real != path else ""

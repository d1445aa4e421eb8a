"""Timers of systemd, those of the user's manager and those of the system's, and whether they are started at all.

A timer is started when a target that comes up by itself wants it. Sources: systemd.timer(5) and systemd.special(7) of
systemd 252, and what its manager prints with `--user --test`. No manager is asked.
"""

from __future__ import annotations

import re

from guardrails.errors import CannotKnow
from guardrails.facts.service.rooted_paths import path_below, resolve_inside
from guardrails.facts.service.scheduled_job import ScheduledJob
from guardrails.facts.service.systemd_times import calendar_text, span_seconds
from guardrails.facts.service.unit_files import SYSTEM_UNITS, Folders, UnitFiles
from guardrails.facts.service.unit_syntax import is_masked, read, read_assignments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from guardrails.facts.service.unit_files import UnitFile

ENDING = ".timer"
_AT_BOOT = ("OnActiveSec", "OnBootSec", "OnStartupSec")
_AGAIN = ("OnUnitActiveSec", "OnUnitInactiveSec")
_ON_CHANGE = ("OnClockChange", "OnTimezoneChange")
_TRIGGERS = ("OnCalendar", *_AT_BOOT, *_AGAIN)

# What the default target brings up by itself; the system's is one of the last two.
_USER_TARGETS = ("default.target", "basic.target", "timers.target", "sockets.target", "paths.target")
_SYSTEM_TARGETS = (*_USER_TARGETS, "sysinit.target", "multi-user.target", "graphical.target")


class Timers:
    """The timers of one manager, looked for by name."""

    def __init__(self, folders: Iterable[str], root: str, *, of_user: bool) -> None:
        """List the folders. Raises CannotKnow when one cannot be read."""
        self._root, self._of_user = root, of_user
        self._folders = tuple(folders)
        self._timers = UnitFiles(self._folders, ENDING, root)

    def find_named(self, names: Iterable[str]) -> Iterator[ScheduledJob]:
        """The timers that are there by these names, with their endings. Raises CannotKnow where one is unclear."""
        wanted = set(names)
        for file in self._timers.units(wanted):
            if wanted & {file.name, *file.aliases}:
                yield self._job(file, min(wanted & {file.name, *file.aliases}))

    def _job(self, file: UnitFile, name: str) -> ScheduledJob:
        job = ScheduledJob("systemd-timer", file.path, name.removesuffix(ENDING))
        sections = self._sections(file)
        if sections is None:
            return job.replaced(off="it is masked")
        timer = sections["Timer"]
        runs = (timer.get("Unit") or [file.name.removesuffix(ENDING) + ".service"])[-1]
        off, command = self._service(runs)
        found = [(key, value) for key in _TRIGGERS for value in timer.get(key, [])]
        changes = [key for key in _ON_CHANGE if (timer.get(key) or [""])[-1] in ("1", "yes", "y", "true", "t", "on")]
        if not found and not changes:
            off = "it has no time, so systemd refuses it"
        doubts = [f"{key}={value}" for key, values in sections["Unit"].items() for value in values if value]
        conditions = [one for one in doubts if one.startswith(("Condition", "Assert"))]
        return job.replaced(
            command=command,
            schedule="; ".join([value if key == "OnCalendar" else f"{key}={value}" for key, value in found] + changes),
            times=frozenset(_times(file.path, key, value, dict(found)) for key, value in found) | frozenset(changes),
            off=off or self._not_wanted(file),
            doubt=f"it starts by {conditions[0]} alone, which is not looked at" if conditions else "",
        )

    def _sections(self, file: UnitFile) -> dict[str, dict[str, list[str]]] | None:
        """The settings of a timer, each with its values in order; None when it is masked."""
        found: dict[str, dict[str, list[str]]] = {"Unit": {}, "Timer": {}}
        for path in (file.path, *file.drop_ins):
            real = resolve_inside(self._root, path)
            text = "" if is_masked(path) else self._read(real, path)
            if path == file.path and not text.strip():
                return None
            for section, settings in found.items():
                for key, value in read_assignments(text, path, section):
                    if value:
                        settings.setdefault(key, []).append(value)
                    elif key in _TRIGGERS:
                        for one in _TRIGGERS:  # an empty one takes back those of every kind
                            settings.pop(one, None)
                    else:
                        settings.pop(key, None)
        return found

    @staticmethod
    def _read(real: str, path: str) -> str:
        try:
            return read(real)
        except FileNotFoundError:
            raise CannotKnow(f"{path} is a link that leads nowhere, or went away") from None

    def _service(self, name: str) -> tuple[str, str]:
        """Why the unit that a timer starts cannot start, and its command as it is written."""
        if "%" in name:
            raise CannotKnow(f"a timer starts {name}, which is not followed")
        if not name.endswith(".service"):
            return "", ""  # a target, for instance, that has no command
        files = UnitFiles(self._folders, root=self._root).units({name})
        file = next((file for file in files if name in (file.name, *file.aliases)), None)
        if file is None:
            return f"{name}, which it starts, is not there", ""
        commands: list[str] = []
        for path in (file.path, *file.drop_ins):
            text = "" if is_masked(path) else self._read(resolve_inside(self._root, path), path)
            if path == file.path and not text.strip():
                return f"{name}, which it starts, is masked", ""
            for key, value in read_assignments(text, path, "Service"):
                if key == "ExecStart":
                    commands.append(value.lstrip("-@:+!")) if value else commands.clear()
        return "" if commands else f"{name}, which it starts, has no command", "; ".join(commands)

    def _not_wanted(self, timer: UnitFile) -> str:
        """Why nothing starts a timer by itself; empty when something does."""
        who = self._timers.wanted_by(timer)
        up = self._targets()
        if who & up:
            return ""
        if not who:
            return "it is not enabled: no target wants it"
        return f"only {', '.join(sorted(who))} wants it, which does not come up by itself here"

    def _targets(self) -> set[str]:
        """The names of targets that come up by themselves. Raises CannotKnow where the default is an unknown one."""
        files = UnitFiles(self._folders, ".target", self._root).units()
        names = {one: {file.name, *file.aliases} for file in files for one in (file.name, *file.aliases)}
        paths = {one: file.path for file in files for one in names[file.name]}
        default = next((file.name for file in files if "default.target" in (file.name, *file.aliases)), "")
        default = default if default and not is_masked(paths[default]) else ""
        usual = ("default.target",) if self._of_user else ("multi-user.target", "graphical.target")
        if default not in usual:
            what = f"default.target of the {'user' if self._of_user else 'system'} is {default or 'not there'}"
            raise CannotKnow(f"{what}: what starts timers is not known")
        known = _USER_TARGETS if self._of_user else _SYSTEM_TARGETS
        here = [one for one in known if one in names and (one != "graphical.target" or default == one)]
        return {name for one in here if not is_masked(paths[one]) for name in names[one]}


def _times(path: str, key: str, value: str, found: Mapping[str, str]) -> str:
    """A trigger in one form; what only begins a repetition is part of that."""
    try:
        if "%" in value:
            raise ValueError("a specifier is not followed")
        if key == "OnCalendar":
            return calendar_text(value)
        seconds = span_seconds(value)
    except ValueError as error:
        raise CannotKnow(f"{key}= of {path}: {error}") from None
    if key in _AGAIN:
        return f"every {seconds}s"
    again = next((found[one] for one in _AGAIN if one in found), "")
    return _times(path, _AGAIN[0], again, {}) if again else "@reboot"


def user_folders(home: str, variables: Mapping[str, str], root: str) -> list[str]:
    """Where units of the user are looked for; those folders that are the system's, below `root`."""
    folders = Folders.of(home, variables)
    return [path_below(root, one) if re.match(r"/(etc|usr|run/systemd)/", one) else one for one in folders.units]


def system_folders(root: str) -> list[str]:
    """Where units of the system are looked for."""
    return [path_below(root, one) for one in SYSTEM_UNITS]

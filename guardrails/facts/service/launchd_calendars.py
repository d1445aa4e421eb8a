"""The jobs that launchd starts by a clock, StartCalendarInterval and StartInterval (launchd.plist(5))."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.service.crontabs import cron_times
from guardrails.facts.service.scheduled_job import ScheduledJob
from guardrails.facts.service.services import LAUNCHD, SERVICES_LIMIT, command_of, read_definition, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import Any

_FIELDS = ("Minute", "Hour", "Day", "Month", "Weekday")


def read_launchd_jobs(home: str, root: str, names: Collection[str], troubles: list[str]) -> Iterator[ScheduledJob]:
    """The property lists of these labels; one that cannot be read is added to `troubles`."""
    of_system = (os.path.join(root, "Library", one) for one in ("LaunchAgents", "LaunchDaemons"))
    for folder in dict.fromkeys((os.path.join(home, LAUNCHD), *of_system)):
        try:
            files = sorted(name for name in os.listdir(folder) if name.endswith(".plist"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            troubles.append(f"{folder} cannot be read: {error.strerror}")
            continue
        if len(files) > SERVICES_LIMIT:
            raise CannotKnow(f"{folder} holds more than {SERVICES_LIMIT} services")
        for file in files:
            path = os.path.join(folder, file)
            try:
                table = read_definition(path)
                if table["Label"] in names:
                    yield _job(table, path)
            except FileNotFoundError:
                troubles.append(f"{path} is a link that leads nowhere, or went away")
            except CannotKnow as error:
                troubles.append(str(error))


def _job(table: Mapping[str, Any], path: str) -> ScheduledJob:
    calendars = table.get("StartCalendarInterval", [])
    interval = value_of(table, "StartInterval", int, path)
    lines = [_line(one, path) for one in (calendars if isinstance(calendars, list) else [calendars])]
    if interval is not None:
        if isinstance(interval, bool) or interval <= 0:
            raise CannotKnow(f"StartInterval of {path} is no number above zero")
        lines.append(f"every {interval}s")
    off = "it has no time" if not lines else ""
    try:
        times = frozenset(line if line.startswith("every ") else cron_times(line) for line in lines)
    except ValueError as error:
        raise CannotKnow(f"StartCalendarInterval of {path}: {error}") from None
    if value_of(table, "Disabled", bool, path):
        off = "Disabled is true"
    command = " ".join(command_of(table, path))
    return ScheduledJob("launchd", path, table["Label"], command, "; ".join(lines), times, off=off)


def _line(table: Any, path: str) -> str:
    """A calendar as a line of a crontab."""
    if not isinstance(table, dict) or set(table) - set(_FIELDS):
        raise CannotKnow(f"StartCalendarInterval of {path} is no table of {', '.join(_FIELDS)}")
    values = [table.get(name, "*") for name in _FIELDS]
    if any(not isinstance(one, int) for one in values if one != "*"):
        raise CannotKnow(f"StartCalendarInterval of {path} holds what is no number")
    return " ".join(map(str, values))

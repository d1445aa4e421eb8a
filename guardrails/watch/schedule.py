"""What starts a round again and again: a timer of systemd for this user, or an agent of launchd. We write their files.

Sources: systemd.timer(5), systemd.service(5) and systemd.syntax(7) of systemd 252; launchd.plist(5).
"""

from __future__ import annotations

import os
import re
from hashlib import sha256

from guardrails.errors import UsageError
from guardrails.facts.service.unit_files import Folders
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEMD, LAUNCHD = "systemd", "launchd"
_SERVICE = """\
# guardrails watch: `guardrails watch uninstall` takes this away.
[Unit]
Description=guardrails watch

[Service]
Type=oneshot
TimeoutStartSec=1h
WorkingDirectory=/
Environment={path}
ExecStart={command}
"""
_TIMER = """\
# guardrails watch: `guardrails watch uninstall` takes this away.
[Unit]
Description=guardrails watch

[Timer]
OnActiveSec=1s
OnUnitActiveSec={every:g}s
AccuracySec={accuracy:g}s

[Install]
WantedBy=timers.target
"""


class File(Record):
    """A file of ours: its path, and its bytes or, with a target, the link that it is."""

    path: str
    data: bytes = b""
    target: str = ""


class Schedule(Record):
    """A round of one configuration, every so many seconds. `command` is run with this search path for programs.

    `configuration` is an absolute path, empty for the built-in profile.
    """

    kind: str
    configuration: str
    command: tuple[str, ...]
    every: float
    search: str
    home: str

    @property
    def name(self) -> str:
        """What systemd or launchd calls it: one name for each configuration."""
        return schedule_name(self.configuration)


def schedule_name(configuration: str) -> str:
    """The name of the schedule of a configuration."""
    return f"guardrails-watch-{sha256(os.fsencode(configuration)).hexdigest()[:12]}"


def files_of(schedule: Schedule, variables: Mapping[str, str]) -> list[File]:
    """The files that make it run; the folders are those of `variables`. Raises UsageError for what none can say."""
    if schedule.kind == LAUNCHD:
        return [_agent(schedule)]
    folder = Folders.of(schedule.home, variables).own_units
    service, timer = (os.path.join(folder, f"{schedule.name}.{ending}") for ending in ("service", "timer"))
    link = os.path.join(folder, "timers.target.wants", os.path.basename(timer))
    accuracy = max(1.0, min(60.0, schedule.every / 10))
    return [
        File(service, _service(schedule).encode()),
        File(timer, _TIMER.format(every=schedule.every, accuracy=accuracy).encode()),
        File(link, target=f"../{os.path.basename(timer)}"),
    ]


def _service(schedule: Schedule) -> str:
    program, *arguments = schedule.command
    if "$" in program:
        raise UsageError(f"systemd cannot run {program}: the name of a program may hold no $")
    words = [quote_word(program), *(quote_word(one).replace("$", "$$") for one in arguments)]
    return _SERVICE.format(path=quote_word(f"PATH={schedule.search}"), command=" ".join(words))


def quote_word(text: str) -> str:
    """A word of a unit file: in quotes, `%` doubled, which systemd would expand, and what does not print as bytes."""
    data = os.fsencode(text)
    shown = data.decode("utf-8", "surrogateescape")
    escaped = re.sub(r'[\\"]', lambda one: f"\\{one[0]}", shown).replace("%", "%%")
    return '"' + "".join(one if one.isprintable() else _coded(one) for one in escaped) + '"'


def _coded(one: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in one.encode("utf-8", "surrogateescape"))


def _agent(schedule: Schedule) -> File:
    """The property list of a launchd agent."""
    from plistlib import dumps

    said = {
        "Label": schedule.name,
        "ProgramArguments": list(schedule.command),
        "EnvironmentVariables": {"PATH": schedule.search},
        "RunAtLoad": True,
        "StartInterval": max(1, round(schedule.every)),
        "ProcessType": "Background",
    }
    try:
        data = dumps(said)
    except (ValueError, UnicodeError):
        raise UsageError("a property list of launchd cannot hold a path with control characters") from None
    return File(os.path.join(schedule.home, "Library/LaunchAgents", f"{schedule.name}.plist"), data)

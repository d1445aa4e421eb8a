"""One job that something of the system starts by a clock."""

from __future__ import annotations

from guardrails.record import Record


class ScheduledJob(Record):
    """A line of a crontab, a timer of systemd, or a property list of launchd with times in it.

    `name` is that of the timer, without its ending, or launchd's label; it is empty for a line of a crontab. `command`
    is what is run, as it is written. `schedule` is when, as it is written, and `times` the same in one form for all
    ways to write it. `zone` is that of CRON_TZ. `off` says why it is not started, `doubt` why that is not known.
    """

    source: str
    path: str
    name: str = ""
    command: str = ""
    schedule: str = ""
    times: frozenset[str] = frozenset()
    zone: str = ""
    user: str = ""  # whom a system crontab names
    line: int | None = None
    off: str = ""
    doubt: str = ""

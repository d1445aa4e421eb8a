"""How the gateways of a version read the cron expression and the time zone of a job."""

from __future__ import annotations

import os
import re
from functools import cache

from guardrails.facts.calendar import time_zone
from guardrails_policies.openclaw.cron.croner import parse
from guardrails_policies.openclaw.cron.schedules import is_cron
from guardrails_policies.openclaw.versions import CRONER, STAGGER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from guardrails_policies.openclaw.cron.jobs import CronJob
    from guardrails_policies.openclaw.cron.patterns import Pattern

HOURLY_STAGGER = 300.0  # seconds by which jobs that run on the hour are put off at the most
# What Python finds beside its zones and a gateway does not know; and offsets that a gateway knows.
_NO_ZONE = r"(?i)(posix|right)/|(posixrules|localtime|factory|posix|right)$"
_PLAIN_ZONE = r"UTC|[A-Z][a-z]+/[A-Z]\w+"
ZONES = "/usr/share/zoneinfo"
# Expressions that every croner takes and that fire each year: numbers, stars and steps, and no day above the 28th.
PLAIN = (
    r"(?:\*(?:/(?:[1-9]|[1-5]\d))?|[0-5]?\d) (?:\*|1?\d|2[0-3])"
    r" (?:\*|[1-9]|1\d|2[0-8]) (?:\*|[1-9]|1[0-2]) (?:\*|[0-6])"
)
_OFFSET = r"[+-]\d\d(:?\d\d)?"


def gateway_zone(name: str) -> tzinfo:
    """The zone that a gateway takes a name for, whose capitals do not matter. Raises ValueError when there is none."""
    if name[:1] in ("+", "-") and not re.fullmatch(_OFFSET, name):
        raise ValueError(f"{name!r} is not an offset from UTC, such as +01:00")
    if not re.match(_NO_ZONE, name):
        try:
            return time_zone(name)
        except ValueError:
            from zoneinfo import available_timezones

            known = {zone.lower(): zone for zone in available_timezones()}
            if name.lower() in known:
                return time_zone(known[name.lower()])
    raise ValueError(f"{name!r} is not a time zone, such as Europe/Berlin")


def patterns(expression: str, version: str, now: datetime) -> list[Pattern]:
    """What each croner that the version may use makes of an expression. Raises ValueError when all refuse it."""
    found, refused = [], []
    for croner in CRONER.at(version):
        try:
            found.append(parse(expression, croner, now))
        except ValueError as error:
            refused.append(str(error))
    if not found:
        raise ValueError(refused[0])
    return found


def staggers(job: CronJob, version: str) -> set[float]:
    """By how many seconds a gateway may put a job off at the most, so that not all of them fire on the hour."""
    if job.stagger is not None:
        most = max(0.0, job.stagger)
    else:
        fields = job.schedule.split()
        on_the_hour = fields[:-4] in (["0"], ["0", "0"]) and "*" in fields[-4]
        most = HOURLY_STAGGER if on_the_hour else 0.0
    return {most if applies else 0.0 for applies in STAGGER.at(version)}


def why_never(job: CronJob, version: str, at: float) -> str:
    """Why no gateway can compute when a cron expression fires, or when it never does; empty when it fires.

    A next run that lies ahead was computed by a gateway, so there is one.
    """
    if not is_cron(job.schedule):
        return ""
    plain = re.fullmatch(PLAIN, job.schedule) is not None  # spares a store of a thousand jobs a tenth of a second
    ahead = job.next_run is not None and job.next_run > at
    now = None if plain or (ahead and "?" not in job.schedule) else _now(at)
    try:
        if job.zone and not _is_installed(job.zone):
            gateway_zone(job.zone)
        for croner in () if plain else CRONER.at(version):
            pattern = parse(job.schedule, croner, now)
            if not ahead and now is not None and not pattern.fires_after(now):
                return f"the cron expression {job.schedule!r} never fires"
    except ValueError as error:
        return str(error)
    return ""


def _now(at: float) -> datetime:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None)


@cache  # most jobs are of one zone
def _is_installed(zone: str) -> bool:
    """Whether the system has a zone of that name, which is seen without the library that reads zones."""
    return re.fullmatch(_PLAIN_ZONE, zone) is not None and os.path.isfile(os.path.join(ZONES, zone))

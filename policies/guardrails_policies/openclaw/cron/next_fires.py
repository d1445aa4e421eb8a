"""When the cron jobs of a gateway fire next.

The rules are those of OpenClaw 2026.1.30 and 2026.9.6 (their `computeJobNextRunAtMs`), which read cron expressions with
the library croner. What a gateway has computed itself, the next run in its state, counts as well. Where the version is
not known, the moments of all versions count. Around changes of the clocks the versions differ: a time that clocks skip
fires an hour later or not at all, a time that they show twice fires the first time or the second. All of these moments
count.
"""

from __future__ import annotations

from guardrails import CannotKnow, Fact, Record, seconds
from guardrails.facts.calendar import time_zone
from guardrails_policies.openclaw.cron.schedule_readings import gateway_zone, patterns, staggers
from guardrails_policies.openclaw.cron.schedules import is_cron, is_moment
from guardrails_policies.openclaw.cron.stores import CronStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, tzinfo
    from typing import Self

    from guardrails import World
    from guardrails_policies.openclaw.cron.jobs import CronJob
    from guardrails_policies.openclaw.cron.patterns import Pattern

FIRES_KEPT = 20  # of one job
LOCAL_ZONE = "/etc/localtime"
_CLOCK_CHANGE = 3 * 3600  # seconds; more than any change of the clocks


class JobFires(Record):
    """An enabled job and when it fires, in seconds since the epoch: the first twenty times.

    `overdue` is when it should have fired already; then it fires at once, or as soon as a gateway starts. `any_time`
    marks a job that waits for a command instead of a time. `unknown` says why its times cannot be told.
    """

    job: CronJob
    times: tuple[float, ...] = ()
    overdue: float | None = None
    any_time: bool = False
    unknown: str = ""


class CronFires(Fact):
    """The enabled jobs that fire, or may fire, from `store.at` until `until`, both included.

    `paused` is True when the settings turn all cron jobs off. `local_zone` is the zone in which jobs without a zone
    were taken, empty when there are none: that of this machine, since the gateway's own is written nowhere.
    """

    store: CronStore
    until: float
    jobs: tuple[JobFires, ...] = ()
    paused: bool = False
    local_zone: str = ""

    @classmethod
    async def gather(cls, world: World, within: str) -> Self:
        """Compute the times of every enabled job. Raises CannotKnow as `CronStore` does."""
        store: CronStore = await world.fact(CronStore)
        until = store.at + seconds(within)
        if not store.exists:
            return cls(store, until)
        if store.paused:
            return cls(store, until, paused=True)
        found, name = times_of(store, until)
        return cls(store, until, found, local_zone=name)


def times_of(store: CronStore, until: float) -> tuple[tuple[JobFires, ...], str]:
    """The enabled jobs that fire, or may fire, the earliest first, and the zone in which those without one were taken.

    Raises CannotKnow when such a zone is asked for and cannot be read.
    """
    enabled = [job for job in store.jobs if job.enabled is not False]
    name, local = _local_zone() if any(is_cron(job.schedule) and not job.zone for job in enabled) else ("", None)
    found = [_fires(job, store, until, local) for job in enabled]
    found.sort(key=lambda one: one.times[:1])
    return tuple(one for one in found if one != JobFires(one.job)), name


def _local_zone() -> tuple[str, tzinfo]:
    """The zone of this machine and its name; UTC where none is set, as it is to the C library."""
    import io
    import os
    from zoneinfo import ZoneInfo

    from guardrails.facts.files import read_bytes

    try:
        content = read_bytes(LOCAL_ZONE)
    except FileNotFoundError:
        return "UTC", time_zone("UTC")
    name = os.path.realpath(LOCAL_ZONE).partition("zoneinfo/")[2] or LOCAL_ZONE
    try:
        return name, ZoneInfo.from_file(io.BytesIO(content), key=name)
    except Exception:  # it raises whatever its parser stumbles over
        raise CannotKnow(f"{LOCAL_ZONE} is not a time zone, so jobs without a zone cannot be told") from None


def _fires(job: CronJob, store: CronStore, until: float, local: tzinfo | None) -> JobFires:
    """One job: what its state says comes next, and what its schedule says."""
    start = store.at
    if not job.schedule:
        return JobFires(job, unknown=job.problem)
    if job.schedule.startswith(("on-exit", "stream")):
        return JobFires(job, any_time=True)
    try:
        planned = set(_times(job, store, until, local))
    except (OverflowError, ValueError) as error:
        return JobFires(job, unknown=str(error))
    due = job.next_run
    overdue = due if due is not None and due < start else None
    if due is not None and due <= until:
        planned.add(max(due, start))
    return JobFires(job, tuple(sorted(planned)[:FIRES_KEPT]), overdue)


def _first(times: Iterable[float]) -> Iterator[float]:
    for number, time in enumerate(times, 1):
        yield time
        if number == FIRES_KEPT:
            return


def _times(job: CronJob, store: CronStore, until: float, local: tzinfo | None) -> Iterator[float]:
    """The times that follow from the schedule. Raises ValueError or OverflowError when they cannot be told."""
    start = store.at
    if job.schedule.startswith("every "):
        yield from _first(_every(job, start, until))
    elif is_moment(job.schedule):
        from datetime import datetime

        moment = datetime.fromisoformat(job.schedule).timestamp()
        done = job.last_status == "ok" and job.last_run is not None and moment <= job.last_run
        if moment <= until and not done:  # it stays due until it has gone well
            yield max(moment, start)
    else:
        zone = gateway_zone(job.zone) if job.zone else local
        assert zone is not None
        for pattern in patterns(job.schedule, store.version, _wall(start, zone, 0)):
            for late in {_offset(job.id, most) for most in staggers(job, store.version)}:
                yield from _first(time + late for time in moments(pattern, zone, start - late, until - late))


def _every(job: CronJob, start: float, until: float) -> Iterator[float]:
    """An interval counts from the run before; without one, from its anchor."""
    step = seconds(job.schedule.removeprefix("every "))
    if job.next_run is not None:
        time = max(job.next_run, start)
    elif job.anchor is None:
        raise ValueError("neither a next run nor a time from which the interval counts")
    elif job.last_run is not None and job.anchor <= job.last_run and job.last_run + step >= start:
        time = job.last_run + step
    else:
        time = job.anchor + max(0, -((job.anchor - start) // step)) * step
    while time <= until:
        yield time
        time += step


def _offset(identity: str, most: float) -> float:
    """By how much a gateway puts a job off that it may put off by so many seconds at the most."""
    if most <= 0.001:
        return 0.0
    from hashlib import sha256

    return int.from_bytes(sha256(identity.encode()).digest()[:4], "big") % int(most * 1000) / 1000


def moments(pattern: Pattern, zone: tzinfo, start: float, until: float) -> Iterator[float]:
    """The moments of a cron expression: each time that clocks on the wall would show, as the moments it may mean."""
    first, last = _wall(start, zone, -_CLOCK_CHANGE), _wall(until, zone, _CLOCK_CHANGE)
    for wall in pattern.walls(first, last):
        once, again = (wall.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
        for time in {once, max(once, again)}:  # `again` is later when clocks show it twice, earlier when they skip it
            if start <= time <= until:
                yield time


def _wall(at: float, zone: tzinfo, margin: float) -> datetime:
    """What clocks show at that moment, or some hours before or after it when they change about then."""
    from datetime import datetime

    before, after = (datetime.fromtimestamp(at + span, zone).utcoffset() for span in (-_CLOCK_CHANGE, _CLOCK_CHANGE))
    return datetime.fromtimestamp(at if before == after else at + margin, zone).replace(tzinfo=None)

"""When the cron jobs of a gateway fire next.

The rules are those of OpenClaw 2026.1.30 and 2026.9.6 (their `computeJobNextRunAtMs`), which read cron expressions with
the library croner, 9.1 and 10.0. Here cronsim reads them. Away from changes of the clocks these agree, but for days
written as a step (`_croner`) and for `5L`, which croner 9.1 takes for every Friday; what a gateway has computed itself,
the next run in its state, counts as well. Around such changes the versions differ: a time that clocks skip fires an
hour later or not at all, a time that they show twice fires the first time or the second. All of these moments count.
"""

from __future__ import annotations

from guardrails import CannotKnow, Fact, Record, seconds
from guardrails.facts.calendar import time_zone
from guardrails_policies.openclaw.configuration import read_configuration, setting
from guardrails_policies.openclaw.cron import CronStore
from guardrails_policies.openclaw.schedules import is_moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, tzinfo
    from typing import Self

    from guardrails import World
    from guardrails_policies.openclaw.cron import CronJob

FIRES_KEPT = 20  # of one job
LOCAL_ZONE = "/etc/localtime"
_CLOCK_CHANGE = 3 * 3600  # seconds; more than any change of the clocks

_NICKNAMES = {
    "@HOURLY": "0 * * * *",
    "@DAILY": "0 0 * * *",
    "@MIDNIGHT": "0 0 * * *",
    "@WEEKLY": "0 0 * * 0",
    "@MONTHLY": "0 0 1 * *",
    "@YEARLY": "0 0 1 1 *",
    "@ANNUALLY": "0 0 1 1 *",
}


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
        if store.state_dir is None or not store.exists:
            return cls(store, until)
        if setting(*read_configuration(store.state_dir), "cron", "enabled") is False:
            return cls(store, until, paused=True)
        enabled = [job for job in store.jobs if job.enabled]
        name, local = _local_zone() if any(_needs_zone(job) for job in enabled) else ("", None)
        found = sorted((_fires(job, store.at, until, local) for job in enabled), key=lambda one: one.times[:1])
        return cls(store, until, tuple(one for one in found if one != JobFires(one.job)), local_zone=name)


def _needs_zone(job: CronJob) -> bool:
    return not (job.zone or is_moment(job.schedule) or job.schedule.startswith(("every ", "on-exit", "stream")))


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


def _fires(job: CronJob, start: float, until: float, local: tzinfo | None) -> JobFires:
    """One job: what its state says comes next, and what its schedule says."""
    if job.schedule.startswith(("on-exit", "stream")):
        return JobFires(job, any_time=True)
    try:
        planned = set(_first(_times(job, start, until, local)))
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


def _times(job: CronJob, start: float, until: float, local: tzinfo | None) -> Iterator[float]:
    """The times that follow from the schedule. Raises ValueError or OverflowError when they cannot be told."""
    if job.schedule.startswith("every "):
        yield from _every(job, start, until)
    elif is_moment(job.schedule):
        from datetime import datetime

        moment = datetime.fromisoformat(job.schedule).timestamp()
        done = job.last_status == "ok" and job.last_run is not None and moment <= job.last_run
        if moment <= until and not done:  # it stays due until it has gone well
            yield max(moment, start)
    else:
        zone = time_zone(job.zone) if job.zone else local
        assert zone is not None
        late = _stagger(job)
        for time in _cron(job.schedule, zone, start - late, until - late):
            yield time + late


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


def _stagger(job: CronJob) -> float:
    """By how much a gateway puts this job off, so that not all of them fire on the hour (from 2026.2 on)."""
    if job.stagger <= 0.001:
        return 0.0
    from hashlib import sha256

    return int.from_bytes(sha256(job.id.encode()).digest()[:4], "big") % round(job.stagger * 1000) / 1000


def _cron(expression: str, zone: tzinfo, start: float, until: float) -> Iterator[float]:
    """The moments of a cron expression: each time that clocks on the wall would show, as the moments it may mean."""
    from datetime import timedelta

    from cronsim import CronSim, CronSimError

    first, last = _wall(start, zone, -_CLOCK_CHANGE), _wall(until, zone, _CLOCK_CHANGE)
    try:
        walls = CronSim(_croner(expression), first - timedelta(seconds=1))
    except CronSimError as error:
        raise ValueError(f"the cron expression {expression!r} cannot be told: {error}") from None
    for wall in walls:
        if wall > last:
            return
        once, again = (wall.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
        for time in {once, max(once, again)}:  # `again` is later when clocks show it twice, earlier when they skip it
            if start <= time <= until:
                yield time


def _wall(at: float, zone: tzinfo, margin: float) -> datetime:
    """What clocks show at that moment, or some hours before or after it when they change about then."""
    from datetime import datetime

    before, after = (datetime.fromtimestamp(at + span, zone).utcoffset() for span in (-_CLOCK_CHANGE, _CLOCK_CHANGE))
    return datetime.fromtimestamp(at if before == after else at + margin, zone).replace(tzinfo=None)


def _croner(expression: str) -> str:
    """The expression as cronsim must have it to mean what croner does.

    For both, a day must be of the month and of the week when one of these is `*`, and else either will do; cronsim
    takes any field that begins with `*` for one, croner only `*` itself.
    """
    fields = _NICKNAMES.get(expression, expression).split()
    for place, whole in ((-3, "1-31"), (-1, "0-6")):
        if len(fields) >= 5 and fields[place].startswith("*/"):
            fields[place] = whole + fields[place][1:]
    return " ".join(fields)

"""The cron jobs that a deployment relies on are there."""

from collections import Counter
from collections.abc import Iterable, Iterator
from types import MappingProxyType

from guardrails import DoesNotApply, Finding, Note, Policy, Record, Severity
from guardrails_policies.openclaw.cron import CronJob, CronStore
from guardrails_policies.openclaw.schedules import is_moment, written_schedule

PATIENCE = 3600  # seconds that a job may be late: a long run of it, or a machine that was just asleep
NAMES_SHOWN = 5


class ExpectedJob(Record):
    """One job that must be there. `schedule` and `zone` are compared when they are given.

    `schedule` is a cron expression, an interval such as `every 30m`, or an RFC 3339 time; `zone` belongs to a cron
    expression. Cron expressions are compared as text, so `MON` and `1` differ.
    """

    name: str
    schedule: str = ""
    zone: str = ""
    enabled: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError when no job could ever be like that."""
        if not self.name.strip():
            raise ValueError("jobs: an expected job needs a name")
        try:
            timetable = self.timetable
        except ValueError as error:
            raise ValueError(f"jobs: schedule of {self.name!r}: {error}") from None
        if self.zone and (timetable.startswith("every ") or is_moment(timetable)):
            raise ValueError(f"jobs: zone of {self.name!r}: only a cron expression has a zone")

    @property
    def timetable(self) -> str:
        """The schedule in the form in which stored ones are compared."""
        return written_schedule(self.schedule) if self.schedule else ""


class ExpectedCronJobs(Policy):
    """Cron jobs that are missing, disabled, changed, doubled, late or failing, and the signs of lost ones.

    Why it matters
        OpenClaw takes a damaged jobs.json for an empty one and then writes that emptiness over the backup too; updates
        that move jobs to another store have dropped them. Nothing complains: the jobs just no longer run.
    Example
        A store with no jobs beside a folder of run logs, or a cron/jobs.json that was never imported beside an empty
        cron_jobs table.
    Instead
        List the jobs under `jobs`, by name and schedule, and check them after every update. `exact` also refuses the
        jobs that are not listed; OpenClaw's own, such as heartbeat-main, must then be listed too.

    An expected, enabled job is late when its next run lies more than an hour before the time of the check: whoever
    should start it does not. It fails when its last run did, or when failed runs are being counted. For other jobs
    both are only noted, so a store without a running gateway passes unless a job that counts has been missed.
    OpenClaw 2026.1.30 records a run whose model call failed as ok: that cannot be seen here.
    Without `jobs` the store must be readable, hold a job and show no sign of lost ones.
    """

    id = "expected-cron-jobs"
    title = "The expected cron jobs are there, as scheduled"
    source = "deployment-rules §7"
    severity = Severity.HIGH
    guards = ("*expected jobs*", "*cron jobs visible*")
    stricter = MappingProxyType({"jobs": "more", "exact": "true"})

    jobs: tuple[ExpectedJob, ...] = ()
    exact: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError when the options contradict themselves."""
        repeated = [name for name, count in Counter(job.name for job in self.jobs).items() if count > 1]
        if repeated:
            raise ValueError(f"jobs: {repeated[0]!r} is listed twice")
        if self.exact and not self.jobs:
            raise ValueError("exact: there are no jobs listed that could be exact")

    def evaluate(self, store: CronStore) -> Iterator[Finding | Note]:
        """Look for the store, then for signs of lost jobs, then at each expected job."""
        if store.state_dir is None:
            raise DoesNotApply("no state directory is configured")
        if not store.exists or (store.in_file is None and store.in_database is None):
            yield _absent(store, store.state_dir)
            return
        signs = [*_lost(store, store.state_dir), *_doubled(self.jobs, store, store.state_dir)]
        yield from signs
        by_name: dict[str, list[CronJob]] = {}
        for job in store.jobs:
            by_name.setdefault(job.name, []).append(job)
        for wanted in self.jobs:
            yield from _judge(wanted, by_name.pop(wanted.name, []), store)
        others = [job for jobs in by_name.values() for job in jobs]
        if self.exact:
            yield from (_unexpected(job, store) for job in others)
        if not self.jobs:
            yield Note("no list of expected jobs is configured, so one that is missing is not noticed (option jobs)")
            if not store.jobs and not signs:
                yield _empty(store)
        yield from _troubled(others, store.at)


def _absent(store: CronStore, folder: str) -> Finding:
    return Finding(
        message="There is no cron store" if store.exists else "The state directory is missing",
        observed=f"neither {store.store} nor cron_jobs in {store.database}" if store.exists else f"no folder {folder}",
        expected="a state directory with cron jobs",
        remediation=f"restore it from a backup, or name the right state_dir in the configuration instead of {folder}",
        path=store.store if store.exists else folder,
    )


def _lost(store: CronStore, folder: str) -> Iterator[Finding]:
    """The signs that jobs were there and that a gateway on this state directory has not got them."""
    for key in sorted({job.store_key for job in store.foreign}):
        jobs = [job for job in store.foreign if job.store_key == key]
        yield Finding(
            message="Cron jobs are filed under another directory, where a gateway does not see them",
            observed=f"{len(jobs)} jobs under store_key {key}: {_names(jobs)}",
            expected=f"store_key {store.store}",
            remediation=f"if {folder} is a copy, add its jobs anew: {_openclaw(store)} cron add …; else put it back",
            path=store.database,
        )
    if store.stranded:
        yield Finding(
            message="Cron jobs of jobs.json were never imported into the database beside it",
            observed=f"{len(store.in_database or ())} jobs in cron_jobs; not among them: {_names(store.stranded)}",
            expected=f"the same jobs in {store.database}",
            remediation=f"stop the gateway, copy {folder} to a safe place, then: {_openclaw(store)} doctor --fix",
            path=store.store,
        )
    recurring = [job for job in store.former if not is_moment(job.schedule)]  # the others vanish by themselves
    emptied = recurring if store.jobs else store.former or store.traces
    if emptied and not store.foreign and not store.stranded:
        former = _names(recurring or store.former) or f"{store.traces} recorded runs"
        yield Finding(
            message="The cron store was emptied",
            observed=f"jobs there: {_names(store.jobs) or 'none'}; known from earlier: {former}",
            expected="the jobs that ran before",
            remediation=f"stop the gateway, then restore the jobs from a backup of {folder}",
            path=store.database if store.in_database is not None else store.store,
        )


def _doubled(expected: Iterable[ExpectedJob], store: CronStore, folder: str) -> Iterator[Finding]:
    """Jobs that an update entered twice. Of an expected job, any second one of its name counts."""
    named = {job.name for job in expected}
    same: dict[tuple[str, str, str], list[CronJob]] = {}
    for job in store.jobs:
        key = (job.name, "", "") if job.name in named else (job.name, job.schedule, job.zone)
        same.setdefault(key, []).append(job)
    for (name, _, _), jobs in same.items():
        if len(jobs) > 1:
            yield Finding(
                message=f"The cron job {name} is there {len(jobs)} times",
                observed=f"{name}: " + ", ".join(f"{job.id} ({_when(job)})" for job in jobs[:NAMES_SHOWN]),
                expected="one job of that name",
                remediation=f"{_openclaw(store)} cron rm {_quote(jobs[-1].id)}   # once for each one too many",
                path=folder,
            )


def _judge(wanted: ExpectedJob, jobs: list[CronJob], store: CronStore) -> Iterator[Finding]:
    """Compare an expected job with the one of its name; that there are several is a finding of its own."""
    openclaw = _openclaw(store)
    if not jobs:
        command = f"{openclaw} cron add --name {_quote(wanted.name)}{_flags(wanted)} …"
        yield _differs(store, wanted.name, "is missing", "no job of that name", _wanted(wanted), command)
    if len(jobs) != 1:
        return
    job, name = jobs[0], wanted.name
    identity = _quote(job.id)
    if job.enabled != wanted.enabled:
        word = "disabled" if wanted.enabled else "enabled"
        command = f"{openclaw} cron {'enable' if wanted.enabled else 'disable'} {identity}"
        yield _differs(store, name, f"is {word}", f"{word} ({job.id})", _wanted(wanted), command)
    if wanted.timetable not in ("", job.schedule) or wanted.zone not in ("", job.zone):
        command = f"{openclaw} cron edit {identity}{_flags(wanted)}"
        yield _differs(store, name, "has another schedule", _when(job), _wanted(wanted), command)
    if not (job.enabled and wanted.enabled):
        return
    command = f"{openclaw} cron runs --id {identity}"
    if _is_late(job, store.at):
        late = f"its next run was due {round((store.at - (job.next_run or 0)) / 60)} minutes ago"
        yield _differs(store, name, "is late", late, "a next run that lies ahead", f"{command}   # is the gateway up?")
    if _is_failing(job):
        failed = f"last run {job.last_status or 'not recorded'}, {job.consecutive_errors} failed in a row"
        yield _differs(store, name, "is failing", failed, "a last run that ended well", command)


def _differs(store: CronStore, name: str, what: str, observed: str, expected: str, remediation: str) -> Finding:
    return Finding(
        message=f"The cron job {name} {what}",
        observed=f"{name}: {observed}",
        expected=expected,
        remediation=remediation,
        path=store.database if store.in_database else store.store,
    )


def _unexpected(job: CronJob, store: CronStore) -> Finding:
    command = f"{_openclaw(store)} cron rm {_quote(job.id)}   # or add it to the option jobs"
    return _differs(store, job.name, "is not expected", _when(job), "only the listed jobs (exact)", command)


def _empty(store: CronStore) -> Finding:
    command = f"{_openclaw(store)} cron add …   # or restore the jobs from a backup"
    return Finding(message="The cron store holds no job", observed="0 jobs", expected="a job", remediation=command)


def _troubled(jobs: list[CronJob], at: float) -> Iterator[Note]:
    enabled = [job for job in jobs if job.enabled]
    if late := [job for job in enabled if _is_late(job, at)]:
        yield Note(f"late, but not expected: {_names(late)}")
    if failing := [job for job in enabled if _is_failing(job)]:
        yield Note(f"failing, but not expected: {_names(failing)}")


def _is_late(job: CronJob, at: float) -> bool:
    return job.next_run is not None and job.next_run < at - PATIENCE


def _is_failing(job: CronJob) -> bool:
    return job.consecutive_errors > 0 or job.last_status == "error"


def _when(job: CronJob) -> str:
    return " ".join(filter(None, (job.schedule, job.zone, "" if job.enabled else "(disabled)")))


def _wanted(job: ExpectedJob) -> str:
    return " ".join(filter(None, ("enabled" if job.enabled else "disabled", job.timetable, job.zone)))


def _flags(job: ExpectedJob) -> str:
    """The options of `openclaw cron add` and `edit` that set the expected schedule."""
    timetable = job.timetable
    if timetable.startswith("every "):
        return f" --every {timetable.removeprefix('every ')}"
    if is_moment(timetable):
        return f" --at {timetable}"
    return (f" --cron {_quote(timetable)}" if timetable else "") + (f" --tz {_quote(job.zone)}" if job.zone else "")


def _names(jobs: Iterable[CronJob]) -> str:
    names = list(dict.fromkeys(job.name for job in jobs))
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def _openclaw(store: CronStore) -> str:
    return f"OPENCLAW_STATE_DIR={_quote(store.state_dir or '')} openclaw"


def _quote(text: str) -> str:
    from shlex import quote

    return quote(text)

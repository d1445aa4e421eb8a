"""The cron jobs that a deployment relies on are there."""

from collections import Counter
from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Finding, Note, Policy, Record, Severity, a_look, ask, commented, relative
from guardrails_policies.openclaw.cron.jobs import CronJob
from guardrails_policies.openclaw.cron.lost_jobs import absence, find_signs, list_jobs, openclaw, quote, when
from guardrails_policies.openclaw.cron.schedules import is_moment, is_same_schedule, time_text, written_schedule
from guardrails_policies.openclaw.cron.stores import CronStore, JobPlaces


class ExpectedJob(Record):
    """One job that must be there. `schedule` and `zone` are compared when they are given.

    `schedule` is a cron expression, an interval such as `every 30m`, or an RFC 3339 time; `zone` belongs to a cron
    expression. Cron expressions are compared as text, so `MON` and `1` differ.

    `source` says what starts the job: `openclaw`, or `crontab`, `cron.d`, `systemd-timer` or `launchd`. For the last
    four, `command` is the command that it runs, where `*` stands for anything, and schedules are compared by the times
    at which they come.
    """

    empty = MappingProxyType(
        {
            "name": "refused",
            "schedule": "judged: at any times",
            "zone": "judged: in any zone",
            "source": "refused",
            "command": "judged: by its name; refused for a line of a crontab",
        }
    )

    name: str
    schedule: str = ""
    zone: str = ""
    enabled: bool = True
    source: str = "openclaw"
    command: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError when no job can ever be like that."""
        if not self.name.strip():
            raise ValueError("jobs: an expected job needs a name")
        if self.source != "openclaw":
            from guardrails_policies.checkout.scheduled_jobs import require_possible

            require_possible(self)
            return
        if self.command:
            raise ValueError(f"jobs: command of {self.name!r}: a job of OpenClaw is known by its name alone")
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
    """Cron jobs that are missing, disabled, changed, doubled, late or failing, and signs that jobs were lost.

    Why it matters
        OpenClaw takes a damaged jobs.json for an empty one and then overwrites the backup with an empty one too;
        updates that move jobs to another store have dropped them. Nothing complains: the jobs just no longer run.
    Example
        A store with no jobs beside a folder of run logs, or a cron/jobs.json that was never imported beside an empty
        cron_jobs table.
    Instead
        List the jobs under `jobs`, by name and schedule, and check them after every update. `exact` also refuses the
        jobs that are not listed; OpenClaw's own, such as heartbeat-main, must then be listed too.

    An expected job must be able to run: it is enabled, the gateway can compute its schedule, the schedule comes one
    day, and the scheduler is on (`cron.enabled`, and no `OPENCLAW_SKIP_CRON=1`). An unreadable job does not make others
    unreadable. A copied or moved state directory brings rows along that are filed under its former place. They are
    signs of lost jobs until jobs of their names are there; with `jobs`, only the listed names count.
    An expected, enabled job is late when its next run lies more than an hour before the time of the check: nothing has
    started it. It fails when its last run did, or when failed runs are being counted. For other jobs the policy only
    notes both, so a store without a running gateway passes unless an expected job has been missed.
    OpenClaw 2026.1.30 records a run whose model call failed as ok: the policy cannot see that.
    Without `jobs` the store and every job in it must be readable, and the store must hold a job that runs and show no
    sign of lost ones.

    The system starts a job with another `source`, and that job needs no OpenClaw: where all jobs are such and there is
    no `state_dir`, the policy looks for no cron store. It reads files, and neither asks nor runs a program. It is
    undecided about a file that it cannot read or whose form it does not know. Schedules are compared by the times at
    which they come, so `daily` is `*-*-* 00:00:00`; several are separated by `;`. `every 30m` is OnUnitActiveSec,
    OnUnitInactiveSec or StartInterval.
    `crontab`: a line of the user's crontab, known by its `command`, as written up to a `%`. Only root can read that
    file. Let `crontab -l > ~/shop.crontab` write a copy after each change, and name it in the option `crontab`.
    `cron.d`: a line of /etc/crontab or /etc/cron.d, likewise. Cron skips a file, and starts no job of it, unless the
    file is root's alone, ends with a new line and, on Debian, has no dot in its name. `zone` is CRON_TZ, of cronie.
    `systemd-timer`: a timer of the user or of the system, with its drop-ins. A target that comes up by itself must want
    it, and the unit that it starts must be there. A timer that is masked or was only started by hand is not enabled.
    `launchd`: a Label in the user's or the system's folders. The policy does not see a job that `launchctl disable` has
    switched off: look with `launchctl print-disabled gui/$UID`.
    `root` is the folder that stands for `/`, for an image that does not run; the user's folders stay where they are.
    """

    id = "expected-cron-jobs"
    title = "The expected cron jobs are there, as scheduled"
    source = "deployment-rules §7"
    severity = Severity.HIGH
    guards = ("*expected jobs*", "*cron jobs visible*")
    stricter = MappingProxyType({"jobs": "more", "exact": "true"})
    empty = MappingProxyType(
        {"jobs": "noted: one that is missing is not noticed", "crontab": "judged: cron's own file", "root": "refused"}
    )

    jobs: tuple[ExpectedJob, ...] = ()
    exact: bool = False
    crontab: str = ""
    root: str = "/"

    def __post_init__(self) -> None:
        """Raise ValueError when the options contradict themselves."""
        repeated = [job for job, count in Counter((job.source, job.name) for job in self.jobs).items() if count > 1]
        if repeated:
            raise ValueError(f"jobs: {repeated[0][1]!r} is listed twice")
        if self.exact and not self._own:
            raise ValueError("exact: there are no jobs listed that could be exact")
        if self.crontab and all(job.source != "crontab" for job in self.jobs):
            raise ValueError('crontab: no job is listed with source = "crontab"')
        if not self.root.startswith("/"):
            raise ValueError(f"root: {self.root!r} is not an absolute path")

    @property
    def _own(self) -> tuple[ExpectedJob, ...]:
        """The jobs that OpenClaw is to start."""
        return tuple(job for job in self.jobs if job.source == "openclaw")

    def evaluate(self, places: JobPlaces = ask("jobs", "crontab", "root")) -> Iterator[Finding | Note]:
        """Judge OpenClaw's jobs, then those that the system starts."""
        if places.store is not None:
            yield from self._of_openclaw(places.store)
        if places.elsewhere is not None:
            from guardrails_policies.checkout.scheduled_jobs import differences

            others = [job for job in self.jobs if job.source != "openclaw"]
            yield from differences(others, places.elsewhere)

    def _of_openclaw(self, store: CronStore) -> Iterator[Finding | Note]:
        """Look for the store, then for signs of lost jobs, then at each expected job."""
        if not store.exists or (store.in_file is None and store.in_database is None):
            yield _absent(store, store.state_dir)
            return
        names = [job.name for job in self._own]
        signs = list(find_signs(names, store))
        yield from signs
        if store.off and any(job.enabled for job in self._own or store.jobs):
            yield _off(store)
        by_name: dict[str, list[CronJob]] = {}
        for job in store.jobs:
            by_name.setdefault(job.name, []).append(job)
        for wanted in self._own:
            yield from _judge(wanted, by_name.pop(wanted.name, []), store)
        others = [job for jobs in by_name.values() for job in jobs]
        if self.exact:
            yield from (_unexpected(job, store) for job in others)
        if not self._own:
            yield Note("no list of expected jobs is configured, so one that is missing is not noticed (option jobs)")
            yield from (_cannot_run(job, store) for job in others if job.problem)
            if not store.jobs and not signs:
                yield _empty(store)
        yield from _troubled(others, store.at, judged=not self._own)


def _absent(store: CronStore, folder: str) -> Finding:
    from os.path import dirname

    return Finding(
        message="There is no cron store" if store.exists else "The state directory is missing",
        observed=absence(store),
        expected="a state directory with cron jobs",
        remediation=a_look(f"ls -ld {quote(dirname(folder))}", "restore it from a backup, or correct state_dir"),
        path=store.store if store.exists else folder,
    )


def _off(store: CronStore) -> Finding:
    show = f"{openclaw(store)} gateway status"
    settings = commented(f"{openclaw(store)} config set cron.enabled true", "then restart the gateway")
    return Finding(
        message="The scheduler is switched off, so no cron job runs",
        observed=store.off,
        expected="a gateway that runs its jobs",
        remediation=settings if store.paused else a_look(show, "start it anew without OPENCLAW_SKIP_CRON"),
        path=f"{store.state_dir}/openclaw.json" if store.paused else "",
    )


def _judge(wanted: ExpectedJob, jobs: list[CronJob], store: CronStore) -> Iterator[Finding]:
    """Compare an expected job with the one of its name. If there are several, that is a finding of its own."""
    if not jobs:
        add = f"cron add --name {quote(wanted.name)}{_flags(wanted)}"
        yield _differs(store, wanted.name, "is missing", "no job of that name", _wanted(wanted), _look(store, add))
    if len(jobs) != 1:
        return
    job, name = jobs[0], wanted.name
    if job.enabled != wanted.enabled:
        found = {True: "enabled", False: "disabled", None: "not told to be enabled or disabled"}[job.enabled]
        command = f"{openclaw(store)} cron {'enable' if wanted.enabled else 'disable'} {quote(job.id)}"
        yield _differs(store, name, f"is {found}", f"{found} ({job.id})", _wanted(wanted), command)
    if job.problem and (wanted.enabled or not job.schedule):
        yield _cannot_run(job, store)
    if job.schedule and not _is_scheduled(job, wanted):
        command = f"{openclaw(store)} cron edit {quote(job.id)}{_flags(wanted, job)}"
        yield _differs(store, name, "has another schedule", when(job), _wanted(wanted), command)
    if job.enabled and wanted.enabled:
        yield from _runs(job, store)


def _is_scheduled(job: CronJob, wanted: ExpectedJob) -> bool:
    right = not wanted.timetable or is_same_schedule(wanted.timetable, job.schedule)
    return right and wanted.zone in ("", job.zone)


def _runs(job: CronJob, store: CronStore) -> Iterator[Finding]:
    """What an expected job did last, and whether it is about to run."""
    command = f"{openclaw(store)} cron runs --id {quote(job.id)}"
    if job.is_late(store.at):
        due = job.next_run or 0
        late, observed = f"is late: it was due {relative(due, store.at)}", f"its next run was due at {_time(due)}"
        yield _differs(
            store, job.name, late, observed, "a next run that lies ahead", a_look(command, "is the gateway up?")
        )
    if job.is_failing:
        failed = f"last run {job.last_status or 'not recorded'}, {job.consecutive_errors} failed in a row"
        yield _differs(
            store, job.name, "is failing", failed, "a last run that ended well", a_look(command, "why did it fail?")
        )


def _time(seconds: float) -> str:
    """A time that a store may hold as RFC 3339, or as the number that it is where no calendar reaches."""
    try:
        return time_text(seconds)
    except ValueError:
        return f"{seconds:g}"


def _cannot_run(job: CronJob, store: CronStore) -> Finding:
    wanted, remedy = "a job that can be read and that fires", _look(store, f"cron edit {quote(job.id)}")
    return _differs(store, job.name, "cannot run", job.problem, wanted, remedy)


def _look(store: CronStore, then: str) -> str:
    """A command that only shows, where a command that mends it would need more than is known here."""
    return a_look(f"{openclaw(store)} cron list --all", f"what mends it begins with: openclaw {then}")


def _differs(store: CronStore, name: str, what: str, observed: str, expected: str, remediation: str) -> Finding:
    return Finding(
        message=f"The cron job {name} {what}",
        observed=f"{name}: {observed}",
        expected=expected,
        remediation=remediation,
        path=store.database if store.in_database else store.store,
    )


def _unexpected(job: CronJob, store: CronStore) -> Finding:
    remedy = a_look(f"{openclaw(store)} cron list --all", f"add it to jobs, or: openclaw cron rm {quote(job.id)}")
    return _differs(store, job.name, "is not expected", when(job), "only the listed jobs (exact)", remedy)


def _empty(store: CronStore) -> Finding:
    add = _look(store, "cron add")
    return Finding(message="The cron store holds no job", observed="0 jobs", expected="a job", remediation=add)


def _troubled(jobs: list[CronJob], at: float, *, judged: bool) -> Iterator[Note]:
    enabled = [job for job in jobs if job.enabled is not False]
    if late := [job for job in enabled if job.is_late(at)]:
        yield Note(f"late, but not expected: {list_jobs(late)}")
    if failing := [job for job in enabled if job.is_failing]:
        yield Note(f"failing, but not expected: {list_jobs(failing)}")
    if (broken := [job for job in enabled if job.problem]) and not judged:
        yield Note(f"cannot run, but not expected: {list_jobs(broken)}")


def _wanted(job: ExpectedJob) -> str:
    return " ".join(filter(None, ("enabled" if job.enabled else "disabled", job.timetable, job.zone)))


def _flags(wanted: ExpectedJob, job: CronJob | None = None) -> str:
    """The options of `openclaw cron add` and `edit` that set the expected schedule, all of it anew."""
    timetable, zone = wanted.timetable or (job.schedule if job else ""), wanted.zone or (job.zone if job else "")
    if timetable.startswith("every "):
        return f" --every {timetable.removeprefix('every ')}"
    if is_moment(timetable):
        return f" --at {timetable}"
    return (f" --cron {quote(timetable)}" if timetable else "") + (f" --tz {quote(zone)}" if zone else "")

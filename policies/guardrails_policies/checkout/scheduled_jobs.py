"""Expected jobs that the system starts, compared with the jobs that were found."""

from __future__ import annotations

import os
import re
from shlex import quote

from guardrails import CannotKnow, Finding, Note, a_look, listed
from guardrails.facts.service.crontabs import cron_times
from guardrails.facts.service.scheduled_jobs import SOURCES
from guardrails.facts.service.systemd_times import calendar_text, span_seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from guardrails.facts.service.scheduled_job import ScheduledJob
    from guardrails.facts.service.scheduled_jobs import ScheduledJobs
    from guardrails_policies.state.expected_cron_jobs import ExpectedJob

_KINDS = {"systemd-timer": "timer", "launchd": "launchd job"}
_SHOW = {
    "crontab": "crontab -l 2>&1 || true",
    "cron.d": "ls -l /etc/crontab /etc/cron.d 2>&1 || true",
    "systemd-timer": "systemctl list-timers --all 2>&1; systemctl --user list-timers --all 2>&1 || true",
    "launchd": "launchctl list 2>&1 || true",
}


def require_possible(job: ExpectedJob) -> None:
    """Raise ValueError when no job of that source could be as it is expected."""
    if job.source not in SOURCES:
        raise ValueError(f"jobs: source of {job.name!r}: {job.source!r} is not one of openclaw, {', '.join(SOURCES)}")
    in_crontab = job.source in ("crontab", "cron.d")
    if in_crontab and not job.command.strip():
        raise ValueError(f"jobs: command of {job.name!r}: a line of a crontab has no name, so give its command")
    if in_crontab and not job.enabled:
        raise ValueError(f"jobs: enabled of {job.name!r}: a line of a crontab is there or not")
    if job.zone and not in_crontab:
        raise ValueError(f"jobs: zone of {job.name!r}: only a crontab has one; that of a timer ends its schedule")
    try:
        expected_times(job)
    except ValueError as error:
        raise ValueError(f"jobs: schedule of {job.name!r}: {error}") from None


def expected_times(job: ExpectedJob) -> frozenset[str]:
    """When a job is expected, in the form of `ScheduledJob.times`. Raises ValueError for what its source cannot say."""
    return frozenset(_time(job, text.strip()) for text in job.schedule.split(";")) if job.schedule else frozenset()


def _time(job: ExpectedJob, text: str) -> str:
    if text.startswith("every ") and job.source not in ("crontab", "cron.d"):
        return f"every {span_seconds(text.removeprefix('every '))}s"
    return calendar_text(text) if job.source == "systemd-timer" and text != "@reboot" else cron_times(text)


def differences(expected: Sequence[ExpectedJob], found: ScheduledJobs) -> Iterator[Finding | Note]:
    """What is wrong with each expected job. Raises CannotKnow when nothing is, but something is not known."""
    schedulers = {one.source: one for one in found.schedulers}
    unknown: list[str] = []
    told = False
    for wanted in expected:
        scheduler = schedulers[wanted.source]
        jobs = [job for job in scheduler.jobs if _is_meant(wanted, job)]
        unknown += [job.doubt for job in jobs if job.doubt] or (scheduler.troubles[:1] if not jobs else ())
        for finding in () if not jobs and scheduler.troubles else _judge(wanted, jobs):
            told = True
            yield finding
    if unknown and not told:
        raise CannotKnow(unknown[0])
    yield from map(Note, dict.fromkeys(unknown))
    yield from (Note(one.remark) for one in found.schedulers if one.remark and one.jobs)


def _is_meant(wanted: ExpectedJob, job: ScheduledJob) -> bool:
    if job.source in ("crontab", "cron.d"):
        return _is_command(wanted.command, job.command)
    return job.name == wanted.name.removesuffix(".timer" if job.source == "systemd-timer" else "")


def _is_command(pattern: str, command: str) -> bool:
    """Whether a command is what is expected, where `*` stands for anything."""
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.strip().split("*"))), command, re.DOTALL))


def _judge(wanted: ExpectedJob, jobs: list[ScheduledJob]) -> Iterator[Finding]:
    running = [job for job in jobs if not job.off]
    if not jobs:
        yield _differs(wanted, None, "is missing", f"nothing of {_what(wanted)}")
    elif not wanted.enabled:
        yield from (_differs(wanted, job, "is enabled", f"{_place(job)}: {job.schedule}") for job in running[:1])
    elif not running:
        yield _differs(wanted, jobs[0], "is not started", f"{_place(jobs[0])}: {jobs[0].off}")
    elif len(running) > 1:
        yield _differs(wanted, running[-1], f"is there {len(running)} times", listed([_place(job) for job in running]))
    else:
        yield from _compare(wanted, running[0])


def _compare(wanted: ExpectedJob, job: ScheduledJob) -> Iterator[Finding]:
    times = expected_times(wanted)
    if (times and times != job.times) or wanted.zone not in ("", job.zone):
        found = " ".join(filter(None, (job.schedule, job.zone)))
        yield _differs(wanted, job, "has another schedule", f"{_place(job)}: {found}")
    if wanted.command and not _is_command(wanted.command, job.command):
        yield _differs(wanted, job, "runs another command", f"{_place(job)}: {job.command or 'no command'}")


def _differs(wanted: ExpectedJob, job: ScheduledJob | None, what: str, observed: str) -> Finding:
    then = f"what is expected: {_what(wanted)}"
    if job and job.off and wanted.source == "systemd-timer":
        then += f"; it is enabled by: systemctl enable --now {quote(job.name)}.timer, with --user for one of a user"
    return Finding(
        message=f"The {_KINDS.get(wanted.source, 'cron job')} {wanted.name} {what}",
        observed=observed,
        expected=_what(wanted),
        remediation=a_look(f"cat {quote(os.path.realpath(job.path))}" if job else _SHOW[wanted.source], then),
        path=job.path if job else None,
        line=job.line if job else None,
    )


def _place(job: ScheduledJob) -> str:
    return f"{job.path}:{job.line}" if job.line else job.path


def _what(job: ExpectedJob) -> str:
    """The expected job in words."""
    parts = (f"{job.source} {job.name}", job.schedule, job.zone, job.command, "" if job.enabled else "not enabled")
    return ", ".join(filter(None, parts))

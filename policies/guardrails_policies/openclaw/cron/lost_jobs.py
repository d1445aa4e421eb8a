"""Cron jobs that were lost on the way from one store to another, or entered twice."""

from __future__ import annotations

from guardrails import Finding, a_look
from guardrails_policies.openclaw.cron.schedules import is_moment, moment_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from guardrails_policies.openclaw.cron.jobs import CronJob
    from guardrails_policies.openclaw.cron.stores import CronStore

NAMES_SHOWN = 5


def find_signs(expected: Collection[str], store: CronStore) -> Iterator[Finding]:
    """The signs that jobs were lost or entered twice.

    `expected` are the names of the jobs that are listed; when some are, rows of a former place count by these alone.
    """
    yield from _find_lost(expected, store, store.state_dir)
    yield from _find_doubled(expected, store, store.state_dir)


def _find_lost(expected: Collection[str], store: CronStore, folder: str) -> Iterator[Finding]:
    """The signs that jobs were there and that a gateway on this state directory has not got them."""
    yield from _foreign(expected, store, folder)
    if store.stranded:
        yield Finding(
            message="Cron jobs of jobs.json were never imported into the database beside it",
            observed=f"{len(store.in_database or ())} jobs in cron_jobs; not among them: {list_jobs(store.stranded)}",
            expected=f"the same jobs in {store.database}",
            remediation=a_look(
                f"{openclaw(store)} doctor --lint",
                f"stop the gateway and copy {folder}, then: openclaw doctor --fix",
            ),
            path=store.store,
        )
    recurring = [job for job in store.former if not is_moment(job.schedule)]  # the others vanish by themselves
    emptied = recurring if store.jobs else store.former or store.traces
    if emptied and not store.foreign and not store.stranded:
        former = list_jobs(recurring or store.former) or f"{store.traces} recorded runs"
        yield Finding(
            message="The cron store was emptied",
            observed=f"jobs there: {list_jobs(store.jobs) or 'none'}; known from earlier: {former}",
            expected="the jobs that ran before",
            remediation=a_look(
                f"{openclaw(store)} cron list --all",
                f"stop the gateway, then restore the jobs from a backup of {folder}",
            ),
            path=store.database if store.in_database is not None else store.store,
        )


def _foreign(expected: Collection[str], store: CronStore, folder: str) -> Iterator[Finding]:
    """Rows of a state directory that was copied or moved; they stay for ever, also when their jobs were added anew."""
    there, now = {job.name for job in store.jobs}, moment_text(round(store.at * 1000))
    lost = [
        job
        for job in store.foreign
        if not job.managed and job.name not in there and (not expected or job.name in expected)
        if not (is_moment(job.schedule) and (job.enabled is False or job.schedule <= now))
    ]
    for key in sorted({job.store_key for job in lost}):
        jobs = [job for job in lost if job.store_key == key]
        then = f"each of these is missing there; add those that {folder} is to have anew by cron add"
        yield Finding(
            message="Cron jobs are filed under another directory, where a gateway does not see them",
            observed=f"{len(jobs)} jobs under store_key {key}: {list_jobs(jobs)}",
            expected=f"jobs of these names under store_key {store.store}",
            remediation=a_look(f"{openclaw(store)} cron list --all", f"{then}, or list these in the option jobs"),
            path=store.database,
        )


def _find_doubled(expected: Collection[str], store: CronStore, folder: str) -> Iterator[Finding]:
    """Jobs that an update entered twice. For an expected job, any second one of its name counts."""
    same: dict[tuple[str, str, str], list[CronJob]] = {}
    for job in store.jobs:
        key = (job.name, "", "") if job.name in expected else (job.name, job.schedule, job.zone)
        same.setdefault(key, []).append(job)
    for (name, _, _), jobs in same.items():
        if len(jobs) > 1:
            yield Finding(
                message=f"The cron job {name} is there {len(jobs)} times",
                observed=f"{name}: " + ", ".join(f"{job.id} ({when(job)})" for job in jobs[:NAMES_SHOWN]),
                expected="one job of that name",
                remediation=a_look(
                    f"{openclaw(store)} cron list --all",
                    f"which one is to stay? Each of the others ends by its id: openclaw cron rm {quote(jobs[-1].id)}",
                ),
                path=folder,
            )


def absence(store: CronStore) -> str:
    """Which one is missing, the store or the state directory."""
    if not store.exists:
        return f"no folder {store.state_dir}"
    if store.database:
        return f"neither {store.store} nor cron_jobs in {store.database}"
    return f"no {store.store}, where {store.version} keeps its jobs"


def when(job: CronJob) -> str:
    """When a job runs, in words."""
    return " ".join(filter(None, (job.schedule, job.zone, "(disabled)" if job.enabled is False else "")))


def list_jobs(jobs: Iterable[CronJob]) -> str:
    """The names of jobs, the first five of them."""
    names = list(dict.fromkeys(job.name for job in jobs))
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def openclaw(store: CronStore) -> str:
    """How OpenClaw's own command is called for this state directory."""
    return f"OPENCLAW_STATE_DIR={quote(store.state_dir)} openclaw"


def quote(text: str) -> str:
    """A word of a shell command."""
    from shlex import quote

    return quote(text)

"""No cron job fires while production is being changed."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import CannotKnow, Effect, Finding, Note, Policy, Severity, a_look, ask, commented, relative, seconds
from guardrails_policies.openclaw.cron.lost_jobs import absence
from guardrails_policies.openclaw.cron.next_fires import CronFires, JobFires
from guardrails_policies.openclaw.cron.schedules import time_text


class QuietCron(Policy):
    """A cron job that fires while a release is being rolled out.

    Why it matters
        A job that fires between the merge and the restart runs on half of a release: old code with a new store, or the
        other way round. No rollback undoes what it writes or sends then.
    Example
        $ openclaw cron list
        daily digest   cron 0 22 * * * @ Europe/Berlin   in 12m
    Instead
        Release at another time, or disable the job until the gateway has been restarted. List a job that may run
        meanwhile by its name under `allowed`. `within` says how long a release takes.

    Both the next run in a job's state and the times of its schedule count, and a job that is overdue fires as soon as a
    gateway starts. The OpenClaw version in the repository decides what a cron expression means; where that is not
    known, every meaning counts. A job that waits for a command instead of a time may fire at any time. Jobs without a
    time zone are taken in that of this machine.
    """

    id = "quiet-cron"
    title = "No cron job fires during the release"
    source = "deployment-rules release plan 1"
    severity = Severity.MEDIUM
    guards = ("*pause cron jobs*",)
    stricter = MappingProxyType({"within": "longer", "allowed": "fewer"})
    empty = MappingProxyType({"within": "refused", "allowed": "judged: no job may fire"})

    within: str = "30m"
    allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError when `within` is no duration."""
        seconds(self.within, "within")

    def evaluate(self, fires: CronFires = ask("within")) -> Iterator[Finding | Note | Effect]:
        """Name each fire, and judge those of jobs that are not allowed."""
        store = fires.store
        if not store.exists or (store.in_file is None and store.in_database is None):
            yield _absent(fires, store.state_dir)
        elif not store.jobs and not fires.paused:
            yield Note("no job fires: the cron store holds none")
        if fires.paused:
            yield Note("no job fires: cron.enabled is false in openclaw.json")
        if fires.local_zone:
            yield Note(f"jobs without a zone are taken in {fires.local_zone}, that of this machine")
        for one in fires.jobs:
            for time in one.times:
                yield Effect("fires", one.job.name, time_text(time))
            if one.job.name in self.allowed:
                continue
            if one.unknown:
                raise CannotKnow(f"when the cron job {one.job.name} fires cannot be told: {one.unknown}")
            yield _fires(one, fires, self.within)


def _absent(fires: CronFires, folder: str) -> Finding:
    from os.path import dirname
    from shlex import quote

    store = fires.store
    return Finding(
        message="There is no cron store" if store.exists else "The state directory is missing",
        observed=absence(store),
        expected="a cron store that says what fires, though it be empty",
        remediation=a_look(f"ls -ld {quote(dirname(folder))}", "restore it from a backup, or correct state_dir"),
        path=store.store if store.exists else folder,
    )


def _fires(one: JobFires, fires: CronFires, within: str) -> Finding:
    from shlex import quote

    job = one.job
    if one.any_time:
        observed, how = "it fires whenever its command says so", "may fire at any time"
    elif one.overdue is not None:
        overdue = f"was due {relative(one.overdue, fires.store.at)} and fires as soon as a gateway starts"
        observed, how = f"due since {time_text(one.overdue)}", overdue
    else:
        observed, how = f"fires at {time_text(one.times[0])}", "fires during the release"
    openclaw = f"OPENCLAW_STATE_DIR={quote(fires.store.state_dir)} openclaw"
    return Finding(
        message=f"The cron job {job.name} {how}",
        observed=f"{job.name} ({' '.join(filter(None, (job.schedule, job.zone)))}): {observed}",
        expected=f"no fire within {within}, or its name in the option allowed",
        remediation=commented(
            f"{openclaw} cron disable {quote(job.id)}", "and enable it afterwards; or release at another time"
        ),
        path=fires.store.database if fires.store.in_database else fires.store.store,
    )

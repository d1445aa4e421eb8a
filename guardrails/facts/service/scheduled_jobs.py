"""The jobs that crontabs, systemd and launchd start by a clock: read from their files, and never run."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.service.scheduled_job import ScheduledJob
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

SOURCES = ("crontab", "cron.d", "systemd-timer", "launchd")


class Scheduler(Record):
    """What one source holds. `troubles` say why some of it could not be read, `remark` what else to know."""

    source: str
    jobs: tuple[ScheduledJob, ...] = ()
    troubles: tuple[str, ...] = ()
    remark: str = ""


class ScheduledJobs(Fact):
    """The jobs of the sources that were asked for; of timers and property lists, those that were named."""

    schedulers: tuple[Scheduler, ...]

    @classmethod
    async def gather(cls, world: World, names: tuple[tuple[str, str], ...], crontab: str = "", root: str = "/") -> Self:
        """Read each source of `names`, which pairs sources with names.

        `crontab` is a file that holds the user's, with `~` and placeholders, a relative one in the repository; `root`
        is the folder that stands for `/`. Raises CannotKnow when that is no folder.
        """
        if crontab:
            crontab = os.path.join(world.environment.repo, world.environment.filled(crontab, world.home))
        if not os.path.isdir(root):
            raise CannotKnow(f"root is {root}, which is no folder")
        named: dict[str, set[str]] = {}
        for source, name in names:
            named.setdefault(source, set()).add(name)
        return cls(tuple(_read(world, source, named[source], crontab, root) for source in sorted(named)))


def _read(world: World, source: str, names: set[str], crontab: str, root: str) -> Scheduler:
    troubles: list[str] = []
    jobs: list[ScheduledJob] = []
    remark = ""
    try:
        if source == "systemd-timer":
            jobs, remark = _timers(world, names, root, troubles)
        elif source == "launchd":
            from guardrails.facts.service.launchd_calendars import read_launchd_jobs

            jobs = list(read_launchd_jobs(world.home, root, names, troubles))
        else:
            from guardrails.facts.service import crontabs

            own = source == "crontab"
            jobs = list(
                crontabs.read_own_crontab(root, crontab) if own else crontabs.read_system_crontabs(root, troubles)
            )
            if not any(os.path.lexists(os.path.join(root, one)) for one in crontabs.PROGRAMS):
                jobs = [job.replaced(doubt=job.doubt or _NO_CRON) for job in jobs]
    except CannotKnow as error:
        troubles.append(str(error))
    return Scheduler(source, tuple(jobs), tuple(troubles), remark)


_NO_CRON = "no cron is where one usually is, such as /usr/sbin/cron: whether anything reads crontabs here is not known"


def _timers(world: World, names: set[str], root: str, troubles: list[str]) -> tuple[list[ScheduledJob], str]:
    from guardrails.facts.service.timers import ENDING, Timers, system_folders, user_folders

    wanted = {f"{name.removesuffix(ENDING)}{ENDING}" for name in names}
    found: list[ScheduledJob] = []
    remark = ""
    for folders, of_user in ((user_folders(world.home, world.variables, root), True), (system_folders(root), False)):
        try:
            timers = list(Timers(folders, root, of_user=of_user).find_named(wanted))
        except CannotKnow as error:
            troubles.append(str(error))
            continue
        if of_user and timers:
            remark = _lingering(root)
        found += timers
    return found, remark


def _lingering(root: str) -> str:
    """The remark on a user whose manager only runs while somebody is logged in."""
    import pwd

    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    if os.path.exists(os.path.join(root, "var/lib/systemd/linger", user)):
        return ""
    return f"timers of {user} run only while {user} is logged in: loginctl enable-linger {user} ends that"

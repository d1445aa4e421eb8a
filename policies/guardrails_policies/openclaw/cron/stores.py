"""OpenClaw's cron jobs as they are stored, whichever version stored them.

Up to 2026.4 everything is in `<state>/cron/jobs.json`. Then, for some weeks, what a job did last is in
`jobs-state.json` beside it. From 2026.6.1 on, jobs are rows of `cron_jobs` in `<state>/state/openclaw.sqlite`, filed
under the path of a `jobs.json` that need not exist. `openclaw doctor --fix` imports the older files and renames them
`.migrated`.
"""

from __future__ import annotations

import os
import re

from guardrails import CannotKnow, Fact
from guardrails.facts.files import parse_json, read_text
from guardrails.facts.programs.side_by_side import Pause
from guardrails.facts.reading.json5_files import read_json5
from guardrails.facts.service.services import Services
from guardrails_policies.openclaw.cron.jobs import CronJob, row_job, stored_job
from guardrails_policies.openclaw.cron.schedule_readings import why_never
from guardrails_policies.openclaw.gateways.gateway_services import package_version
from guardrails_policies.openclaw.state.configuration import expand, is_folder, read_configuration, read_setting
from guardrails_policies.openclaw.versions import CRON_STORE, CRON_STORE_SETTING

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Self

    from guardrails import World
    from guardrails.facts.service.scheduled_jobs import ScheduledJobs

JOBS_LIMIT = 20_000
TRACES_LIMIT = 1000
_RUN_TABLES = ("cron_run_logs", "cron_run_receipts")  # of 2026.6 and 2026.7, and from 2026.8 on
_SWITCH = "OPENCLAW_SKIP_CRON"  # with 1, a gateway runs no job
_SWITCHED_OFF = rf"(?m)^\s*(?:export\s+)?{_SWITCH}\s*[=:]\s*(['\"`]?)1\1\s*(?:#.*)?$"


class CronStore(Fact):
    """The cron jobs in a state directory, and what is left of earlier ones.

    `in_file` are the jobs of `store`, the path of jobs.json; `in_database` the rows of `database` that are filed under
    that path; each is None when there is no such store, and `database` is empty for a version that reads none.
    `foreign` are the rows filed under another path. `former` are the jobs in jobs.json.bak and jobs.json.migrated, and
    `traces` counts the recorded runs; both are only gathered when no job of a person's is left. `at` is the time of the
    check in seconds since the epoch. `exists` is False when `state_dir` names nothing. `version` is that of the package
    in the repository, empty when it is not known. `off` says what keeps a gateway from running any job, and `paused`
    that the settings do.
    """

    at: float
    state_dir: str = ""
    exists: bool = True
    store: str = ""
    database: str = ""
    in_file: tuple[CronJob, ...] | None = None
    in_database: tuple[CronJob, ...] | None = None
    foreign: tuple[CronJob, ...] = ()
    former: tuple[CronJob, ...] = ()
    traces: int = 0
    version: str = ""
    off: str = ""
    paused: bool = False

    @property
    def jobs(self) -> tuple[CronJob, ...]:
        """The jobs that a gateway on this state directory loads: the database's, or the file's when it has none."""
        return self.in_database or self.in_file or ()

    @property
    def stranded(self) -> tuple[CronJob, ...]:
        """Jobs that are in the file and not in the database beside it: a gateway of 2026.6.1 or later lacks them."""
        if self.in_database is None:
            return ()
        known = {job.id for job in self.in_database}
        return tuple(job for job in self.in_file or () if job.id not in known and not job.managed)

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read every store there is. Raises CannotKnow when one is there and cannot be read or makes no sense."""
        await Pause(0)
        folder = world.environment.require_state_dir()
        if not is_folder(folder):
            return cls(at=world.at, state_dir=folder, exists=False)
        version = package_version(os.path.join(world.environment.repo, "package.json"))
        settings = read_configuration(folder)
        database = os.path.join(folder, "state", "openclaw.sqlite")
        if CRON_STORE.at(version) == ("files",):
            database = ""  # whatever is in it, this version does not read it
        rows, runs, moved_to = _read_database(database, version) or (None, 0, None)
        configured = read_setting(*settings, "cron", "store") if True in CRON_STORE_SETTING.at(version) else None
        store = store_path(configured or moved_to, folder, world.home)
        in_file = _read_file(store, version)
        own = None if rows is None else tuple(job for job in rows if is_same_place(job.store_key, store))
        left = any(not job.managed for job in (own or in_file or ()))
        paused = read_setting(*settings, "cron", "enabled") is False
        switched_off = _switch(world, folder, settings[0]) or await _service_switch(world)
        return cls(
            at=world.at,
            state_dir=folder,
            store=store,
            database=database,
            in_file=_judge(in_file, version, world.at),
            in_database=_judge(own, version, world.at),
            foreign=tuple(job for job in rows or () if not is_same_place(job.store_key, store)),
            former=() if left else tuple(job for end in (".bak", ".migrated") for job in _former(store + end, version)),
            traces=0 if left else runs + _run_logs(os.path.join(os.path.dirname(store), "runs")),
            version=version,
            off=f"cron.enabled is false in {settings[1]}" if paused else switched_off,
            paused=paused,
        )


class JobPlaces(Fact):
    """Where jobs are expected: `store` is OpenClaw's, `elsewhere` what the system starts; None where none is asked."""

    store: CronStore | None = None
    elsewhere: ScheduledJobs | None = None

    @classmethod
    async def gather(cls, world: World, jobs: Sequence[Any] = (), crontab: str = "", root: str = "/") -> Self:
        """Look at OpenClaw's store unless all jobs are of the system and there is no state directory; then at those."""
        names = tuple((job.source, job.name) for job in jobs if job.source != "openclaw")
        own = len(names) < len(jobs) or not jobs or world.environment.state_dir
        store = await world.fact(CronStore) if own else None
        if not names:
            return cls(store)
        from guardrails.facts.service.scheduled_jobs import ScheduledJobs

        return cls(store, await world.fact(ScheduledJobs, names, crontab, root))


def _judge(jobs: tuple[CronJob, ...] | None, version: str, at: float) -> tuple[CronJob, ...] | None:
    """The jobs, and of those that may run what keeps them from it."""
    if jobs is None:
        return None
    problems = (why_never(job, version, at) if job.enabled is not False and not job.problem else "" for job in jobs)
    return tuple(job.replaced(problem=problem) if problem else job for job, problem in zip(jobs, problems, strict=True))


def _switch(world: World, folder: str, settings: Any) -> str:
    """The source that sets the variable against running jobs; empty when no readable source does."""
    variables = settings.get("env") if isinstance(settings, dict) else None
    for table in (variables, variables.get("vars")) if isinstance(variables, dict) else ():
        if isinstance(table, dict) and table.get(_SWITCH) == "1":
            return f"{_SWITCH} is 1 in openclaw.json of {folder}"
    if world.environment.variables.get(_SWITCH) == "1":
        return f"{_SWITCH} is 1 in the variables of {world.environment.name}"
    path = os.path.join(folder, ".env")
    try:
        return f"{_SWITCH} is 1 in {path}" if re.search(_SWITCHED_OFF, read_text(path)) else ""
    except FileNotFoundError:
        return ""


async def _service_switch(world: World) -> str:
    """What `_switch` says, of the definition of the service that the environment is configured with."""
    name = (world.environment.service or "").removesuffix(".service")
    if not name:
        return ""
    try:
        services: Services = await world.fact(Services)
    except CannotKnow:
        return ""  # whether the definition can be read is for the policies of services to say
    found = [one for one in services.services if one.name == name and one.variables.get(_SWITCH) == "1"]
    return f"{_SWITCH} is 1 in {found[0].path}" if found else ""


def store_path(configured: Any, folder: str, home: str) -> str:
    """The path of jobs.json, which is also the key of the rows: `cron.store`, else `cron/jobs.json`."""
    if not isinstance(configured, str | None):
        raise CannotKnow(f"cron.store of {folder} is {configured!r}, not a path")
    path = expand((configured or "").strip(), home) or os.path.join(folder, "cron", "jobs.json")
    if not os.path.isabs(path):
        raise CannotKnow(f"cron.store is {configured!r}, relative to wherever the gateway of {folder} is started")
    return os.path.normpath(path)


def is_same_place(one: str, other: str) -> bool:
    """Whether two paths name one place, although the place itself need not exist."""
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def _read_file(path: str, version: str) -> tuple[CronJob, ...] | None:
    try:
        content = read_json5(path)
    except FileNotFoundError:
        return None
    jobs = content.get("jobs") if isinstance(content, dict) else None
    if not isinstance(jobs, list) or content.get("version", 1) != 1:
        raise CannotKnow(f"{path} is not a cron store of version 1 with a list of jobs")
    if len(jobs) > JOBS_LIMIT:
        raise CannotKnow(f"{path} holds more than {JOBS_LIMIT} jobs")
    states = _read_states(path)
    return tuple(
        stored_job(job, f"job {number} of {path}", version, _state_of(job, states))
        for number, job in enumerate(jobs, 1)
    )


def _former(path: str, version: str) -> Iterator[CronJob]:
    """The jobs of an earlier store that were a person's."""
    return (job for job in _read_file(path, version) or () if not job.managed)


def _state_of(job: Any, states: Mapping[str, Any]) -> Any:
    identity = job.get("id") if isinstance(job, dict) else None
    return states.get(identity) if isinstance(identity, str) else None


def _read_states(path: str) -> Mapping[str, Any]:
    """What the jobs did last, by id, where a version of the split era keeps that in a file of its own."""
    path = f"{path.removesuffix('.json')}-state.json"
    try:
        content = read_json5(path)
    except FileNotFoundError:
        return {}
    jobs = content.get("jobs") if isinstance(content, dict) else None
    if not isinstance(jobs, dict):
        raise CannotKnow(f"{path} is not a table of jobs")
    return {name: entry.get("state") if isinstance(entry, dict) else entry for name, entry in jobs.items()}


def _read_database(path: str, version: str) -> tuple[list[CronJob], int, Any] | None:
    """The rows, the number of recorded runs, and `cron.store` where 2026.9 keeps it; None without a cron table."""
    if not os.path.lexists(path):
        return None
    from guardrails.facts.reading.sqlite_stores import (  # not for states without a database
        check_table,
        has_table,
        open_read_only,
    )

    try:
        with open_read_only(path) as connection:
            if not has_table(connection, "cron_jobs"):
                return None
            check_table(connection, "cron_jobs")
            return _rows(connection, path, version), _runs(connection), _machine_state(connection, path)
    except FileNotFoundError:
        return None


def _rows(connection: sqlite3.Connection, path: str, version: str) -> list[CronJob]:
    found = connection.execute("SELECT * FROM cron_jobs ORDER BY store_key, job_id LIMIT ?", (JOBS_LIMIT + 1,))
    names = [column[0] for column in found.description]
    if missing := {"store_key", "job_id", "name", "enabled", "job_json", "state_json"} - set(names):
        raise CannotKnow(f"cron_jobs in {path} has no {', '.join(sorted(missing))}")
    jobs = [
        row_job(row, f"row {row['job_id']} of {path}", version)
        for row in (dict(zip(names, one, strict=True)) for one in found)
    ]
    if len(jobs) > JOBS_LIMIT:
        raise CannotKnow(f"{path} holds more than {JOBS_LIMIT} jobs")
    return jobs


def _runs(connection: sqlite3.Connection) -> int:
    """How many runs are recorded, at most a thousand of each era."""
    from guardrails.facts.reading.sqlite_stores import has_table

    count = 0
    for table in _RUN_TABLES:
        if has_table(connection, table):
            query = f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT ?)"  # noqa: S608  # a name of our own
            count += int(connection.execute(query, (TRACES_LIMIT,)).fetchone()[0])
    return count


def _machine_state(connection: sqlite3.Connection, path: str) -> Any:
    from guardrails.facts.reading.sqlite_stores import has_table

    if not has_table(connection, "config_machine_state"):
        return None
    row = connection.execute("SELECT value_json FROM config_machine_state WHERE state_key = 'cron.store'").fetchone()
    return None if row is None else parse_json(str(row[0]), f"cron.store in {path}")


def _run_logs(folder: str) -> int:
    """How many run logs there are, at most a thousand."""
    count = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                count += entry.name.endswith((".jsonl", ".jsonl.migrated"))
                if count >= TRACES_LIMIT:
                    break
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise CannotKnow(f"{folder} cannot be read: {error.strerror}") from None
    return count

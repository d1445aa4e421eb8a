"""OpenClaw's cron jobs as they are stored, whichever version stored them.

Up to 2026.4 everything is in `<state>/cron/jobs.json`. Then, for some weeks, what a job did last is in
`jobs-state.json` beside it. From 2026.6.1 on, jobs are rows of `cron_jobs` in `<state>/state/openclaw.sqlite`, filed
under the path of a `jobs.json` that need not exist. `openclaw doctor --fix` imports the older files and renames them
`.migrated`.
"""

from __future__ import annotations

import os

from guardrails import CannotKnow, Fact, Record
from guardrails.facts.files import parse_json
from guardrails.facts.json5_files import read_json5
from guardrails.facts.processes import Pause
from guardrails_policies.openclaw.configuration import expand, is_folder, read_configuration, setting
from guardrails_policies.openclaw.schedules import stored_schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from typing import Any, Self

    from guardrails import World

JOBS_LIMIT = 20_000
TRACES_LIMIT = 1000


class CronJob(Record):
    """One stored job. `schedule` is a text of `schedules.py`; times are in seconds since the epoch.

    `declared` marks a job that OpenClaw or a plugin adds by itself, such as its heartbeat. `store_key` is the path
    under which a row is filed; a gateway reads only the rows of its own. `anchor` is when an interval was first
    counted from. `stagger` is the most seconds by which a gateway puts a cron expression off, for each job another.
    """

    id: str
    name: str
    schedule: str
    zone: str = ""
    enabled: bool = True
    declared: bool = False
    next_run: float | None = None
    last_status: str = ""
    consecutive_errors: int = 0
    store_key: str = ""
    last_run: float | None = None
    anchor: float | None = None
    stagger: float = 0.0


class CronStore(Fact):
    """The cron jobs in a state directory, and what is left of earlier ones.

    `in_file` are the jobs of `store`, the path of jobs.json; `in_database` the rows of `database` that are filed under
    that path; each is None when there is no such store. `foreign` are the rows filed under another path.
    `former` are the jobs in jobs.json.bak and jobs.json.migrated, and `traces` counts the recorded runs; both are only
    gathered when no job of a person's is left. `at` is the time of the check in seconds since the epoch.
    `state_dir` is None when the environment has none; `exists` is False when it names nothing.
    """

    at: float
    state_dir: str | None = None
    exists: bool = True
    store: str = ""
    database: str = ""
    in_file: tuple[CronJob, ...] | None = None
    in_database: tuple[CronJob, ...] | None = None
    foreign: tuple[CronJob, ...] = ()
    former: tuple[CronJob, ...] = ()
    traces: int = 0

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
        return tuple(job for job in self.in_file or () if job.id not in known)

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read every store there is. Raises CannotKnow when one is there and cannot be read or makes no sense."""
        await Pause(0)
        folder = world.environment.state_dir
        if folder is None or not is_folder(folder):
            return cls(at=world.at, state_dir=folder, exists=False)
        database = os.path.join(folder, "state", "openclaw.sqlite")
        rows, receipts, moved_to = _read_database(database) or (None, 0, None)
        configured = setting(*read_configuration(folder), "cron", "store") or moved_to
        store = store_path(configured, folder, world.home)
        in_file = _read_file(store)
        own = None if rows is None else tuple(job for job in rows if is_same_place(job.store_key, store))
        left = any(not job.declared for job in (own or in_file or ()))
        return cls(
            at=world.at,
            state_dir=folder,
            store=store,
            database=database,
            in_file=in_file,
            in_database=own,
            foreign=tuple(job for job in rows or () if not is_same_place(job.store_key, store)),
            former=() if left else (_read_file(f"{store}.bak") or ()) + (_read_file(f"{store}.migrated") or ()),
            traces=0 if left else receipts + _run_logs(os.path.join(os.path.dirname(store), "runs")),
        )


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


def _read_file(path: str) -> tuple[CronJob, ...] | None:
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
    return tuple(_job(job, f"job {number} of {path}", states) for number, job in enumerate(jobs, 1))


def _read_states(path: str) -> Mapping[str, Any]:
    """What the jobs did last, by id, where a version of the split era keeps that in a file of its own."""
    path = f"{path.removesuffix('.json')}-state.json"
    try:
        content = read_json5(path)
    except FileNotFoundError:
        return {}
    jobs = content.get("jobs") if isinstance(content, dict) else None
    if not isinstance(jobs, dict) or not all(isinstance(entry, dict) for entry in jobs.values()):
        raise CannotKnow(f"{path} is not a table of jobs")
    return {name: entry["state"] for name, entry in jobs.items() if "state" in entry}


def _read_database(path: str) -> tuple[list[CronJob], int, Any] | None:
    """The rows, the number of recorded runs, and `cron.store` where 2026.9 keeps it; None without a cron table."""
    if not os.path.lexists(path):
        return None
    from guardrails.facts.sqlite import check_table, has_table, open_read_only  # not for states without a database

    try:
        with open_read_only(path) as connection:
            if not has_table(connection, "cron_jobs"):
                return None
            check_table(connection, "cron_jobs")
            return _rows(connection, path), _receipts(connection), _machine_state(connection, path)
    except FileNotFoundError:
        return None


def _rows(connection: sqlite3.Connection, path: str) -> list[CronJob]:
    query = "SELECT store_key, job_id, name, enabled, job_json, state_json FROM cron_jobs ORDER BY 1, 2 LIMIT ?"
    jobs = []
    for key, identity, name, enabled, job, state in connection.execute(query, (JOBS_LIMIT + 1,)):
        where = f"row {identity} of cron_jobs in {path}"
        content = parse_json(str(job), where)
        if not isinstance(content, dict) or enabled not in (0, 1) or not isinstance(key, str):
            raise CannotKnow(f"{where} is not a job")
        columns = {"id": identity, "name": name, "enabled": bool(enabled), "state": parse_json(str(state), where)}
        jobs.append(_job({**content, **columns}, where, {}, key))
    if len(jobs) > JOBS_LIMIT:
        raise CannotKnow(f"{path} holds more than {JOBS_LIMIT} jobs")
    return jobs


def _receipts(connection: sqlite3.Connection) -> int:
    from guardrails.facts.sqlite import has_table

    if not has_table(connection, "cron_run_receipts"):
        return 0
    query = "SELECT count(*) FROM (SELECT 1 FROM cron_run_receipts LIMIT ?)"
    return int(connection.execute(query, (TRACES_LIMIT,)).fetchone()[0])


def _machine_state(connection: sqlite3.Connection, path: str) -> Any:
    from guardrails.facts.sqlite import has_table

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


def _job(content: Any, where: str, states: Mapping[str, Any], store_key: str = "") -> CronJob:
    """Read one job strictly: what OpenClaw would refuse or mend is not guessed at here."""
    try:
        identity, name, schedule = content["id"], content["name"], content["schedule"]
        state = states.get(identity) or content.get("state") or {}
        enabled, declared = content.get("enabled", True), content.get("declarationKey")
        status, errors = state.get("lastRunStatus") or state.get("lastStatus"), state.get("consecutiveErrors")
        if not (type(identity) is type(name) is str and identity and name and type(enabled) is bool):
            raise ValueError("no id, no name, or an `enabled` that is neither true nor false")
        if type(status or "") is not str or type(errors or 0) is not int:
            raise ValueError("a state that makes no sense")
        text, zone = stored_schedule(schedule)
        anchor = schedule.get("anchorMs", content.get("createdAtMs")) if schedule["kind"] == "every" else None
        return CronJob(
            identity,
            name,
            text,
            zone,
            enabled,
            declared=declared is not None,
            next_run=_seconds(state.get("nextRunAtMs")),
            last_status=status or "",
            consecutive_errors=errors or 0,
            store_key=store_key,
            last_run=_seconds(state.get("lastRunAtMs")),
            anchor=_seconds(anchor),
            stagger=_seconds(schedule.get("staggerMs")) or 0.0,
        )
    except KeyError as error:
        raise CannotKnow(f"{where} has no {error}") from None
    except (AttributeError, TypeError):
        raise CannotKnow(f"{where} is not a job with a schedule and a state") from None
    except (OverflowError, ValueError) as error:
        raise CannotKnow(f"{where} has {error}") from None


def _seconds(milliseconds: Any) -> float | None:
    if type(milliseconds) not in (type(None), int, float):
        raise ValueError("a state that makes no sense")
    return None if milliseconds is None else milliseconds / 1000

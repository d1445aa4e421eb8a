"""State directories as OpenClaw writes them: captured ones from outside the repository, and small ones made here."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

REAL_STATES = Path(__file__).parents[4] / "shared" / "data" / "openclaw"
REAL_VERSIONS = REAL_STATES.with_name("openclaw-versions")
OLD, NEW, MIGRATED = "2026.1.30/state", "2026.9.6/state", "2026.9.6/state-migrated-from-2026.1.30"
CAPTURED_AT = 1795348400.0  # seconds; when the states were captured, less than an hour after every next run

TABLES = """
    CREATE TABLE cron_jobs (store_key TEXT NOT NULL, job_id TEXT NOT NULL, name TEXT NOT NULL, enabled INTEGER NOT NULL,
        job_json TEXT NOT NULL, state_json TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (store_key, job_id)) STRICT;
    CREATE TABLE cron_run_receipts (receipt_id TEXT PRIMARY KEY, job_id TEXT NOT NULL) STRICT;
    CREATE TABLE config_machine_state (state_key TEXT NOT NULL PRIMARY KEY, value_json TEXT NOT NULL) STRICT;
"""


def real_state(name: str, target: Path, states: Path = REAL_STATES) -> Path:
    """A writable copy of a captured state directory; skips the test where there is none."""
    source = states / name
    if not source.is_dir():
        pytest.skip(f"real OpenClaw state not present: {source}")
    shutil.copytree(source, target)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    return target


def rehome(state: Path, old: str, tables: tuple[str, ...] = ("cron_jobs", "cron_run_receipts")) -> None:
    """File the rows of a copied state directory under its new place, as if it had always been there."""
    connection = sqlite3.connect(database(state))
    for table in tables:
        connection.execute(f"UPDATE {table} SET store_key = replace(store_key, ?, ?)", (old, str(state)))
    connection.commit()
    connection.close()


def listing(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Everything about a folder that a reader must leave alone: names, kinds, modes, times and bytes."""
    found: dict[str, tuple[Any, ...]] = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns, status.st_size, content)
    return found


def job(name: str, schedule: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    """A job as in jobs.json."""
    every = {"kind": "every", "everyMs": 1_800_000}
    return {"id": f"id-{name}", "name": name, "enabled": True, "schedule": schedule or every, "state": {}} | rest


def write_jobs(state: Path, *jobs: Any, name: str = "cron/jobs.json") -> Path:
    """Write a jobs.json."""
    path = state / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "jobs": list(jobs)}, indent=2))
    return path


def write_database(state: Path, *jobs: dict[str, Any], store_key: str = "") -> Path:
    """Write a database at rest, in WAL mode as OpenClaw leaves it after a clean stop."""
    path = database(state)
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(TABLES)
    key = store_key or str(state / "cron" / "jobs.json")
    rows = [
        (key, one["id"], one["name"], int(one["enabled"]), json.dumps(one), json.dumps(one["state"])) for one in jobs
    ]
    connection.executemany("INSERT INTO cron_jobs VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    assert not os.path.exists(f"{path}-wal")
    return path


def change(path: Path, *statements: str) -> None:
    """Run statements on a store."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def database(state: Path) -> Path:
    """Where the database of a state directory is."""
    return state / "state" / "openclaw.sqlite"

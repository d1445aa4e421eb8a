"""The cron store is read in every era, strictly, and without a trace."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, NothingAsked
from guardrails.testing import gather, world
from guardrails_policies.openclaw.cron import stores
from guardrails_policies.openclaw.cron.jobs import CronJob
from guardrails_policies.openclaw.cron.stores import CronStore
from progress import output_of
from worlds.openclaw_state import (
    CAPTURED_AT,
    MIGRATED,
    NEW,
    OLD,
    change,
    database,
    job,
    listing,
    real_state,
    rehome,
    write_database,
    write_jobs,
)


def look(state: Path | None, home: str = "/home/alice") -> CronStore:
    """Gather, and see to it that not a byte changed."""
    before = listing(state) if state and state.is_dir() else None
    found = gather(CronStore, world(state_dir=None if state is None else str(state), at=CAPTURED_AT, home=home))
    assert before is None or (state is not None and listing(state) == before)
    return found


def names(jobs: tuple[CronJob, ...] | None) -> list[str] | None:
    return None if jobs is None else sorted(job.name for job in jobs)


# Captured states


def test_captured_2026_1_30(tmp_path: Path) -> None:
    store = look(real_state(OLD, tmp_path / "state"))
    assert (store.in_database, store.foreign, store.former, store.traces) == (None, (), (), 0)
    assert store.jobs == (
        CronJob(
            "5b5af5b3-268d-43de-9a08-4968dc96aa61",
            "daily-report",
            "0 9 * * 1-5",
            "Europe/Berlin",
            next_run=1795420800.0,
        ),
        CronJob(
            "26ae25a4-e910-4933-bec7-820daef1f56a",
            "every-30m",
            "every 30m",
            next_run=1795349553.489,
            anchor=1795347470.068,
        ),
        CronJob("4cb1c3fa-43e8-48bf-9814-5e40c6e7e642", "one-shot", "2027-01-15T08:00:00Z", next_run=1800000000.0),
        CronJob("b3736984-9808-4545-b5b9-f158ff8ef8fa", "disabled-cleanup", "15 3 * * 0", enabled=False),
        CronJob(
            "861ebb4c-9e86-433c-9aa7-94690c5da2c4",
            "soon",
            "2026-11-22T11:38:31.457Z",
            enabled=False,
            last_status="ok",
            last_run=1795347511.46,
        ),
        CronJob(
            "2944be7f-c496-485d-974e-adda86e448c1",
            "failing",
            "every 1h",
            enabled=False,
            last_status="ok",
            last_run=1795347642.192,
            anchor=1795347638.129,
        ),
    )


def test_captured_2026_9_6_in_its_own_place(tmp_path: Path) -> None:
    state = real_state(NEW, tmp_path / "state")
    rehome(state, "/home/alice/.openclaw")
    store = look(state)
    assert store.in_file is None
    assert store.foreign == ()
    assert names(store.jobs) == [
        "Memory Dreaming Promotion",
        "daily-report",
        "disabled-cleanup",
        "every-30m",
        "failing",
        "heartbeat-main",
        "one-shot",
        "skill-collection-review-main",
    ]
    assert {job.name for job in store.jobs if job.managed} == {
        "Memory Dreaming Promotion",
        "heartbeat-main",
        "skill-collection-review-main",
    }
    failing = next(job for job in store.jobs if job.name == "failing")
    assert (failing.last_status, failing.consecutive_errors, failing.next_run) == ("error", 2, 1795351218.448)
    assert failing.store_key == f"{state}/cron/jobs.json"


@pytest.mark.parametrize(("name", "place"), [(NEW, "/home/alice/.openclaw"), (MIGRATED, "/home/alice/.openclaw-dev")])
def test_captured_rows_in_a_copied_directory_are_foreign(tmp_path: Path, name: str, place: str) -> None:
    store = look(real_state(name, tmp_path / "state"))
    assert store.jobs == ()
    assert {job.store_key for job in store.foreign} == {f"{place}/cron/jobs.json"}


def test_captured_migrated_state_has_the_old_jobs_and_a_heartbeat(tmp_path: Path) -> None:
    old = look(real_state(OLD, tmp_path / "old"))
    state = real_state(MIGRATED, tmp_path / "state")
    rehome(state, "/home/alice/.openclaw-dev")
    store = look(state)
    assert store.in_file is None
    assert {job.id for job in store.jobs if not job.managed} == {job.id for job in old.jobs}
    assert {(job.name, job.schedule, job.zone, job.enabled) for job in store.jobs if not job.managed} == {
        (job.name, job.schedule, job.zone, job.enabled) for job in old.jobs
    }
    assert names(tuple(job for job in store.jobs if job.managed)) == ["heartbeat-main"]


def test_captured_store_that_was_emptied_leaves_traces(tmp_path: Path) -> None:
    state = real_state(OLD, tmp_path / "state")
    write_jobs(state)
    store = look(state)
    assert store.jobs == ()
    assert len(store.former) == 6  # jobs.json.bak
    assert store.traces == 2  # run logs


def test_captured_store_emptied_under_2026_9_6(tmp_path: Path) -> None:
    state = real_state(NEW, tmp_path / "state")
    rehome(state, "/home/alice/.openclaw")
    change(database(state), "DELETE FROM cron_jobs")
    store = look(state)
    assert (store.in_database, store.former, store.traces) == ((), (), 2)  # the receipts of two runs


# Where the stores are


def test_no_state_directory_is_configured() -> None:
    with pytest.raises(NothingAsked, match="prod has no state_dir"):
        look(None)


def test_an_absent_state_directory_is_recorded(tmp_path: Path) -> None:
    store = look(tmp_path / "absent")
    assert (store.exists, store.in_file, store.in_database) == (False, None, None)


def test_a_state_directory_without_a_store_is_recorded(tmp_path: Path) -> None:
    store = look(tmp_path)
    assert (store.exists, store.in_file, store.in_database, store.jobs) == (True, None, None, ())


def test_a_state_directory_that_is_none_cannot_be_known(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotKnow, match="not a directory"):
        look(tmp_path / "file")


def test_a_symlinked_state_directory_is_the_same_place(tmp_path: Path) -> None:
    state = tmp_path / "real"
    write_database(state, job("daily"))
    (tmp_path / "link").symlink_to(state)
    assert names(look(tmp_path / "link").in_database) == ["daily"]


@pytest.mark.parametrize("written", ["{folder}/jobs.json", "~/jobs.json"])
def test_the_configured_store_is_honoured(tmp_path: Path, written: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    write_jobs(elsewhere, job("elsewhere"), name="jobs.json")
    state = tmp_path / "state"
    write_jobs(state, job("default"))
    (state / "openclaw.json").write_text("{cron: {store: '" + written.format(folder=elsewhere) + "'}, /* JSON5 */}")
    assert names(look(state, home=str(elsewhere)).jobs) == ["elsewhere"]


def test_the_store_may_be_configured_in_the_database(tmp_path: Path) -> None:
    state = tmp_path / "state"
    path = write_database(state, job("daily"), store_key="/srv/jobs.json")
    assert names(look(state).foreign) == ["daily"]
    change(path, """INSERT INTO config_machine_state VALUES ('cron.store', '"/srv/jobs.json"')""")
    assert names(look(state).in_database) == ["daily"]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ("{cron: {store: 'jobs.json'}}", "relative"),
        ("{cron: {store: 7}}", "not a path"),
        ("{cron: {store: '${HOME}/jobs.json'}}", "depends on the environment"),
        ("{cron: {$include: 'cron.json5'}}", "includes"),
        ("{$include: ['base.json5']}", "includes"),
        ("{cron: 'jobs.json'}", "no table"),
        ("[]", "no table"),
        ("{cron: {store: '/a'}", "not valid JSON"),
    ],
)
def test_a_configured_store_that_is_not_plain_cannot_be_known(tmp_path: Path, settings: str, complaint: str) -> None:
    write_jobs(tmp_path, job("daily"))
    (tmp_path / "openclaw.json").write_text(settings)
    with pytest.raises(CannotKnow, match=complaint):
        look(tmp_path)


def test_what_the_settings_say_themselves_wins_over_what_they_include(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("own"), name="own.json")
    (tmp_path / "openclaw.json").write_text(
        f"{{$include: 'x.json', cron: {{store: '{tmp_path}/own.json', enabled: true}}}}"
    )
    assert names(look(tmp_path).jobs) == ["own"]


# The eras


def test_the_state_of_the_split_era_is_beside_the_jobs(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("daily"), job("other", state={"lastStatus": "ok"}))
    states = {"id-daily": {"updatedAtMs": 1, "state": {"nextRunAtMs": 5000, "consecutiveErrors": 3}}}
    (tmp_path / "cron" / "jobs-state.json").write_text(json.dumps({"version": 1, "jobs": states}))
    daily, other = look(tmp_path).jobs
    assert (daily.next_run, daily.consecutive_errors) == (5.0, 3)
    assert other.last_status == "ok"


@pytest.mark.parametrize("content", ["[]", '{"jobs": []}', "{"])
def test_a_split_state_that_makes_no_sense_cannot_be_known(tmp_path: Path, content: str) -> None:
    write_jobs(tmp_path, job("daily"))
    (tmp_path / "cron" / "jobs-state.json").write_text(content)
    with pytest.raises(CannotKnow, match=r"jobs-state\.json"):
        look(tmp_path)


def test_the_database_decides_over_the_file(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("both"), job("only-file"))
    write_database(tmp_path, job("both"), job("only-database"))
    store = look(tmp_path)
    assert names(store.jobs) == ["both", "only-database"]
    assert names(store.stranded) == ["only-file"]


def test_an_empty_database_beside_a_file_leaves_its_jobs_stranded(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("daily"))
    write_database(tmp_path)
    store = look(tmp_path)
    assert (store.in_database, names(store.jobs), names(store.stranded)) == ((), ["daily"], ["daily"])


def test_what_openclaw_adds_by_itself_is_not_stranded(tmp_path: Path) -> None:
    promotion: dict[str, Any] = {"description": "[managed-by=memory-core.short-term-promotion] Promote"}
    write_jobs(tmp_path, job("old promotion", **promotion))
    write_database(tmp_path, job("daily"))
    assert look(tmp_path).stranded == ()


def test_a_database_without_a_cron_table_says_nothing_of_cron(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("daily"))
    change(write_database(tmp_path), "DROP TABLE cron_jobs")
    store = look(tmp_path)
    assert (store.in_database, store.stranded, names(store.jobs)) == (None, (), ["daily"])


def test_former_jobs_count_when_only_declared_ones_are_left(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("daily"), name="cron/jobs.json.migrated")
    write_database(tmp_path, job("heartbeat-main", declarationKey="heartbeat:main"))
    assert names(look(tmp_path).former) == ["daily"]
    write_database_again = tmp_path / "other"
    write_jobs(write_database_again, job("daily"), name="cron/jobs.json.migrated")
    write_database(write_database_again, job("mine"))
    assert look(write_database_again).former == ()


def test_a_live_gateway_is_read_as_it_committed(tmp_path: Path) -> None:
    path = write_database(tmp_path, job("daily"))
    script = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("UPDATE cron_jobs SET name = 'renamed', enabled = 0")
connection.execute("BEGIN IMMEDIATE")
connection.execute("DELETE FROM cron_jobs")
print("ready", flush=True)
sys.stdin.readline()
"""
    gateway = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert gateway.stdout is not None
    assert gateway.stdout.readline() == "ready\n"
    try:
        (found,) = look(tmp_path).jobs
    finally:
        output_of(gateway, "done\n")
    assert (found.name, found.enabled) == ("renamed", False)


# Schedules


@pytest.mark.parametrize(
    ("schedule", "text", "zone"),
    [
        ({"kind": "cron", "expr": " 0  9 * * mon-fri "}, "0 9 * * mon-fri", ""),
        ({"kind": "cron", "expr": "0 9 * * *", "tz": "Asia/Tokyo"}, "0 9 * * *", "Asia/Tokyo"),
        ({"kind": "every", "everyMs": 1_800_000}, "every 30m", ""),
        ({"kind": "every", "everyMs": 3_600_000}, "every 1h", ""),
        ({"kind": "every", "everyMs": 5_400_000}, "every 90m", ""),
        ({"kind": "every", "everyMs": 604_800_000, "anchorMs": 5}, "every 7d", ""),
        ({"kind": "every", "everyMs": 1001}, "every 1001ms", ""),
        ({"kind": "at", "atMs": 1800000000000}, "2027-01-15T08:00:00Z", ""),
        ({"kind": "at", "atMs": 1795347511457}, "2026-11-22T11:38:31.457Z", ""),
        ({"kind": "at", "at": "2027-01-15T08:00:00.000Z"}, "2027-01-15T08:00:00Z", ""),
        ({"kind": "at", "at": "2027-01-15T09:00:00+01:00"}, "2027-01-15T08:00:00Z", ""),
        ({"kind": "at", "at": "2027-01-15T08:00:00"}, "2027-01-15T08:00:00Z", ""),
        ({"kind": "on-exit", "command": "make"}, "on-exit make", ""),
        ({"kind": "stream", "command": "tail -f x"}, "stream tail -f x", ""),
    ],
)
def test_schedules_are_one_text_each(tmp_path: Path, schedule: dict[str, Any], text: str, zone: str) -> None:
    write_jobs(tmp_path, job("daily", schedule))
    (found,) = look(tmp_path).jobs
    assert (found.schedule, found.zone) == (text, zone)


# Garbage


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "7", "null", "{}", '{"jobs": {}}', '{"jobs": 7}', '{"version": 2, "jobs": []}', '{"jobs": [}'],
)
def test_a_store_that_makes_no_sense_cannot_be_known(tmp_path: Path, content: str) -> None:
    write_jobs(tmp_path).write_text(content)
    with pytest.raises(CannotKnow, match=r"cron/jobs\.json"):
        look(tmp_path)


def test_a_fifo_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "cron").mkdir()
    os.mkfifo(tmp_path / "cron" / "jobs.json")
    with pytest.raises(CannotKnow, match="FIFO"):
        gather(CronStore, world(state_dir=str(tmp_path), at=0.0))


def test_a_damaged_former_store_cannot_be_known_when_it_matters(tmp_path: Path) -> None:
    backup = write_jobs(tmp_path, name="cron/jobs.json.bak")
    backup.write_text("{")
    write_jobs(tmp_path, job("daily"))
    assert names(look(tmp_path).jobs) == ["daily"]
    write_jobs(tmp_path)
    with pytest.raises(CannotKnow, match=r"jobs\.json\.bak"):
        look(tmp_path)


def test_run_logs_that_are_no_folder_cannot_be_known(tmp_path: Path) -> None:
    write_jobs(tmp_path)
    (tmp_path / "cron" / "runs").touch()
    with pytest.raises(CannotKnow, match="runs cannot be read"):
        look(tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cron_jobs SET job_json = '{'",
        "UPDATE cron_jobs SET job_json = '[]'",
        "UPDATE cron_jobs SET job_json = '{}'",
        "UPDATE cron_jobs SET job_json = json_remove(job_json, '$.schedule')",
        "UPDATE cron_jobs SET state_json = '[1]'",
        "UPDATE cron_jobs SET state_json = 'x'",
        "UPDATE cron_jobs SET enabled = 7",
        "UPDATE cron_jobs SET name = ''",
    ],
)
def test_a_row_that_makes_no_sense_spoils_itself_alone(tmp_path: Path, statement: str) -> None:
    path = write_database(tmp_path, job("daily"), job("other"))
    change(path, f"{statement} WHERE job_id = 'id-daily'")
    store = look(tmp_path)
    assert {one.id: bool(one.problem) for one in store.jobs} == {"id-daily": True, "id-other": False}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cron_jobs SET job_json = CAST(x'ff' AS TEXT)",
        "ALTER TABLE cron_jobs DROP COLUMN state_json",
        "ALTER TABLE cron_jobs RENAME TO jobs",
    ],
)
def test_a_table_that_makes_no_sense_cannot_be_known(tmp_path: Path, statement: str) -> None:
    path = write_database(tmp_path, job("daily"))
    change(path, statement)
    if "RENAME" in statement:
        change(path, "CREATE VIEW cron_jobs AS SELECT * FROM jobs")
    with pytest.raises(CannotKnow, match=r"openclaw\.sqlite"):
        look(tmp_path)


def test_a_captured_database_that_is_cut_or_damaged_cannot_be_known(tmp_path: Path) -> None:
    state = real_state(NEW, tmp_path / "state")
    path = database(state)
    whole = path.read_bytes()
    connection = sqlite3.connect(path)
    query = "SELECT (rootpage - 1) * 4096 FROM sqlite_master WHERE tbl_name = 'cron_jobs' ORDER BY type, name"
    starts = [start for (start,) in connection.execute(query)]
    start = starts[-1]  # the table's own, after those of its indexes
    connection.close()
    for content in (
        *(whole[: one + 3] + bytes(2) + whole[one + 5 :] for one in starts),  # a page that says it holds nothing
        whole[: len(whole) // 2],
        whole[:-1],
        whole[:start] + bytes(4096) + whole[start + 4096 :],
        b"x" * len(whole),
    ):
        path.write_bytes(content)
        with pytest.raises(CannotKnow, match=r"openclaw\.sqlite"):
            look(state)


def test_the_number_of_jobs_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "JOBS_LIMIT", 2)
    write_jobs(tmp_path, job("a"), job("b"))
    assert len(look(tmp_path).jobs) == 2
    write_jobs(tmp_path, job("a"), job("b"), job("c"))
    with pytest.raises(CannotKnow, match="more than 2 jobs"):
        look(tmp_path)
    write_jobs(tmp_path)
    write_database(tmp_path, job("a"), job("b"), job("c"))
    with pytest.raises(CannotKnow, match="more than 2 jobs"):
        look(tmp_path)


def test_the_number_of_traces_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "TRACES_LIMIT", 3)
    write_jobs(tmp_path)
    (tmp_path / "cron" / "runs").mkdir()
    for number in range(5):
        (tmp_path / "cron" / "runs" / f"{number}.jsonl.migrated").touch()
    assert look(tmp_path).traces == 3


def test_the_runs_of_2026_6_and_2026_7_are_traces_too(tmp_path: Path) -> None:
    path = write_database(tmp_path)
    change(path, "CREATE TABLE cron_run_logs (job_id TEXT)", "INSERT INTO cron_run_logs VALUES ('a'), ('b')")
    assert look(tmp_path).traces == 2


# What keeps a gateway from running jobs


@pytest.mark.parametrize(
    ("settings", "dotenv", "off"),
    [
        ("{cron: {enabled: false}}", "", "cron.enabled is false"),
        ("{env: {vars: {OPENCLAW_SKIP_CRON: '1'}}}", "", "openclaw.json"),
        ("{env: {OPENCLAW_SKIP_CRON: '1'}}", "", "openclaw.json"),
        ("{}", "A=b\nexport OPENCLAW_SKIP_CRON='1' # for now\n", ".env"),
        ("{}", "OPENCLAW_SKIP_CRON=1\n", ".env"),
        ("{}", "#OPENCLAW_SKIP_CRON=1\nOPENCLAW_SKIP_CRON=0\nNOT_OPENCLAW_SKIP_CRON=1\n", ""),
        ("{cron: {enabled: true}, env: {OPENCLAW_SKIP_CRON: 'true'}}", "", ""),
    ],
)
def test_a_scheduler_that_is_switched_off(tmp_path: Path, settings: str, dotenv: str, off: str) -> None:
    write_jobs(tmp_path, job("daily"))
    (tmp_path / "openclaw.json").write_text(settings)
    (tmp_path / ".env").write_text(dotenv)
    store = look(tmp_path)
    assert (off in store.off, bool(store.off)) == (True, bool(off))
    assert store.paused == ("enabled: false" in settings)


def test_a_scheduler_that_the_environment_or_its_service_switches_off(tmp_path: Path) -> None:
    write_jobs(tmp_path / "state", job("daily"))
    place: dict[str, Any] = {"state_dir": str(tmp_path / "state"), "at": CAPTURED_AT, "home": str(tmp_path)}
    variables = gather(CronStore, world(variables={"OPENCLAW_SKIP_CRON": "1"}, **place))
    assert variables.off == "OPENCLAW_SKIP_CRON is 1 in the variables of prod"
    unit = tmp_path / ".config" / "systemd" / "user" / "openclaw-gateway.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\nExecStart=/usr/bin/node /x/dist/index.js gateway\nEnvironment=OPENCLAW_SKIP_CRON=1\n")
    service = gather(CronStore, world(service="openclaw-gateway", **place))
    assert service.off == f"OPENCLAW_SKIP_CRON is 1 in {unit}"


# Versions


def package(folder: Path, version: str) -> str:
    """A repository of that version."""
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"name": "openclaw", "version": version}))
    return str(folder)


@pytest.mark.parametrize(
    ("version", "enabled"),
    [("2026.1.30", False), ("2026.2.1", False), ("2026.2.9", True), ("2026.9.6", True), ("", None), ("2026.2.3", None)],
)
def test_whether_a_job_runs_that_does_not_say_it_is_for_the_version(
    tmp_path: Path, version: str, enabled: bool | None
) -> None:
    unsaid = job("daily")
    del unsaid["enabled"]
    write_jobs(tmp_path / "state", unsaid)
    repo = package(tmp_path / "repo", version)
    store = gather(CronStore, world(repo, state_dir=str(tmp_path / "state"), at=CAPTURED_AT))
    assert [one.enabled for one in store.jobs] == [enabled]


def test_the_path_of_the_store_is_a_setting_in_older_versions_alone(tmp_path: Path) -> None:
    write_jobs(tmp_path / "state", job("default"))
    write_jobs(tmp_path, job("elsewhere"), name="jobs.json")
    (tmp_path / "state" / "openclaw.json").write_text(f"{{cron: {{store: '{tmp_path}/jobs.json'}}}}")
    found = {}
    for version in ("2026.7.1-2", "2026.8.2", "2026.9.6"):
        repo = package(tmp_path / "repo", version)
        found[version] = names(gather(CronStore, world(repo, state_dir=str(tmp_path / "state"), at=CAPTURED_AT)).jobs)
    assert found == {"2026.7.1-2": ["elsewhere"], "2026.8.2": ["default"], "2026.9.6": ["default"]}


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ({"kind": "cron", "expr": "0 9 * * *", "tz": "Europe/Berln"}, "is not a time zone"),
        ({"kind": "cron", "expr": "0 0 31 2 *"}, "never fires"),
        ({"kind": "cron", "expr": "61 * * * *"}, "croner 10.0 refuses"),
        ({"kind": "cron", "expr": "0 9 * * *", "tz": "europe/berlin"}, ""),
        ({"kind": "cron", "expr": "0 9 15W * *", "tz": " UTC "}, ""),
        ({"kind": "every", "everyMs": 60000}, ""),
    ],
)
def test_what_no_gateway_can_compute_is_a_problem_of_its_job(
    tmp_path: Path, schedule: dict[str, Any], problem: str
) -> None:
    write_jobs(tmp_path / "state", job("daily", schedule), job("off", schedule, enabled=False), job("good"))
    repo = package(tmp_path / "repo", "2026.9.6")
    daily, off, good = gather(CronStore, world(repo, state_dir=str(tmp_path / "state"), at=CAPTURED_AT)).jobs
    assert (problem in daily.problem, bool(daily.problem)) == (True, bool(problem))
    assert (off.problem, good.problem) == ("", "")


def test_a_version_that_keeps_jobs_in_files_reads_no_database(tmp_path: Path) -> None:
    """After a downgrade the jobs that were moved to the database are lost to the gateway."""
    write_database(tmp_path / "state", job("daily"))
    found = {}
    for version in ("2026.1.30", "2026.5.12", "2026.6.1", "2026.9.6", ""):
        repo = package(tmp_path / "repo", version)
        store = gather(CronStore, world(repo, state_dir=str(tmp_path / "state"), at=CAPTURED_AT))
        found[version] = (names(store.jobs), bool(store.database))
    files: tuple[list[str], bool] = ([], False)
    moved = (["daily"], True)
    assert [found[version] for version in ("2026.1.30", "2026.5.12")] == [files, files]
    assert [found[version] for version in ("2026.6.1", "2026.9.6", "")] == [moved, moved, moved]

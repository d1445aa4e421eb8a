"""One stored job is read strictly, in every era, and what cannot be read spoils it alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardrails_policies.openclaw.cron.jobs import row_job, stored_job
from worlds.openclaw_state import job

CRON = {"kind": "cron", "expr": "0 9 * * *"}
BROKEN_JOBS: list[Any] = [
    7,
    None,
    [],
    {"name": "n", "schedule": CRON},
    {"id": "i", "schedule": CRON},
    {"id": "i", "name": "n"},
    {"id": "", "name": "n", "schedule": CRON},
    {"id": "i", "name": "", "schedule": CRON},
    {"id": 1, "name": "n", "schedule": CRON},
    {"id": "i", "name": ["n"], "schedule": CRON},
    {"id": ["i"], "name": "n", "schedule": CRON},
    job("n", enabled="yes"),
    job("n", enabled=1),
    job("n") | {"schedule": "0 9 * * *"},
    job("n") | {"schedule": {}},
    job("n", schedule={"kind": "cron", "expr": "0 9 * * *", "tz": 7}),
    job("n", schedule={"kind": "cron"}),
    job("n", schedule={"kind": "cron", "expr": ""}),
    job("n", schedule={"kind": "lunar"}),
    job("n", schedule={"kind": ["cron"]}),
    job("n", schedule={"kind": "every"}),
    job("n", schedule={"kind": "every", "everyMs": 0}),
    job("n", schedule={"kind": "every", "everyMs": -60000}),
    job("n", schedule={"kind": "every", "everyMs": True}),
    job("n", schedule={"kind": "at"}),
    job("n", schedule={"kind": "at", "at": "tomorrow"}),
    job("n", schedule={"kind": "at", "atMs": 10**30}),
    job("n", state=7),
    job("n", state={"nextRunAtMs": "soon"}),
    job("n", state={"nextRunAtMs": 10**400}),
    job("n", state={"consecutiveErrors": "many"}),
    job("n", state={"lastStatus": ["ok"]}),
]


@pytest.mark.parametrize("broken", BROKEN_JOBS, ids=lambda one: str(one)[:60])
def test_a_job_that_makes_no_sense_carries_its_problem(broken: Any) -> None:
    found = stored_job(broken, "job 2 of x", "2026.9.6")
    assert found.problem
    assert found.schedule == ""
    assert found.id
    assert found.name
    assert found.enabled is None


def test_a_job_that_makes_no_sense_keeps_its_name_and_whether_it_is_off() -> None:
    found = stored_job({"id": "i", "name": "n", "enabled": False, "schedule": 7}, "job 1", "")
    assert (found.id, found.name, found.enabled) == ("i", "n", False)


@pytest.mark.parametrize(
    ("content", "managed"),
    [
        ({"declarationKey": "heartbeat:main"}, True),
        ({"declarationKey": "skill-collection-review:main"}, True),
        ({"declarationKey": "memory-core:memory-dreaming-promotion"}, True),
        ({"description": "[managed-by=memory-core.short-term-promotion] Promote"}, True),  # before there were keys
        ({"declarationKey": "my:job"}, False),  # of `cron add --declaration-key`
        ({"description": "promotes what [managed-by=x] says"}, False),
        ({}, False),
    ],
)
def test_which_jobs_openclaw_adds_by_itself(content: dict[str, Any], managed: bool) -> None:
    assert stored_job(job("n", **content), "", "").managed is managed


def test_what_the_gateway_could_not_compute_is_a_problem() -> None:
    state = {"scheduleErrorCount": 2, "lastError": "schedule error: RangeError"}
    assert stored_job(job("n", state=state), "", "").problem.endswith("next run: schedule error: RangeError")
    assert stored_job(job("n", state={**state, "nextRunAtMs": 5000}), "", "").problem == ""
    assert stored_job(job("n", state={"scheduleErrorCount": 1}), "", "").problem.endswith("no reason is recorded")


def row(content: dict[str, Any], **columns: Any) -> dict[str, Any]:
    plain = {"store_key": "/s", "job_id": content["id"], "name": content["name"], "enabled": 1}
    return plain | {"job_json": json.dumps(content), "state_json": "{}"} | columns


def test_the_columns_of_2026_6_and_2026_7_win_over_what_is_in_json() -> None:
    flat = {"schedule_kind": "cron", "schedule_expr": "0 7 * * *", "schedule_tz": "Asia/Tokyo", "stagger_ms": 60_000}
    state = {"next_run_at_ms": 5000, "last_run_status": "error", "consecutive_errors": 2, "last_run_at_ms": None}
    found = row_job(row(job("n"), **flat, **state, state_json='{"nextRunAtMs": 1, "lastRunAtMs": 2000}'), "", "")
    assert (found.schedule, found.zone, found.stagger) == ("0 7 * * *", "Asia/Tokyo", 60.0)
    assert (found.next_run, found.last_run, found.last_status, found.consecutive_errors) == (5.0, 2.0, "error", 2)
    every = row_job(row(job("n"), schedule_kind="every", every_ms=60_000, anchor_ms=1000), "", "")
    assert (every.schedule, every.anchor) == ("every 1m", 1.0)
    once = row_job(row(job("n"), schedule_kind="at", at="2027-01-15T08:00:00.000Z"), "", "")
    assert once.schedule == "2027-01-15T08:00:00Z"
    assert row_job(row(job("n"), schedule_kind="cron", schedule_expr=None), "", "").problem


def test_the_json_of_later_versions_is_all_there_is() -> None:
    cron = {"kind": "cron", "expr": "0 7 * * *"}
    assert row_job(row(job("n", cron), enabled=0), "", "").replaced(store_key="").enabled is False
    assert row_job(row(job("n", cron)), "", "").schedule == "0 7 * * *"

"""When jobs fire. What is expected of an expression is what croner 9.1 and 10.0, and their gateways, said of it."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, NothingAsked
from guardrails.facts.calendar import time_zone
from guardrails.testing import gather, world
from guardrails_policies.openclaw.cron import next_fires
from guardrails_policies.openclaw.cron.jobs import CronJob
from guardrails_policies.openclaw.cron.next_fires import FIRES_KEPT, CronFires, JobFires
from guardrails_policies.openclaw.cron.stores import CronStore
from worlds.openclaw_state import (
    CAPTURED_AT,
    NEW,
    OLD,
    REAL_VERSIONS,
    database,
    job,
    listing,
    real_state,
    rehome,
    write_database,
    write_jobs,
)

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
SUNDAY = "2026-11-22T12:53:20+01:00"  # CAPTURED_AT in Berlin
AT = CAPTURED_AT


def cron(expression: str, zone: str = "UTC", **rest: Any) -> dict[str, Any]:
    return {"kind": "cron", "expr": expression, "tz": zone, **rest}


def look(state: Path, within: str = "30m", at: float = AT) -> CronFires:
    """Gather, and see to it that not a byte changed."""
    before = listing(state)
    found = gather(CronFires, world(state_dir=str(state), at=at, home="/home/alice"), within)
    assert listing(state) == before
    return found


def only(folder: Path, schedule: dict[str, Any], within: str = "30m", at: float = AT, **rest: Any) -> JobFires:
    """What is found of a store with one enabled job."""
    write_jobs(folder, job("one", schedule, **rest))
    jobs = look(folder, within, at).jobs
    return jobs[0] if jobs else JobFires(CronJob("id-one", "one", ""))


def local(moments: tuple[float, ...], zone: str) -> list[str]:
    return [datetime.fromtimestamp(at, time_zone(zone)).isoformat() for at in moments]


# Cron expressions


@pytest.mark.parametrize(
    ("expression", "within", "expected"),
    [
        ("0 9 * * 1-5", "50h", "2026-11-23T09:00:00 2026-11-24T09:00:00"),
        ("0 0 15 * 1", "16d", "2026-11-23 2026-11-30 2026-12-07"),  # of the month or of the week
        ("0 0 13 * FRI", "13d", "2026-11-27 2026-12-04"),
        ("0 0 */2 * 1", "6d", "2026-11-23 2026-11-25 2026-11-27"),  # a step is not every day: either will do
        ("0 0 1 * */2", "6d", "2026-11-24 2026-11-26 2026-11-28"),
        ("0 0 * * */2", "5d", "2026-11-24 2026-11-26"),
        ("0 0 */10 * *", "20d", "2026-12-01 2026-12-11"),
        ("0 0 1,15 * *", "30d", "2026-12-01 2026-12-15"),
        ("0 0 L * *", "40d", "2026-11-30 2026-12-31"),
        ("0 0 * * 1#2", "30d", "2026-12-14"),
        ("0 0 * * MON#1", "30d", "2026-12-07"),
        ("0 0 * * 7", "15d", "2026-11-29 2026-12-06"),
        ("0 12 * JAN-MAR MON", "51d", "2027-01-04T12:00:00 2027-01-11T12:00:00"),
        ("0 0 29 2 *", "999d", "2028-02-29"),
        ("5/15 * * * *", "30m", "2026-11-22T13:05:00 2026-11-22T13:20:00"),
        ("30 15 2 * * *", "40h", "2026-11-23T02:15:30 2026-11-24T02:15:30"),  # with seconds
        ("*/20 * * * * *", "50s", "2026-11-22T12:53:20 2026-11-22T12:53:40 2026-11-22T12:54:00"),
        ("@hourly", "2h", "2026-11-22T13:00:00 2026-11-22T14:00:00"),
        ("@daily", "40h", "2026-11-23 2026-11-24"),
        ("@midnight", "20h", "2026-11-23"),
        ("@weekly", "14d", "2026-11-29 2026-12-06"),
        ("@monthly", "50d", "2026-12-01 2027-01-01"),
        ("@yearly", "50d", "2027-01-01"),
        ("@annually", "50d", "2027-01-01"),
        ("0 0 *,15 * 1", "2d", "2026-11-23 2026-11-24"),  # a star in a list is no star, and means every day
        ("0 0 15W * *", "30d", "2026-12-15"),
        ("0 0 LW * *", "30d", "2026-11-30"),
        ("0 0 13 * +7", "90d", "2026-12-13"),
        ("0 0 * * FRI-SUN", "6d", "2026-11-27 2026-11-28"),
        ("0 0 30 2 *", "999d", ""),
        ("0 0 0 1 1 * 2028", "800d", "2028-01-01"),
    ],
)
def test_what_an_expression_means(tmp_path: Path, expression: str, within: str, expected: str) -> None:
    found = only(tmp_path, cron(expression, BERLIN), within)
    assert local(found.times, BERLIN) == [
        datetime.fromisoformat(one).replace(tzinfo=time_zone(BERLIN)).isoformat() for one in expected.split()
    ]


@pytest.mark.parametrize(
    ("expression", "zone", "start", "within", "older", "newer"),
    [
        # The clocks skip 02:00 to 03:00: the older gateway fires an hour later, the newer one not at all.
        ("30 2 * * *", BERLIN, "2026-03-29T00:00:00+01:00", "24h", "29T03:30:00+02:00", ""),
        ("30 2 * * *", BERLIN, "2026-03-29T03:10:00+02:00", "1h", "29T03:30:00+02:00", ""),
        ("15 2 * * 0", BERLIN, "2026-03-29T00:00:00+01:00", "24h", "29T03:15:00+02:00", ""),
        ("0 */2 * * *", BERLIN, "2026-03-29T00:30:00+01:00", "2h", "29T03:00:00+02:00", ""),
        ("30 2 * * *", NEW_YORK, "2026-03-08T01:00:00-05:00", "24h", "08T03:30:00-04:00", ""),
        # The clocks show 02:00 to 03:00 twice: the older gateway fires the second time, the newer one the first.
        ("30 2 * * *", BERLIN, "2026-10-25T02:00:00+02:00", "24h", "25T02:30:00+01:00", "25T02:30:00+02:00"),
        ("30 2 * * *", BERLIN, "2026-10-25T02:45:00+02:00", "1h", "25T02:30:00+01:00", ""),
        ("15 2 * * 0", BERLIN, "2026-10-25T02:00:00+02:00", "24h", "25T02:15:00+01:00", "25T02:15:00+02:00"),
        ("30 1 * * *", NEW_YORK, "2026-11-01T01:00:00-04:00", "24h", "01T01:30:00-04:00", "01T01:30:00-04:00"),
    ],
)  # fmt: skip
def test_around_a_change_of_the_clocks_whatever_some_version_does_counts(
    tmp_path: Path, expression: str, zone: str, start: str, within: str, older: str, newer: str
) -> None:
    found = only(tmp_path, cron(expression, zone), within, datetime.fromisoformat(start).timestamp())
    times = local(found.times, zone)
    assert {start[:8] + one for one in (older + " " + newer).split()} <= set(times)
    assert len(times) <= 2, "and no more than both may do"


def test_the_clocks_of_the_zone_count_and_not_those_of_the_machine(tmp_path: Path) -> None:
    for number, zone in enumerate(("UTC", BERLIN, "Asia/Kolkata", "Australia/Lord_Howe")):
        moment = datetime.fromisoformat("2026-11-23T09:00:00").replace(tzinfo=time_zone(zone)).timestamp()
        assert only(tmp_path / str(number), cron("0 9 * * *", zone), "23h", moment - 60).times == (moment,)


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        (cron("60 * * * *"), "'60' is no minute"),
        (cron("0 22-3 * * *"), "the range of the hour goes from 22 to 3"),
        (cron("* * *"), "it has 3 fields"),
        (cron("@reboot"), "it has 1 fields"),
        (cron("0 9 * * *", "Europe/Atlantis"), "'Europe/Atlantis' is not a time zone"),
        (cron("0 9 * * *", "../passwd"), "is not a time zone"),
        (cron("0 9 * * *", "posixrules"), "is not a time zone"),
        (cron("0 9 * * *", "+01:00:30"), "is not an offset"),
    ],
)
def test_an_expression_that_cannot_be_read_is_said_of_its_job(
    tmp_path: Path, schedule: dict[str, Any], why: str
) -> None:
    found = only(tmp_path, schedule)
    assert why in found.unknown
    assert found.times == ()


def test_a_time_that_lies_on_either_edge_counts(tmp_path: Path) -> None:
    nine = datetime.fromisoformat("2026-11-23T09:00:00+00:00").timestamp()
    for at, fire in ((nine, True), (nine - 1800, True), (nine + 0.5, False), (nine - 1800.5, False)):
        assert only(tmp_path, cron("0 9 * * *"), "30m", at).times == ((nine,) if fire else ())


def put_off(most: int) -> float:
    return int.from_bytes(hashlib.sha256(b"id-one").digest()[:4], "big") % most / 1000


@pytest.mark.parametrize(
    ("version", "expression", "rest", "late"),
    [
        ("2026.9.6", "0 * * * *", {"staggerMs": 300_000}, [put_off(300_000)]),
        ("2026.9.6", "0 * * * *", {"staggerMs": 60_000}, [put_off(60_000)]),
        ("2026.9.6", "0 9 * * *", {"staggerMs": 60_000}, [put_off(60_000)]),
        ("2026.9.6", "0 * * * *", {"staggerMs": 0}, [0]),
        ("2026.9.6", "0 * * * *", {}, [put_off(300_000)]),  # on the hour, a gateway puts it off by itself
        ("2026.9.6", "0 0 */3 * * *", {}, [put_off(300_000)]),
        ("2026.9.6", "0 9 * * *", {}, [0]),
        ("2026.1.30", "0 * * * *", {"staggerMs": 300_000}, [0]),  # before there was such a thing
        ("", "0 * * * *", {}, [0, put_off(300_000)]),  # whichever version it is
    ],
)
def test_a_job_may_be_put_off_by_an_amount_of_its_own(
    tmp_path: Path, version: str, expression: str, rest: dict[str, Any], late: list[float]
) -> None:
    nine = datetime.fromisoformat("2026-11-23T09:00:00+00:00").timestamp()
    write_jobs(tmp_path / "state", job("one", cron(expression, **rest)))
    (tmp_path / "package.json").write_text(f'{{"version": "{version}"}}')
    place = world(tmp_path, state_dir=str(tmp_path / "state"), at=nine - 60)
    assert gather(CronFires, place, "30m").jobs[0].times == tuple(nine + one for one in late)


def test_a_job_that_is_put_off_fires_after_the_hour(tmp_path: Path) -> None:
    nine, late = datetime.fromisoformat("2026-11-23T09:00:00+00:00").timestamp(), put_off(300_000)
    assert nine + late in only(tmp_path, cron("0 * * * *", staggerMs=300_000), "1h", nine + late - 1).times


@pytest.mark.parametrize(
    ("version", "expression", "fires"),
    [
        ("2026.1.30", "0 9 * * 5L", True),  # every Friday to croner 9.1
        ("2026.9.6", "0 9 * * 5L", False),  # the last one to croner 10.0
        ("", "0 9 * * 5L", True),
        ("2026.9.6", "0 9 20W * *", True),
        ("", "0 9 20W * *", True),
    ],
)
def test_an_expression_means_what_it_does_to_the_version(
    tmp_path: Path, version: str, expression: str, fires: bool
) -> None:
    write_jobs(tmp_path / "state", job("one", cron(expression)))
    (tmp_path / "package.json").write_text(f'{{"version": "{version}"}}')
    friday = datetime.fromisoformat("2026-11-20T08:50:00+00:00").timestamp()
    place = world(tmp_path, state_dir=str(tmp_path / "state"), at=friday)
    assert bool(gather(CronFires, place, "30m").jobs) == fires


def test_the_capitals_of_a_zone_do_not_matter_to_a_gateway(tmp_path: Path) -> None:
    moment = datetime.fromisoformat("2026-11-23T09:00:00+01:00").timestamp()
    for number, zone in enumerate(("europe/berlin", "EUROPE/BERLIN", " Europe/Berlin ", "+01:00", "+0100")):
        assert only(tmp_path / str(number), cron("0 9 * * *", zone), "23h", moment - 60).times == (moment,)


def test_only_the_first_fires_are_kept(tmp_path: Path) -> None:
    assert len(only(tmp_path, cron("* * * * * *"), "52w").times) == FIRES_KEPT
    assert len(only(tmp_path, {"kind": "every", "everyMs": 1}, "52w", createdAtMs=0).times) == FIRES_KEPT


# Jobs without a zone


def test_jobs_without_a_zone_are_taken_in_that_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_jobs(tmp_path, job("one", {"kind": "cron", "expr": "0 9 * * *"}))
    zone = "/usr/share/zoneinfo/America/New_York"
    if not os.path.exists(zone):
        pytest.skip("needs a database of time zones")
    monkeypatch.setattr(next_fires, "LOCAL_ZONE", zone)
    found = look(tmp_path, "24h")
    assert (found.local_zone, local(found.jobs[0].times, NEW_YORK)) == (NEW_YORK, ["2026-11-22T09:00:00-05:00"])
    copy = tmp_path / "localtime"
    copy.write_bytes(Path(zone).read_bytes())
    monkeypatch.setattr(next_fires, "LOCAL_ZONE", str(copy))
    assert (look(tmp_path, "24h").local_zone, look(tmp_path, "24h").jobs) == (str(copy), found.jobs)
    copy.write_bytes(b"TZif")
    with pytest.raises(CannotKnow, match="is not a time zone"):
        look(tmp_path)
    monkeypatch.setattr(next_fires, "LOCAL_ZONE", str(tmp_path / "absent"))
    assert look(tmp_path, "24h").local_zone == "UTC"


def test_the_zone_of_the_machine_is_not_asked_for_when_no_job_needs_it(tmp_path: Path) -> None:
    zoned, at = job("zoned", cron("0 9 * * *")), job("at", {"kind": "at", "atMs": round(AT * 1000)})
    write_jobs(tmp_path, zoned, at, job("every"), job("off", {"kind": "cron", "expr": "0 9 * * *"}, enabled=False))
    assert look(tmp_path).local_zone == ""


# Intervals


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ({"state": {"nextRunAtMs": (AT + 60) * 1000}}, [60, 660, 1260]),  # what the gateway computed
        ({"state": {"nextRunAtMs": (AT - 60) * 1000}}, [0, 600, 1200, 1800]),  # overdue: at once
        ({"createdAtMs": (AT - 1500) * 1000}, [300, 900, 1500]),
        ({"createdAtMs": (AT - 1200) * 1000}, [0, 600, 1200, 1800]),
        ({"createdAtMs": (AT + 1700) * 1000}, [1700]),  # it begins in the future
        ({"createdAtMs": (AT - 1500) * 1000, "state": {"lastRunAtMs": (AT - 100) * 1000}}, [500, 1100, 1700]),
        ({"createdAtMs": (AT - 1500) * 1000, "state": {"lastRunAtMs": (AT - 700) * 1000}}, [300, 900, 1500]),
    ],
)
def test_an_interval(tmp_path: Path, rest: dict[str, Any], expected: list[int]) -> None:
    found = only(tmp_path, {"kind": "every", "everyMs": 600_000}, **rest)
    assert [round(at - AT, 3) for at in found.times] == expected


def test_an_anchor_goes_before_the_time_of_creation(tmp_path: Path) -> None:
    every = {"kind": "every", "everyMs": 600_000, "anchorMs": round((AT - 1500) * 1000)}
    assert only(tmp_path, every, "5m", createdAtMs=1).times == (AT + 300,)


def test_an_interval_that_counts_from_nowhere_cannot_be_told(tmp_path: Path) -> None:
    found = only(tmp_path, {"kind": "every", "everyMs": 600_000})
    assert found.unknown == "neither a next run nor a time from which the interval counts"


# Moments


@pytest.mark.parametrize(
    ("after", "state", "expected"),
    [
        (60, {}, [60]),
        (1800, {}, [1800]),
        (1801, {}, []),
        (-60, {}, [0]),  # it has not run yet, so it is still due
        (-60, {"lastStatus": "error", "lastRunAtMs": (AT - 50) * 1000}, [0]),
        (-60, {"lastStatus": "ok", "lastRunAtMs": (AT - 50) * 1000}, []),
        (60, {"lastStatus": "ok", "lastRunAtMs": (AT - 50) * 1000}, [60]),  # it was given another time since
    ],
)
@pytest.mark.parametrize("form", ["atMs", "at"])
def test_a_moment(tmp_path: Path, form: str, after: int, state: dict[str, Any], expected: list[int]) -> None:
    moment = datetime.fromtimestamp(AT, time_zone("UTC")) + timedelta(seconds=after)
    value = round(moment.timestamp() * 1000) if form == "atMs" else moment.isoformat()
    found = only(tmp_path, {"kind": "at", form: value}, state=state)
    assert [at - AT for at in found.times] == expected


# The state that a gateway keeps


def test_an_overdue_job_fires_at_once(tmp_path: Path) -> None:
    found = only(tmp_path, cron("0 3 * * *"), state={"nextRunAtMs": (AT - 3600) * 1000})
    assert (found.times, found.overdue) == ((AT,), AT - 3600)


def test_a_next_run_that_the_schedule_does_not_know_counts_as_well(tmp_path: Path) -> None:
    """A retry after an error is such a one."""
    found = only(tmp_path, cron("0 12 * * *"), state={"nextRunAtMs": (AT + 90) * 1000})
    assert (found.times, found.overdue) == ((AT + 90, AT + 400), None)


def test_a_job_that_waits_for_a_command_may_fire_at_any_time(tmp_path: Path) -> None:
    write_database(tmp_path, job("exit", {"kind": "on-exit", "command": "make"}), job("stream", {"kind": "stream"}))
    assert [one.any_time for one in look(tmp_path).jobs] == [True, True]


def test_disabled_jobs_and_those_that_do_not_fire_are_left_out(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("off", cron("* * * * *"), enabled=False), job("later", cron("0 3 * * *")))
    assert look(tmp_path).jobs == ()


def test_a_job_whose_times_cannot_be_told_does_not_hide_the_others(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("broken", cron("61 * * * *")), job("minutely", cron("* * * * *")))
    assert sorted(one.job.name for one in look(tmp_path).jobs) == ["broken", "minutely"]


def test_the_settings_may_turn_all_jobs_off(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("minutely", cron("* * * * *")))
    (tmp_path / "openclaw.json").write_text("{cron: {enabled: false}}")
    assert (look(tmp_path).paused, look(tmp_path).jobs) == (True, ())
    (tmp_path / "openclaw.json").write_text("{cron: {enabled: true}}")
    assert (look(tmp_path).paused, len(look(tmp_path).jobs)) == (False, 1)


def test_without_a_state_directory_there_is_nothing_to_fire(tmp_path: Path) -> None:
    with pytest.raises(NothingAsked):
        gather(CronFires, world(at=AT), "30m")
    missing = gather(CronFires, world(at=AT, state_dir=str(tmp_path / "absent")), "30m")
    assert (missing.store.exists, missing.jobs) == (False, ())


def test_a_store_that_cannot_be_read_cannot_be_known(tmp_path: Path) -> None:
    write_jobs(tmp_path).write_text('{"version": 1, "jobs": [')
    with pytest.raises(CannotKnow, match="not valid JSON"):
        look(tmp_path)


def test_a_thousand_jobs_take_a_moment(tmp_path: Path) -> None:
    """At 12:53 on a Sunday, an hour ahead."""
    write_jobs(tmp_path, *(job(f"{n}", cron(f"{n % 60} {n % 24} * * {n % 7}", BERLIN)) for n in range(1000)))
    due = [n for n in range(0, 1000, 7) if (n % 24 == 12 and n % 60 > 53) or (n % 24 == 13 and n % 60 <= 53)]
    assert sorted(int(one.job.name) for one in look(tmp_path, "60m").jobs) == due
    assert due


# Captured states: the gateways had computed these next runs themselves


@pytest.mark.parametrize("name", [OLD, NEW])
def test_what_the_gateways_had_computed_follows_from_the_schedules(tmp_path: Path, name: str) -> None:
    state = real_state(name, tmp_path / "state")
    if name == NEW:
        rehome(state, "/home/alice/.openclaw")
    found = {one.job.name: one for one in look(state, "60d").jobs}
    assert {"daily-report", "every-30m", "one-shot"} <= set(found)
    for one in found.values():
        assert one.job.next_run is not None
        assert one.times[0] == max(one.job.next_run, AT), one.job.name


@pytest.mark.parametrize("version", ["2026.4.29", "2026.6.1", "2026.7.1-2", "2026.8.2", "2026.9.6"])
def test_what_a_gateway_had_computed_follows_from_its_jobs_alone(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every kind of job of each version, with what puts it off; the jobs without a zone were taken in UTC."""
    monkeypatch.setattr(next_fires, "LOCAL_ZONE", str(tmp_path / "absent"))
    state = real_state(f"{version}/state", tmp_path / "state", REAL_VERSIONS)
    if database(state).exists():
        rehome(state, "/home/alice/.openclaw", ("cron_jobs",))
    (tmp_path / "package.json").write_text(f'{{"version": "{version}"}}')
    place = world(tmp_path, state_dir=str(state), at=AT, home="/home/alice")
    jobs = [one for one in gather(CronStore, place).jobs if one.next_run is not None and not one.last_status]
    assert len(jobs) >= 9
    for one in jobs:
        assert one.next_run is not None
        facts = CronStore(at=one.next_run - 1, version=version, in_file=(one.replaced(next_run=None),))
        (found,), _ = next_fires.times_of(facts, one.next_run + 1)
        assert one.next_run in found.times, one.name

"""Jobs that the system starts, as a production checkout without OpenClaw expects them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardrails import DoesNotApply, Finding
from guardrails.facts.service.crontabs import cron_times
from guardrails.facts.service.scheduled_job import ScheduledJob
from guardrails.facts.service.scheduled_jobs import ScheduledJobs, Scheduler
from guardrails.facts.service.systemd_times import calendar_text
from guardrails.model import PolicyResult
from guardrails.testing import gather, judge, world
from guardrails_policies.openclaw.cron.stores import JobPlaces
from guardrails_policies.state.expected_cron_jobs import ExpectedCronJobs, ExpectedJob

TIMER = ScheduledJob("systemd-timer", "/u/shop.timer", "shop", "/bin/a", "daily", frozenset({calendar_text("daily")}))
TWICE = TIMER.replaced(times=TIMER.times | {"@reboot"})
LINE = ScheduledJob(
    "crontab", "/c", command="/bin/backup --all", schedule="@daily", times=frozenset({cron_times("@daily")}), line=7
)
AGENT = ScheduledJob("launchd", "/a.plist", "com.example.a", "/bin/a", "every 60s", frozenset({"every 60s"}))


def wanted(source: str = "systemd-timer", name: str = "shop", **rest: Any) -> ExpectedJob:
    return ExpectedJob(name=name, source=source, **rest)


def backup(**rest: Any) -> ExpectedJob:
    return wanted(**{"source": "crontab", "name": "backup", "command": "/bin/backup*", **rest})


def check(expected: ExpectedJob, *jobs: ScheduledJob, troubles: tuple[str, ...] = (), remark: str = "") -> PolicyResult:
    scheduler = Scheduler(expected.source, jobs, troubles, remark)
    places = JobPlaces(elsewhere=ScheduledJobs((scheduler,)))
    return judge(ExpectedCronJobs(jobs=(expected,)), places=places)


def only(result: PolicyResult) -> Finding:
    assert result.outcome == "fail", result.reason
    (finding,) = result.findings
    return finding


@pytest.mark.parametrize(
    ("expected", "job"),
    [
        (wanted(), TIMER),
        (wanted(name="shop.timer", schedule="*-*-* 00:00", command="/bin/a"), TIMER),
        (wanted(schedule="every 1h"), TIMER.replaced(times=frozenset({"every 3600s"}))),
        (wanted(schedule="daily; @reboot"), TWICE),
        (wanted(enabled=False), TIMER.replaced(off="it is masked")),
        (backup(), LINE),
        (backup(schedule="0 0 * * *", command="/bin/backup --all"), LINE),
        (backup(zone="UTC"), LINE.replaced(zone="UTC")),
        (wanted("launchd", "com.example.a", schedule="every 1min", command="*/a"), AGENT),
    ],
)
def test_a_job_as_expected(expected: ExpectedJob, job: ScheduledJob) -> None:
    assert check(expected, job).outcome == "pass"


@pytest.mark.parametrize(
    ("expected", "jobs", "message"),
    [
        (wanted(), (), "The timer shop is missing"),
        (wanted(), (TIMER.replaced(name="shop-a"),), "The timer shop is missing"),
        (wanted(), (TIMER.replaced(off="it is masked"),), "The timer shop is not started"),
        (wanted(), (TIMER, TIMER.replaced(path="/v")), "The timer shop is there 2 times"),
        (wanted(enabled=False), (TIMER,), "The timer shop is enabled"),
        (wanted(schedule="weekly"), (TIMER,), "The timer shop has another schedule"),
        (
            wanted(schedule="daily"),
            (TIMER.replaced(times=TIMER.times | {"@reboot"}),),
            "The timer shop has another schedule",
        ),
        (wanted(command="/bin/b"), (TIMER,), "The timer shop runs another command"),
        (backup(), (), "The cron job backup is missing"),
        (backup(command="/bin/backup"), (LINE,), "The cron job backup is missing"),
        (backup(command="/bin/back?p*"), (LINE,), "The cron job backup is missing"),
        (backup(), (LINE, LINE), "The cron job backup is there 2 times"),
        (backup(zone="UTC"), (LINE,), "The cron job backup has another schedule"),
        (wanted("launchd", "b"), (AGENT,), "The launchd job b is missing"),
    ],
)
def test_a_job_that_is_not_as_expected(expected: ExpectedJob, jobs: tuple[ScheduledJob, ...], message: str) -> None:
    assert only(check(expected, *jobs)).message == message


def test_a_finding_says_where(tmp_path: Path) -> None:
    finding = only(check(backup(schedule="@weekly"), LINE))
    assert (finding.path, finding.line, finding.observed) == ("/c", 7, "/c:7: @daily")
    assert finding.expected == "crontab backup, @weekly, /bin/backup*"


def test_a_job_beside_one_that_is_off(tmp_path: Path) -> None:
    assert check(wanted(), TIMER.replaced(path="/v", off="it is not enabled"), TIMER).outcome == "pass"


def test_what_could_hold_a_missing_job_is_undecided() -> None:
    result = check(wanted(), troubles=("/x cannot be read",))
    assert (result.outcome, result.reason) == ("error", "/x cannot be read")
    assert check(wanted(), TIMER, troubles=("/x cannot be read",)).outcome == "pass"


def test_doubt_is_undecided_and_hides_no_finding() -> None:
    doubtful = TIMER.replaced(doubt="it starts by ConditionACPower=true alone")
    assert check(wanted(), doubtful).outcome == "error"
    result = check(wanted(schedule="weekly"), doubtful)
    assert ("another schedule" in only(result).message, result.reason) == (True, doubtful.doubt)


def test_a_remark_is_told_of_what_is_there() -> None:
    assert check(wanted(), TIMER, remark="only while logged in").reason == "only while logged in"
    assert "logged in" not in str(check(wanted(), remark="only while logged in").reason)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"source": "anacron"}, "not one of openclaw, crontab"),
        ({"source": "crontab"}, "give its command"),
        ({"source": "cron.d", "command": " "}, "give its command"),
        ({"source": "crontab", "command": "a", "enabled": False}, "there or not"),
        ({"source": "crontab", "command": "a", "schedule": "every 1h"}, "cron expression"),
        ({"source": "crontab", "command": "a", "schedule": "daily"}, "cron expression"),
        ({"source": "systemd-timer", "schedule": "0 3 * * *"}, "calendar of systemd"),
        ({"source": "systemd-timer", "schedule": "daily;"}, "calendar of systemd"),
        ({"source": "systemd-timer", "zone": "UTC"}, "only a crontab"),
        ({"source": "launchd", "schedule": "every now"}, "time span"),
        ({"command": "a"}, "by its name alone"),
    ],
)
def test_a_job_that_could_never_be(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ExpectedJob(name="a", **options)


def test_options_that_contradict_themselves() -> None:
    for options, why in (
        ({"crontab": "/c", "jobs": (wanted(),)}, "no job is listed"),
        ({"exact": True, "jobs": (wanted(),)}, "no jobs listed"),
        ({"root": "etc"}, "not an absolute path"),
        ({"jobs": (wanted(), wanted(command="a"))}, "listed twice"),
    ):
        with pytest.raises(ValueError, match=why):
            ExpectedCronJobs(**options)
    ExpectedCronJobs(jobs=(wanted(), wanted("launchd")))  # of one name, in two places


def places(folder: Path, *jobs: ExpectedJob, **rest: Any) -> JobPlaces:
    return gather(JobPlaces, world(folder, home=str(folder), **rest), jobs, "", str(folder))


def test_openclaw_is_looked_at_unless_nothing_speaks_of_it(tmp_path: Path) -> None:
    line = backup(source="cron.d")
    assert places(tmp_path, line).store is None
    found = places(tmp_path, line, state_dir=str(tmp_path / "state"))
    assert (found.store is not None, found.elsewhere is not None) == (True, True)
    for jobs in ((), (ExpectedJob(name="a"),), (ExpectedJob(name="a"), line)):
        with pytest.raises(DoesNotApply, match="state_dir"):
            places(tmp_path, *jobs)


def test_jobs_of_both_kinds_are_judged_side_by_side(tmp_path: Path) -> None:
    policy = ExpectedCronJobs(jobs=(ExpectedJob(name="digest"), wanted()))
    found = places(tmp_path, *policy.jobs, state_dir=str(tmp_path / "state"))
    result = judge(policy, places=found)
    assert [one.message for one in result.findings] == ["The state directory is missing", "The timer shop is missing"]

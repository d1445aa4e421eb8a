"""Missing, changed, doubled, late and failing cron jobs are found, and so are the signs of lost ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, Finding
from guardrails.model import PolicyResult
from guardrails.testing import gather, world
from guardrails.testing import judge as judge_policy
from guardrails_policies.openclaw.cron.jobs import PATIENCE, CronJob
from guardrails_policies.openclaw.cron.stores import CronStore, JobPlaces
from guardrails_policies.state.expected_cron_jobs import ExpectedCronJobs, ExpectedJob
from worlds.openclaw_state import (
    CAPTURED_AT,
    MIGRATED,
    NEW,
    OLD,
    change,
    database,
    job,
    real_state,
    rehome,
    write_database,
    write_jobs,
)

AT = 1_770_000_000.0
DIGEST = CronJob("id-digest", "digest", "0 9 * * 1-5", "Europe/Berlin", next_run=AT + 60)
HEARTBEAT = CronJob("id-heartbeat", "heartbeat-main", "every 30m", managed=True, next_run=AT + 60)
NO_LIST = "no list of expected jobs is configured, so one that is missing is not noticed (option jobs)"


def store(*jobs: CronJob, **rest: Any) -> CronStore:
    """A store of the file era with these jobs."""
    place = {"state_dir": "/s p", "store": "/s p/cron/jobs.json", "database": "/s p/state/openclaw.sqlite"}
    return CronStore(**{"at": AT, "in_file": jobs, **place, **rest})


def judge(policy: ExpectedCronJobs, store: CronStore) -> PolicyResult:
    """Judge OpenClaw's jobs alone."""
    return judge_policy(policy, places=JobPlaces(store))


def expect(*jobs: ExpectedJob, **rest: Any) -> ExpectedCronJobs:
    return ExpectedCronJobs(jobs=jobs or (ExpectedJob(name="digest"),), **rest)


def only(result: PolicyResult) -> Finding:
    assert result.outcome == "fail"
    (finding,) = result.findings
    return finding


def check(state: Path, policy: ExpectedCronJobs | None = None, at: float = CAPTURED_AT) -> PolicyResult:
    """Judge what a state directory really holds."""
    facts = gather(CronStore, world(state_dir=str(state), at=at, home="/home/alice"))
    return judge(policy or ExpectedCronJobs(), store=facts)


# The expected jobs


@pytest.mark.parametrize(
    "wanted",
    [
        ExpectedJob(name="digest"),
        ExpectedJob(name="digest", schedule="0 9 * * 1-5"),
        ExpectedJob(name="digest", schedule=" 0  9 * * 1-5", zone="Europe/Berlin"),
        ExpectedJob(name="digest", zone="Europe/Berlin"),
    ],
)
def test_an_expected_job_passes(wanted: ExpectedJob) -> None:
    result = judge(expect(wanted), store=store(DIGEST, HEARTBEAT))
    assert (result.outcome, result.reason) == ("pass", None)


def test_a_job_in_the_database_passes() -> None:
    assert judge(expect(), store=store(in_file=None, in_database=(DIGEST,))).outcome == "pass"


def test_a_missing_job() -> None:
    wanted = ExpectedJob(name="it's", schedule="0 9 * * 1-5", zone="Europe/Berlin")
    finding = only(judge(expect(wanted), store=store(DIGEST)))
    assert finding.message == "The cron job it's is missing"
    assert (finding.observed, finding.expected) == ("it's: no job of that name", "enabled 0 9 * * 1-5 Europe/Berlin")
    assert finding.path == "/s p/cron/jobs.json"
    assert finding.remediation == (
        "OPENCLAW_STATE_DIR='/s p' openclaw cron list --all   # a look: what mends it begins with: openclaw "
        "cron add --name 'it'\"'\"'s' --cron '0 9 * * 1-5' --tz Europe/Berlin"
    )


def test_names_are_compared_exactly() -> None:
    assert only(judge(expect(ExpectedJob(name="Digest")), store=store(DIGEST))).message.endswith("is missing")


@pytest.mark.parametrize(
    ("is_enabled", "wants_enabled", "command"), [(False, True, "cron enable"), (True, False, "cron disable")]
)
def test_a_disabled_or_enabled_job(is_enabled: bool, wants_enabled: bool, command: str) -> None:
    found = DIGEST.replaced(enabled=is_enabled)
    finding = only(judge(expect(ExpectedJob(name="digest", enabled=wants_enabled)), store=store(found)))
    assert finding.observed == f"digest: {'enabled' if is_enabled else 'disabled'} (id-digest)"
    assert finding.expected == ("enabled" if wants_enabled else "disabled")
    assert f"{command} id-digest" in finding.remediation


def test_a_job_that_is_disabled_as_expected_is_neither_late_nor_failing() -> None:
    found = DIGEST.replaced(enabled=False, next_run=AT - 10 * PATIENCE, consecutive_errors=5)
    assert judge(expect(ExpectedJob(name="digest", enabled=False)), store=store(found)).outcome == "pass"


@pytest.mark.parametrize(
    ("schedule", "zone", "flags"),
    [
        ("0 10 * * 1-5", "", "--cron '0 10 * * 1-5' --tz Europe/Berlin"),
        ("0 9 * * 1-5", "Europe/London", "--cron '0 9 * * 1-5' --tz Europe/London"),
        ("", "UTC", "--cron '0 9 * * 1-5' --tz UTC"),
        ("every 60m", "", "--every 1h"),
        ("2027-01-15T09:00:00+01:00", "", "--at 2027-01-15T08:00:00Z"),
    ],
)
def test_a_changed_schedule(schedule: str, zone: str, flags: str) -> None:
    wanted = ExpectedJob(name="digest", schedule=schedule, zone=zone)
    finding = only(judge(expect(wanted), store=store(DIGEST)))
    assert finding.message == "The cron job digest has another schedule"
    assert finding.observed == "digest: 0 9 * * 1-5 Europe/Berlin"
    assert finding.remediation == f"OPENCLAW_STATE_DIR='/s p' openclaw cron edit id-digest {flags}"


@pytest.mark.parametrize(
    ("stored", "schedule"),
    [
        ("every 30m", "every 1800s"),
        ("every 1d", "every 24h"),
        ("2027-01-15T08:00:00Z", "2027-01-15T09:00:00+01:00"),
        ("0 9 * * MON", "0 9 * * mon"),
        ("@DAILY", "@daily"),
        ("*/5 0 9 * * 1", "*/5 0 9 * * 1"),
    ],
)
def test_a_schedule_written_differently_is_the_same(stored: str, schedule: str) -> None:
    found = DIGEST.replaced(schedule=stored, zone="")
    wanted = ExpectedJob(name="digest", schedule=schedule)
    assert judge(expect(wanted), store=store(found)).outcome == "pass"


def test_duplicate_names_of_an_expected_job() -> None:
    twin = DIGEST.replaced(id="id-twin", schedule="every 1h", zone="", enabled=False)
    finding = only(judge(expect(ExpectedJob(name="digest", schedule="0 9 * * 1-5")), store=store(DIGEST, twin)))
    assert finding.message == "The cron job digest is there 2 times"
    assert finding.observed == "digest: id-digest (0 9 * * 1-5 Europe/Berlin), id-twin (every 1h (disabled))"
    assert "cron rm id-twin" in finding.remediation


@pytest.mark.parametrize("policy", [ExpectedCronJobs(), expect()])
def test_other_jobs_are_doubled_only_with_the_same_schedule(policy: ExpectedCronJobs) -> None:
    other = CronJob("1", "other", "every 1h")
    assert judge(policy, store=store(DIGEST, other, other.replaced(id="2", schedule="every 2h"))).outcome == "pass"
    finding = only(judge(policy, store=store(DIGEST, other, other.replaced(id="2"))))
    assert finding.message == "The cron job other is there 2 times"


def test_a_run_that_was_due_before_any_calendar_is_late() -> None:
    finding = only(judge(expect(), store=store(DIGEST.replaced(next_run=-1e300))))
    assert finding.observed == "digest: its next run was due at -1e+300"


@pytest.mark.parametrize(("seconds", "outcome"), [(PATIENCE, "pass"), (PATIENCE + 1, "fail")])
def test_a_late_job_and_the_boundary(seconds: int, outcome: str) -> None:
    result = judge(expect(), store=store(DIGEST.replaced(next_run=AT - seconds)))
    assert result.outcome == outcome
    if outcome == "fail":
        finding = only(result)
        assert finding.message == "The cron job digest is late: it was due 60 minutes ago"
        assert finding.observed == "digest: its next run was due at 2026-02-02T01:39:59Z"
        assert "cron runs --id id-digest" in finding.remediation


def test_a_job_without_a_known_next_run_is_not_late() -> None:
    assert judge(expect(), store=store(DIGEST.replaced(next_run=None))).outcome == "pass"


@pytest.mark.parametrize("state", [{"consecutive_errors": 1}, {"last_status": "error"}])
def test_a_failing_job(state: dict[str, Any]) -> None:
    finding = only(judge(expect(), store=store(DIGEST.replaced(**state))))
    assert finding.message == "The cron job digest is failing"
    assert finding.expected == "a last run that ended well"


@pytest.mark.parametrize("status", ["ok", "skipped", ""])
def test_a_job_whose_last_run_did_not_fail(status: str) -> None:
    assert judge(expect(), store=store(DIGEST.replaced(last_status=status))).outcome == "pass"


def test_other_jobs_that_are_late_or_failing_are_noted() -> None:
    late = CronJob("1", "late", "every 1h", next_run=AT - 2 * PATIENCE)
    failing = CronJob("2", "failing", "every 1h", consecutive_errors=2)
    disabled = CronJob("3", "off", "every 1h", enabled=False, next_run=0.0, last_status="error")
    result = judge(expect(), store=store(DIGEST, late, failing, disabled))
    assert (result.outcome, result.reason) == (
        "pass",
        "late, but not expected: late; failing, but not expected: failing",
    )


def test_extra_jobs_are_allowed_unless_exact() -> None:
    assert judge(expect(), store=store(DIGEST, HEARTBEAT)).outcome == "pass"
    finding = only(judge(expect(exact=True), store=store(DIGEST, HEARTBEAT)))
    assert (finding.message, finding.observed) == (
        "The cron job heartbeat-main is not expected",
        "heartbeat-main: every 30m",
    )
    assert judge(expect(exact=True), store=store(DIGEST)).outcome == "pass"
    listed = expect(ExpectedJob(name="digest"), ExpectedJob(name="heartbeat-main"), exact=True)
    assert judge(listed, store=store(DIGEST, HEARTBEAT)).outcome == "pass"


# Without a list, and the signs of lost jobs


def test_without_a_list_a_job_is_enough_and_that_is_said() -> None:
    result = judge(ExpectedCronJobs(), store=store(DIGEST))
    assert (result.outcome, result.reason) == ("pass", NO_LIST)


def test_without_a_list_a_store_holds_a_job() -> None:
    result = judge(ExpectedCronJobs(), store=store())
    assert only(result).message == "The cron store holds no job"
    assert result.reason == NO_LIST


def test_a_missing_state_directory() -> None:
    finding = only(judge(expect(), store=CronStore(at=AT, state_dir="/gone", exists=False)))
    assert (finding.message, finding.observed) == ("The state directory is missing", "no folder /gone")


@pytest.mark.parametrize("policy", [ExpectedCronJobs(), expect()])
def test_a_missing_store(policy: ExpectedCronJobs) -> None:
    assert only(judge(policy, store=store(in_file=None))).message == "There is no cron store"


@pytest.mark.parametrize(
    "left", [{"traces": 3}, {"former": (DIGEST,)}, {"former": (DIGEST.replaced(schedule="2026-01-01T00:00:00Z"),)}]
)
def test_an_emptied_store(left: dict[str, Any]) -> None:
    finding = only(judge(ExpectedCronJobs(), store=store(**left)))
    assert finding.message == "The cron store was emptied"
    assert finding.observed.endswith("digest" if "former" in left else "3 recorded runs")


def test_a_store_with_nothing_but_jobs_of_openclaw_was_emptied_if_recurring_ones_were_there() -> None:
    finding = only(judge(ExpectedCronJobs(), store=store(in_file=None, in_database=(HEARTBEAT,), former=(DIGEST,))))
    assert finding.observed == "jobs there: heartbeat-main; known from earlier: digest"
    once = DIGEST.replaced(schedule="2026-01-01T00:00:00Z")
    result = judge(ExpectedCronJobs(), store=store(in_file=None, in_database=(HEARTBEAT,), former=(once,), traces=9))
    assert result.outcome == "pass"


def test_a_store_of_another_version_than_the_one_that_runs() -> None:
    finding = only(judge(expect(), store=store(in_file=None, database="", version="2026.1.30")))
    assert finding.observed == "no /s p/cron/jobs.json, where 2026.1.30 keeps its jobs"


def test_an_unmigrated_file_beside_an_empty_database() -> None:
    finding = only(judge(expect(), store=store(DIGEST, in_database=())))
    assert finding.message == "Cron jobs of jobs.json were never imported into the database beside it"
    assert finding.observed == "0 jobs in cron_jobs; not among them: digest"
    assert finding.remediation.startswith(
        "OPENCLAW_STATE_DIR='/s p' openclaw doctor --lint   # a look: stop the gateway"
    )


def test_two_stores_with_different_jobs() -> None:
    lost = CronJob("id-lost", "lost", "every 1h")
    finding = only(judge(expect(), store=store(DIGEST, lost, in_database=(DIGEST, HEARTBEAT))))
    assert finding.observed == "2 jobs in cron_jobs; not among them: lost"
    assert judge(expect(), store=store(DIGEST, in_database=(DIGEST, HEARTBEAT))).outcome == "pass"


FOREIGN = tuple(
    CronJob(str(number), f"job {number}", "every 1h", store_key="/other/cron/jobs.json") for number in range(7)
)


def test_jobs_filed_under_another_directory() -> None:
    facts = store(in_file=None, in_database=(DIGEST,), foreign=FOREIGN)
    finding = only(judge(ExpectedCronJobs(), store=facts))
    assert (
        finding.observed == "7 jobs under store_key /other/cron/jobs.json: job 0, job 1, job 2, job 3, job 4 and 2 more"
    )
    assert finding.expected == "jobs of these names under store_key /s p/cron/jobs.json"


def test_jobs_filed_under_another_directory_are_let_be_once_they_were_added_anew() -> None:
    """Nothing takes these rows out again, neither OpenClaw nor its doctor."""
    anew = tuple(job.replaced(id=f"new {job.id}", store_key="/s p/cron/jobs.json") for job in FOREIGN)
    one_less = judge(ExpectedCronJobs(), store=store(in_file=None, in_database=anew[1:], foreign=FOREIGN))
    assert only(one_less).observed == "1 jobs under store_key /other/cron/jobs.json: job 0"
    heartbeat, past = HEARTBEAT, FOREIGN[0].replaced(name="past", schedule="2020-01-01T00:00:00Z")
    facts = store(in_file=None, in_database=anew, foreign=(*FOREIGN, heartbeat, past))
    assert judge(ExpectedCronJobs(), store=facts).outcome == "pass"


def test_of_jobs_filed_under_another_directory_only_listed_ones_count_when_there_is_a_list() -> None:
    assert judge(expect(), store=store(in_file=None, in_database=(DIGEST,), foreign=FOREIGN)).outcome == "pass"
    moved = store(in_file=None, in_database=(), foreign=(DIGEST.replaced(store_key="/other/cron/jobs.json"),))
    messages = [finding.message for finding in judge(expect(), store=moved).findings]
    assert messages == [
        "Cron jobs are filed under another directory, where a gateway does not see them",
        "The cron job digest is missing",
    ]


# Jobs that no gateway runs


def test_an_expected_job_that_cannot_run() -> None:
    broken = DIGEST.replaced(problem="'Europe/Berln' is not a time zone")
    finding = only(judge(expect(), store=store(broken, HEARTBEAT)))
    assert (finding.message, finding.observed) == (
        "The cron job digest cannot run",
        "digest: 'Europe/Berln' is not a time zone",
    )
    assert finding.remediation.startswith("OPENCLAW_STATE_DIR='/s p' openclaw cron list --all   # a look")
    off = expect(ExpectedJob(name="digest", enabled=False))
    assert judge(off, store=store(broken.replaced(enabled=False))).outcome == "pass"


def test_a_job_that_cannot_be_read_spoils_itself_alone() -> None:
    broken = CronJob("id", "other", "", enabled=None, problem="it has no 'schedule'")
    result = judge(expect(), store=store(DIGEST, broken))
    assert (result.outcome, result.reason) == ("pass", "cannot run, but not expected: other")
    assert only(judge(ExpectedCronJobs(), store=store(DIGEST, broken))).message == "The cron job other cannot run"


@pytest.mark.parametrize("wanted", [True, False])
def test_a_job_that_does_not_say_whether_it_is_enabled(wanted: bool) -> None:
    finding = only(
        judge(expect(ExpectedJob(name="digest", enabled=wanted)), store=store(DIGEST.replaced(enabled=None)))
    )
    assert finding.message == "The cron job digest is not told to be enabled or disabled"
    assert finding.remediation.endswith(f"cron {'enable' if wanted else 'disable'} id-digest")


@pytest.mark.parametrize("policy", [ExpectedCronJobs(), expect()])
def test_a_scheduler_that_is_switched_off(policy: ExpectedCronJobs) -> None:
    settings = only(judge(policy, store=store(DIGEST, off="cron.enabled is false", paused=True)))
    assert settings.message == "The scheduler is switched off, so no cron job runs"
    assert settings.remediation.startswith("OPENCLAW_STATE_DIR='/s p' openclaw config set cron.enabled true ")
    variable = only(judge(policy, store=store(DIGEST, off="OPENCLAW_SKIP_CRON is 1 in /s/.env")))
    assert variable.observed == "OPENCLAW_SKIP_CRON is 1 in /s/.env"


def test_a_scheduler_may_be_off_where_no_job_is_to_run() -> None:
    off = expect(ExpectedJob(name="digest", enabled=False))
    assert judge(off, store=store(DIGEST.replaced(enabled=False), off="OPENCLAW_SKIP_CRON is 1 in x")).outcome == "pass"


# Options


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": " "}, "needs a name"),
        ({"name": "a", "schedule": "daily"}, "neither a cron expression"),
        ({"name": "a", "schedule": "every day"}, "neither a cron expression"),
        ({"name": "a", "schedule": "every 0m"}, "not a positive number"),
        ({"name": "a", "schedule": "every -5m"}, "neither a cron expression"),
        ({"name": "a", "schedule": "every 5 m"}, "neither a cron expression"),
        ({"name": "a", "schedule": "0 9 * *"}, "neither a cron expression"),
        ({"name": "a", "schedule": "0 9 * * $(x)"}, "not a cron expression"),
        ({"name": "a", "schedule": "2027-01-15T08:00:00"}, "names no zone"),
        ({"name": "a", "schedule": "2027-13-15T08:00:00Z"}, "month"),
        ({"name": "a", "schedule": "every 5m", "zone": "UTC"}, "only a cron expression has a zone"),
        ({"name": "a", "schedule": "2027-01-15T08:00:00Z", "zone": "UTC"}, "only a cron expression has a zone"),
    ],
)
def test_a_job_that_can_never_be_there_is_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ExpectedJob(**options)


def test_options_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValueError, match="'a' is listed twice"):
        ExpectedCronJobs(jobs=(ExpectedJob(name="a"), ExpectedJob(name="a", enabled=False)))
    with pytest.raises(ValueError, match="exact"):
        ExpectedCronJobs(exact=True)


def test_options_are_built_from_plain_data() -> None:
    built = ExpectedCronJobs.from_options({"jobs": [{"name": "digest", "schedule": "every 30m"}], "exact": True})
    assert built == ExpectedCronJobs(jobs=(ExpectedJob(name="digest", schedule="every 30m"),), exact=True)


# What is really on disk

DAILY = ExpectedJob(name="daily-report", schedule="0 9 * * 1-5", zone="Europe/Berlin")
HALF_HOURLY = ExpectedJob(name="every-30m", schedule="every 30m")
ONCE = ExpectedJob(name="one-shot", schedule="2027-01-15T08:00:00Z")
CLEANUP = ExpectedJob(name="disabled-cleanup", schedule="15 3 * * 0", enabled=False)
PLACES = {OLD: "", NEW: "/home/alice/.openclaw", MIGRATED: "/home/alice/.openclaw-dev"}


def placed(name: str, tmp_path: Path) -> Path:
    """A captured state directory, as if it had been captured where its copy is."""
    state = real_state(name, tmp_path / "state")
    if PLACES[name]:
        rehome(state, PLACES[name])
    return state


@pytest.mark.parametrize("name", PLACES)
def test_captured_states_hold_their_jobs(tmp_path: Path, name: str) -> None:
    state = placed(name, tmp_path)
    result = check(state, expect(DAILY, HALF_HOURLY, ONCE, CLEANUP))
    assert result.findings == ()
    assert result.reason == ("failing, but not expected: failing" if name == NEW else None)
    assert check(state).outcome == "pass"


def test_captured_failing_job_is_seen_by_2026_9_6_only(tmp_path: Path) -> None:
    failing = expect(ExpectedJob(name="failing", schedule="every 1h"))
    finding = only(check(placed(NEW, tmp_path), failing))
    assert finding.observed == "failing: last run error, 2 failed in a row"
    off = expect(ExpectedJob(name="failing", schedule="every 60m", enabled=False))
    assert check(placed(OLD, tmp_path / "old"), off).outcome == "pass"


@pytest.mark.parametrize("name", PLACES)
def test_captured_states_without_a_gateway_are_late_only_for_expected_jobs(tmp_path: Path, name: str) -> None:
    state, much_later = placed(name, tmp_path), CAPTURED_AT + 30 * 86400
    late = only(check(state, expect(HALF_HOURLY), much_later)).message
    assert late == "The cron job every-30m is late: it was due 29 days ago"
    result = check(state, expect(ONCE, CLEANUP), much_later)
    assert result.outcome == "pass"
    assert "late, but not expected: " in str(result.reason)


@pytest.mark.parametrize("name", [NEW, MIGRATED])
def test_captured_states_that_were_copied_are_caught(tmp_path: Path, name: str) -> None:
    finding = only(check(real_state(name, tmp_path / "state")))
    assert PLACES[name] in finding.observed


def test_captured_state_after_a_damaged_file_was_emptied_by_a_restart(tmp_path: Path) -> None:
    state = placed(OLD, tmp_path)
    write_jobs(state)
    write_jobs(state, name="cron/jobs.json.bak")  # 2026.1.30 overwrites both
    finding = only(check(state))
    assert finding.observed == "jobs there: none; known from earlier: 2 recorded runs"


def test_captured_state_whose_rows_were_dropped_by_an_update(tmp_path: Path) -> None:
    state = placed(MIGRATED, tmp_path)
    change(database(state), "DELETE FROM cron_jobs WHERE name <> 'heartbeat-main'")
    finding = only(check(state))
    assert finding.message == "The cron store was emptied"
    assert "daily-report" in finding.observed


def test_captured_state_with_a_cut_file_cannot_be_known(tmp_path: Path) -> None:
    state = placed(OLD, tmp_path)
    path = state / "cron" / "jobs.json"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(CannotKnow, match=r"jobs\.json"):
        check(state)


def test_an_old_file_beside_an_empty_new_database_on_disk(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("digest"))
    write_database(tmp_path)
    assert only(check(tmp_path, expect())).message.startswith("Cron jobs of jobs.json were never imported")

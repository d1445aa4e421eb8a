"""quiet-cron: no job fires during the release, but for those that are allowed by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, Finding
from guardrails.model import PolicyResult
from guardrails.testing import gather, judge, world
from guardrails_policies.openclaw.cron.jobs import CronJob
from guardrails_policies.openclaw.cron.next_fires import CronFires, JobFires
from guardrails_policies.openclaw.cron.stores import CronStore
from guardrails_policies.state.quiet_cron import QuietCron
from worlds.openclaw_state import CAPTURED_AT, MIGRATED, NEW, OLD, change, database, job, real_state, rehome, write_jobs

AT = 1_795_348_380.0  # 2026-11-22T11:53:00Z
STORE = CronStore(
    at=AT, state_dir="/s p", store="/s p/cron/jobs.json", database="/s p/state/openclaw.sqlite", in_file=()
)
DIGEST = CronJob("id-it's", "digest", "0 12 * * *", "Europe/Berlin")


def fires(*jobs: JobFires, store: CronStore = STORE, **rest: Any) -> CronFires:
    return CronFires(store, AT + 1800, jobs, **rest)


def only(result: PolicyResult) -> Finding:
    assert result.outcome == "fail"
    (finding,) = result.findings
    return finding


def check(state: Path, at: float = CAPTURED_AT, **options: Any) -> PolicyResult:
    """Judge what a state directory really holds."""
    policy = QuietCron(**options)
    facts = gather(CronFires, world(state_dir=str(state), at=at, home="/home/alice"), policy.within)
    return judge(policy, fires=facts)


def test_nothing_that_fires_passes() -> None:
    result = judge(QuietCron(), fires=fires(store=STORE.replaced(in_file=(DIGEST,))))
    assert (result.outcome, result.effects, result.reason) == ("pass", (), None)


def test_a_store_without_jobs_passes_and_that_is_said() -> None:
    result = judge(QuietCron(), fires=fires())
    assert (result.outcome, result.reason) == ("pass", "no job fires: the cron store holds none")


def test_a_job_that_fires() -> None:
    result = judge(QuietCron(), fires=fires(JobFires(DIGEST, (AT + 60, AT + 120))))
    finding = only(result)
    assert finding.message == "The cron job digest fires during the release"
    assert finding.observed == "digest (0 12 * * * Europe/Berlin): fires at 2026-11-22T11:54:00Z"
    assert finding.expected == "no fire within 30m, or its name in the option allowed"
    assert finding.remediation.startswith("OPENCLAW_STATE_DIR='/s p' openclaw cron disable 'id-it'\"'\"'s' ")
    assert [(effect.kind, effect.what, effect.detail) for effect in result.effects] == [
        ("fires", "digest", "2026-11-22T11:54:00Z"),
        ("fires", "digest", "2026-11-22T11:55:00Z"),
    ]


def test_an_overdue_job() -> None:
    finding = only(judge(QuietCron(), fires=fires(JobFires(DIGEST, (AT,), overdue=AT - 3600))))
    assert finding.message == "The cron job digest was due 60 minutes ago and fires as soon as a gateway starts"
    assert finding.observed.endswith("due since 2026-11-22T10:53:00Z")


def test_a_job_that_waits_for_a_command() -> None:
    waiting = DIGEST.replaced(schedule="on-exit make", zone="")
    finding = only(judge(QuietCron(), fires=fires(JobFires(waiting, any_time=True))))
    assert finding.message == "The cron job digest may fire at any time"
    assert judge(QuietCron(allowed=("digest",)), fires=fires(JobFires(waiting, any_time=True))).outcome == "pass"


def test_an_allowed_job_is_shown_all_the_same() -> None:
    result = judge(QuietCron(allowed=("digest",)), fires=fires(JobFires(DIGEST, (AT + 60,))))
    assert (result.outcome, [effect.what for effect in result.effects]) == ("pass", ["digest"])


def test_a_name_is_allowed_as_it_is_and_no_other() -> None:
    result = judge(QuietCron(allowed=("dig*", "DIGEST")), fires=fires(JobFires(DIGEST, (AT + 60,))))
    assert result.outcome == "fail"


def test_each_job_is_a_finding() -> None:
    jobs = [JobFires(DIGEST.replaced(name=name), (AT,)) for name in ("one", "two")]
    assert len(judge(QuietCron(), fires=fires(*jobs)).findings) == 2


def test_a_job_whose_times_cannot_be_told_is_an_error_unless_it_is_allowed() -> None:
    jobs = JobFires(DIGEST.replaced(name="other"), (AT,)), JobFires(DIGEST, unknown="Bad minute")
    result = judge(QuietCron(), fires=fires(*jobs))
    assert (result.outcome, result.reason) == ("error", "when the cron job digest fires cannot be told: Bad minute")
    assert judge(QuietCron(allowed=("digest", "other")), fires=fires(*jobs)).outcome == "pass"


def test_jobs_that_are_all_turned_off_pass_and_that_is_said() -> None:
    result = judge(QuietCron(), fires=fires(paused=True))
    assert (result.outcome, result.reason) == ("pass", "no job fires: cron.enabled is false in openclaw.json")


def test_the_zone_that_was_assumed_is_said() -> None:
    result = judge(QuietCron(), fires=fires(local_zone="Etc/UTC", store=STORE.replaced(in_file=(DIGEST,))))
    assert result.reason == "jobs without a zone are taken in Etc/UTC, that of this machine"


def test_a_state_directory_or_store_that_is_missing(tmp_path: Path) -> None:
    assert only(check(tmp_path / "absent")).message == "The state directory is missing"
    assert only(check(tmp_path)).message == "There is no cron store"


def test_an_empty_store_passes(tmp_path: Path) -> None:
    write_jobs(tmp_path)
    assert check(tmp_path).outcome == "pass"


@pytest.mark.parametrize("within", ["", "30", "soon", "-5m"])
def test_a_length_that_is_none_stops_the_configuration(within: str) -> None:
    with pytest.raises(ValueError, match=r"within: .* is not a duration"):
        QuietCron(within=within)


def test_within_is_how_far_is_looked_ahead(tmp_path: Path) -> None:
    write_jobs(tmp_path, job("noon", {"kind": "cron", "expr": "0 12 * * *", "tz": "UTC"}))
    assert check(tmp_path, AT, within="6m").outcome == "pass"
    assert check(tmp_path, AT, within="7m").outcome == "fail"


def test_a_truncated_store_cannot_be_known(tmp_path: Path) -> None:
    write_jobs(tmp_path).write_text('{"version": 1, "jobs": [')
    with pytest.raises(CannotKnow):
        check(tmp_path)


# Captured states


def test_captured_2026_1_30(tmp_path: Path) -> None:
    state = real_state(OLD, tmp_path / "state")
    assert only(check(state)).message == "The cron job every-30m fires during the release"
    assert check(state, allowed=("every-30m",)).outcome == "pass"
    assert check(state, within="5m").outcome == "pass"
    morning = check(state, 1795420800.0 - 60, allowed=("every-30m",))
    assert "daily-report (0 9 * * 1-5 Europe/Berlin): fires at 2026-11-23T08:00:00Z" in only(morning).observed


@pytest.mark.parametrize(("name", "place"), [(NEW, "/home/alice/.openclaw"), (MIGRATED, "/home/alice/.openclaw-dev")])
def test_captured_2026_9_6(tmp_path: Path, name: str, place: str) -> None:
    state = real_state(name, tmp_path / "state")
    rehome(state, place)
    assert "every-30m" in " ".join(finding.message for finding in check(state).findings)
    allowed = ("every-30m", "heartbeat-main")
    assert check(state, allowed=allowed).outcome == "pass"
    change(database(state), "UPDATE cron_jobs SET enabled = 0")
    assert check(state).outcome == "pass"

"""release-window: the announced times pass, all others fail and name the next one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from guardrails import Calendar, CannotKnow, Finding, MomentInQuestion
from guardrails.config.tables import table_for
from guardrails.model import PolicyResult
from guardrails.testing import gather, judge, world
from guardrails_policies.release.release_window import ReleaseWindow

EVENING = {"days": ["tue", "thu"], "from": "22:00", "to": "02:00", "zone": "Europe/Berlin"}
DECEMBER = {"start": "2026-12-01T00:00:00+01:00", "end": "2026-12-03T23:00:00+01:00"}


def check(at: str, windows: tuple[Any, ...] = (EVENING,), freezes: tuple[Any, ...] = ()) -> PolicyResult:
    policy = ReleaseWindow.from_options({"windows": list(windows), "freezes": list(freezes)})
    asked = world(at=datetime.fromisoformat(at).timestamp(), operation="promote")
    calendar = gather(Calendar, asked, policy.windows, policy.freezes)
    return judge(policy, moment=gather(MomentInQuestion, asked), calendar=calendar)


def only(result: PolicyResult) -> Finding:
    assert result.outcome == "fail"
    (finding,) = result.findings
    return finding


def test_without_anything_announced_it_does_not_apply() -> None:
    result = check("2026-11-24T21:00:00Z", windows=())
    assert (result.outcome, result.reason) == ("skip", "no windows are announced (options windows and freezes)")


def test_where_there_is_no_next_time_it_says_when_it_asked() -> None:
    result = check("2026-12-04T00:00:00Z", windows=(DECEMBER,))
    assert "no allowed time within the next 400 days" in only(result).expected
    assert result.reason == "it is 2026-12-04T00:00:00Z"


def test_inside_a_window_it_passes_and_says_which() -> None:
    result = check("2026-11-24T22:30:00Z")
    assert (result.outcome, result.findings) == ("pass", ())
    (effect,) = result.effects
    assert (effect.kind, effect.what) == ("allowed", "2026-11-24T22:30:00Z")
    assert effect.detail == "tue, thu 22:00 to 02:00 Europe/Berlin"


def test_outside_it_fails_and_names_the_next_allowed_time_in_both_zones() -> None:
    result = check("2026-11-24T20:59:59Z")
    finding = only(result)
    assert finding.observed == "a time outside every announced window"
    assert result.reason == "it is 2026-11-24T20:59:59Z"
    assert "next allowed: 2026-11-24T21:00:00Z (2026-11-24T22:00:00+01:00 Europe/Berlin)" in finding.expected
    assert finding.remediation.startswith("guardrails check --env prod --op promote --at 2026-11-24T21:00:00Z ")
    assert [effect.what for effect in result.effects] == ["2026-11-24T21:00:00Z"]


@pytest.mark.parametrize("freezes", [(), (DECEMBER,)])
def test_the_finding_stays_the_same_until_the_next_allowed_time(freezes: tuple[Any, ...]) -> None:
    day = "2026-12-01T21:30" if freezes else "2026-11-24T20:30"
    assert only(check(f"{day}:00Z", freezes=freezes)) == only(check(f"{day}:01Z", freezes=freezes))


@pytest.mark.parametrize(
    ("at", "outcome"),
    [("2026-11-24T21:00:00Z", "pass"), ("2026-11-25T00:59:59Z", "pass"), ("2026-11-25T01:00:00Z", "fail")],
)
def test_the_start_counts_and_the_end_does_not(at: str, outcome: str) -> None:
    assert check(at).outcome == outcome


def test_the_same_time_of_day_is_another_moment_in_summer() -> None:
    assert check("2026-07-21T20:30:00Z").outcome == "pass"
    assert check("2026-11-24T20:30:00Z").outcome == "fail"


def test_a_freeze_wins_over_a_window() -> None:
    finding = only(check("2026-12-01T21:30:00Z", freezes=(DECEMBER,)))
    assert finding.message == "A freeze holds"
    assert finding.observed.endswith("until 2026-12-03T22:00:00Z (2026-12-03T23:00:00+01:00)")
    assert "next allowed: 2026-12-03T22:00:00Z (2026-12-03T23:00:00+01:00 Europe/Berlin)" in finding.expected


def test_the_end_of_a_freeze_is_allowed_again() -> None:
    assert check("2026-12-03T21:59:59Z", freezes=(DECEMBER,)).outcome == "fail"
    assert check("2026-12-03T22:00:00Z", freezes=(DECEMBER,)).outcome == "pass"


def test_with_freezes_alone_every_other_time_is_allowed() -> None:
    assert check("2026-11-30T22:59:59Z", windows=(), freezes=(DECEMBER,)).outcome == "pass"
    result = check("2026-11-30T23:00:00Z", windows=(), freezes=(DECEMBER,))
    assert "next allowed: 2026-12-03T22:00:00Z, in the window whenever there is no freeze" in only(result).expected


def test_no_window_ahead_is_said() -> None:
    past = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}
    result = check("2026-11-24T21:00:00Z", windows=(past,))
    assert only(result).expected == "no allowed time within the next 400 days"
    assert result.effects == ()


def test_a_standing_check_and_a_strange_name_are_asked_about_as_well() -> None:
    calendar = gather(Calendar, world(at=1.8e9), ReleaseWindow.from_options({"windows": [EVENING]}).windows, ())
    moment = MomentInQuestion("it's", None, after=False, at=1.8e9)
    policy = ReleaseWindow.from_options({"windows": [EVENING]})
    assert (
        "guardrails check --env 'it'\"'\"'s' --at" in only(judge(policy, moment=moment, calendar=calendar)).remediation
    )


def test_the_tables_have_the_keys_of_the_contract() -> None:
    schema = table_for(ReleaseWindow).model_json_schema()
    assert sorted(schema["$defs"]["Window"]["properties"]) == ["days", "end", "from", "start", "to", "zone"]
    made = table_for(ReleaseWindow)(windows=[EVENING], freezes=[DECEMBER])
    assert made.model_dump()["windows"][0]["from"] == "22:00"


@pytest.mark.parametrize("name", ["windows", "freezes"])
def test_a_window_that_is_none_stops_the_configuration(name: str) -> None:
    with pytest.raises(ValueError, match="'Europe/Atlantis' is not a time zone"):
        ReleaseWindow.from_options({name: [{"days": ["mon"], "zone": "Europe/Atlantis"}]})


def test_a_time_that_no_calendar_reaches_cannot_be_judged() -> None:
    at = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
    with pytest.raises(CannotKnow, match="cannot be told"):
        gather(Calendar, world(at=at), ReleaseWindow.from_options({"windows": [EVENING]}).windows, ())


def test_what_will_hold_is_asked_of_the_same_candidate() -> None:
    calendar = gather(Calendar, world(at=1.8e9), ReleaseWindow.from_options({"windows": [EVENING]}).windows, ())
    moment = MomentInQuestion("prod", "promote", after=False, at=1.8e9, candidate="release/v 1")
    finding = only(judge(ReleaseWindow.from_options({"windows": [EVENING]}), moment=moment, calendar=calendar))
    assert finding.remediation.startswith("guardrails check --env prod --op promote --candidate 'release/v 1' --at ")

"""active-sessions: one session that was used lately is enough; none, and only silent ones, are findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, Finding
from guardrails.model import PolicyResult
from guardrails.testing import gather, judge, world
from guardrails_policies.openclaw.state.sessions import Sessions
from guardrails_policies.state.active_sessions import ActiveSessions
from worlds.openclaw_state import CAPTURED_AT, MIGRATED, NEW, OLD, real_state

AT = 1_795_348_380.0  # 2026-11-22T11:53:00Z
DAY = 86_400.0


def sessions(**rest: Any) -> Sessions:
    return Sessions(**{"at": AT, "state_dir": "/s p", "agents": 2, **rest})


def only(result: PolicyResult) -> Finding:
    assert result.outcome == "fail"
    (finding,) = result.findings
    return finding


@pytest.mark.parametrize(("age", "outcome"), [(0, "pass"), (-60, "pass"), (7 * DAY, "pass"), (7 * DAY + 1, "fail")])
def test_a_session_is_active_for_a_week(age: float, outcome: str) -> None:
    assert judge(ActiveSessions(), sessions=sessions(latest=AT - age)).outcome == outcome


def test_sessions_that_an_update_left_behind_are_named() -> None:
    left = ("/s p/agents/a/sessions/sessions.json", "/s p/agents/b/sessions/sessions.json")
    for latest in (None, AT):
        finding = only(judge(ActiveSessions(), sessions=sessions(latest=latest, left_behind=left)))
        assert finding.message == "An update has not moved the sessions"
        assert finding.observed.startswith(f"sessions in {left[0]} and 1 more")
        assert finding.remediation.startswith("OPENCLAW_STATE_DIR='/s p' openclaw doctor --lint")


def test_max_age_changes_that() -> None:
    assert judge(ActiveSessions(max_age="2h"), sessions=sessions(latest=AT - 7200)).outcome == "pass"
    assert judge(ActiveSessions(max_age="2h"), sessions=sessions(latest=AT - 7201)).outcome == "fail"


def test_only_silent_sessions() -> None:
    finding = only(judge(ActiveSessions(), sessions=sessions(latest=AT - 9 * DAY, where="/s p/agents/main/x")))
    assert finding.message == "All sessions are silent: the last was used 9 days ago"
    assert finding.observed == "last used 2026-11-13T11:53:00Z"
    later = only(judge(ActiveSessions(), sessions=sessions(at=AT + DAY, latest=AT - 9 * DAY)))
    assert later.message == "All sessions are silent: the last was used 10 days ago"
    assert later.observed == finding.observed, "a finding that grows older stays the same finding"
    assert finding.expected == "a session that was used within 7d"
    assert finding.remediation.startswith("OPENCLAW_STATE_DIR='/s p' openclaw gateway status ")
    assert finding.path == "/s p/agents/main/x"


def test_no_session() -> None:
    finding = only(judge(ActiveSessions(), sessions=sessions()))
    assert (finding.message, finding.observed) == ("There is no session", "agents: 2, sessions: none")
    assert finding.path == "/s p/agents"


def test_one_from_the_future_does_not_count_and_is_told() -> None:
    finding = only(judge(ActiveSessions(), sessions=sessions(later=AT + 9 * DAY)))
    assert finding.observed.endswith("; one claims 2026-12-01T11:53:00Z, which is yet to come")


def test_a_missing_state_directory() -> None:
    assert only(judge(ActiveSessions(), sessions=sessions(exists=False))).observed == "no folder /s p"


@pytest.mark.parametrize("max_age", ["", "7", "a week"])
def test_an_age_that_is_none_stops_the_configuration(max_age: str) -> None:
    with pytest.raises(ValueError, match=r"max_age: .* is not a duration"):
        ActiveSessions(max_age=max_age)


@pytest.mark.parametrize("name", [OLD, NEW, MIGRATED])
def test_captured_states(tmp_path: Path, name: str) -> None:
    state = real_state(name, tmp_path / "state")

    def check(at: float) -> PolicyResult:
        return judge(ActiveSessions(), sessions=gather(Sessions, world(state_dir=str(state), at=at), "7d"))

    assert check(CAPTURED_AT).outcome == "pass"
    assert check(CAPTURED_AT + 8 * DAY).outcome == "fail"
    assert "yet to come" in only(check(CAPTURED_AT - 8 * DAY)).observed


def test_a_truncated_index_cannot_be_known(tmp_path: Path) -> None:
    state = real_state(OLD, tmp_path / "state")
    index = state / "agents/main/sessions/sessions.json"
    index.write_bytes(index.read_bytes()[:100])
    with pytest.raises(CannotKnow):
        gather(Sessions, world(state_dir=str(state), at=CAPTURED_AT), "7d")

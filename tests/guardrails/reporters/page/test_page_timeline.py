"""One bar for each verdict, one line where something changed, and what differs from the verdict before."""

from __future__ import annotations

from typing import Any

from guardrails.reporters.page.page_timeline import blocked_since, difference, state_of, timeline_of


def verdict(number: int, *blocking: str, moment: str = "standing", **more: Any) -> dict[str, Any]:
    said = {"verdict": "deny", "exit_code": 1} if blocking else {"verdict": "allow", "exit_code": 0}
    about = {"number": number, "at": f"2026-01-31T{number:02}:00:00Z", "moment": moment}
    return {**about, **said, "blocking": list(blocking), **more}


def logged(*verdicts: dict[str, Any], record: int | None = None, **more: Any) -> dict[str, Any]:
    return {"moment": "standing", "record": record, "log": {"verdicts": list(verdicts), **more}}


def test_what_says_two_things_is_no_allow() -> None:
    assert state_of("allow", 0) == "allow"
    assert state_of("allow", 1) == "deny"
    assert state_of("allow", 2) == state_of("deny", 2) == "undecided"
    assert state_of("deny", 0) == state_of(None, None) == state_of("ALLOW", 0) == "deny"


def test_equal_verdicts_that_follow_each_other_are_one_line() -> None:
    data = logged(verdict(1), verdict(2), verdict(3, "a"), verdict(4, "a"), verdict(5, "a", "b"), verdict(6), record=6)
    timeline = timeline_of(data)
    assert timeline
    lines = [(row.state, row.count, row.first[11:13], row.last[11:13], row.new, row.gone) for row in timeline.rows]
    assert lines == [
        ("allow", 1, "06", "06", (), ("a", "b")),
        ("deny", 1, "05", "05", ("b",), ()),
        ("deny", 2, "03", "04", ("a",), ()),
        ("allow", 2, "01", "02", (), ()),
    ]
    assert [row.is_this for row in timeline.rows] == [True, False, False, False]
    assert timeline.counts == (("allow", 3), ("deny", 3))
    assert sum(path.count("M") for _, path in timeline.bars) == timeline.shown == 6


def test_verdicts_on_another_moment_change_nothing() -> None:
    data = logged(verdict(1, "a"), verdict(2, moment="promote"), verdict(3, "a"), record=3)
    timeline = timeline_of(data)
    assert timeline
    assert [(row.new, row.gone) for row in timeline.rows] == [((), ()), ((), ()), (("a",), ())]
    found = difference(data, ["a"])
    assert found
    assert (found.new, found.gone, found.still, found.at[11:13]) == ((), (), ("a",), "01")


def test_the_difference_to_the_verdict_before() -> None:
    older = verdict(1, "a", "b", commit="1" * 40, policy_set="sha256:1")
    report = {"subject": {"commit": "2" * 40}, "policy_set": {"digest": "sha256:2"}}
    found = difference(logged(older, verdict(2, "b", "c"), record=2) | {"report": report}, ["b", "c"])
    assert found
    assert (found.new, found.gone, found.still) == (("c",), ("a",), ("b",))
    assert found.commit == ("1" * 40, "2" * 40)
    assert found.policy_set
    assert difference(logged(verdict(2, "b"), record=2), ["b"]) is None


def test_since_when_a_policy_blocks() -> None:
    verdicts = (verdict(1, "a"), verdict(2), verdict(3, "a"), verdict(4, "a", "b"), verdict(5, "a", "b", "c"))
    data = logged(*verdicts, record=5)
    assert [blocked_since(data, name)[11:13] for name in "abc"] == ["03", "04", ""]


def test_without_a_log_there_is_no_timeline() -> None:
    assert timeline_of({"log": None}) is None
    empty = timeline_of(logged(problem="there is no audit log yet"))
    assert empty
    assert (empty.rows, empty.problem) == ((), "there is no audit log yet")

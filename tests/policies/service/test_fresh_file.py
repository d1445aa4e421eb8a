from __future__ import annotations

import pytest

from guardrails import FileAge, FileState
from guardrails.testing import judge
from guardrails_policies.service.fresh_file import SKEW, FreshFile

NOW = 1_770_000_000  # 2026-02-02T02:40:00Z
BY_CLOCK = FreshFile(file="backup", newer_than="1h")
BY_FILE = FreshFile(file="dist/a.js", newer_than="src/a.ts")


def file(seconds: float, kind: str | None = "a file") -> FileState:
    return FileState("/some/backup", kind, 1, round(seconds * 1e9))


def by_clock(modified: FileState) -> FileAge:
    return FileAge(modified, None, 3600.0, float(NOW))


def by_file(modified: FileState, other: FileState) -> FileAge:
    return FileAge(modified, other, None, float(NOW))


@pytest.mark.parametrize("seconds", [NOW, NOW - 3599.999, NOW + SKEW])
def test_a_file_that_is_new_enough_passes(seconds: float) -> None:
    assert judge(BY_CLOCK, age=by_clock(file(seconds))).outcome == "pass"


@pytest.mark.parametrize("seconds", [NOW - 3600, NOW - 3600.001, 0, -1])
def test_a_file_that_is_too_old_fails(seconds: float) -> None:
    assert judge(BY_CLOCK, age=by_clock(file(seconds))).outcome == "fail"


def test_the_times_are_shown() -> None:
    [finding] = judge(BY_CLOCK, age=by_clock(file(NOW - 7200.25))).findings
    assert finding.observed == "modified 2026-02-02T00:39:59.750Z"
    assert finding.expected == "a file newer than 1h (2026-02-02T01:40:00.000Z)"
    assert finding.remediation.startswith("ls -la /some/backup   # a look: ")


def test_a_file_from_the_future_cannot_be_judged_by_the_clock() -> None:
    assert judge(BY_CLOCK, age=by_clock(file(NOW + SKEW + 1))).outcome == "error"
    assert judge(BY_FILE, age=by_file(file(NOW + 9999), file(NOW))).outcome == "pass"


@pytest.mark.parametrize(("ahead", "outcome"), [(1, "pass"), (1e-6, "pass"), (0, "fail"), (-1, "fail")])
def test_equal_times_are_not_newer(ahead: float, outcome: str) -> None:
    age = by_file(
        FileState("/a", "a file", 1, NOW * 10**9 + round(ahead * 1e9)), FileState("/b", "a file", 1, NOW * 10**9)
    )
    assert judge(BY_FILE, age=age).outcome == outcome


def test_a_missing_file_fails_and_so_does_a_missing_other() -> None:
    assert [finding.observed for finding in judge(BY_CLOCK, age=by_clock(file(0, None))).findings] == [
        "nothing is there"
    ]
    result = judge(BY_FILE, age=by_file(file(NOW), file(0, None)))
    assert result.outcome == "fail"
    assert len(judge(BY_FILE, age=by_file(file(0, None), file(0, None))).findings) == 2


def test_the_time_of_a_folder_says_nothing() -> None:
    assert judge(BY_CLOCK, age=by_clock(file(NOW, "a directory"))).outcome == "error"
    assert judge(BY_FILE, age=by_file(file(NOW), file(0, "a directory"))).outcome == "error"


@pytest.mark.parametrize(("name", "newer_than"), [("a", ""), ("", "7d"), ("{x}", "7d"), ("a", "{x}")])
def test_options_that_cannot_be_meant(name: str, newer_than: str) -> None:
    with pytest.raises(ValueError, match=r"give both|stands for nothing"):
        FreshFile(file=name, newer_than=newer_than)

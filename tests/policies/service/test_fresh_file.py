from __future__ import annotations

import pytest

from guardrails import FileAge, FileState
from guardrails.facts.named_files import Matches
from guardrails.testing import judge
from guardrails_policies.service.fresh_file import SKEW, FreshFile

NOW = 1_770_000_000  # 2026-02-02T02:40:00Z
BY_CLOCK = FreshFile(file="backup", newer_than="1h")
BY_FILE = FreshFile(file="dist/a.js", newer_than="src/a.ts")


def file(seconds: float, kind: str | None = "a file") -> FileState:
    return FileState("/some/backup", kind, 1, round(seconds * 1e9))


def by_clock(modified: FileState) -> FileAge:
    return FileAge((Matches("backup", (modified,)),), (), 3600.0, float(NOW), "1h")


def by_file(modified: FileState, other: FileState) -> FileAge:
    return FileAge((Matches("a", (modified,)),), (Matches("b", (other,)),), None, float(NOW))


@pytest.mark.parametrize("seconds", [NOW, NOW - 3599.999, NOW + SKEW])
def test_a_file_that_is_new_enough_passes(seconds: float) -> None:
    assert judge(BY_CLOCK, age=by_clock(file(seconds))).outcome == "pass"


@pytest.mark.parametrize("seconds", [NOW - 3600, NOW - 3600.001, 0, -1])
def test_a_file_that_is_too_old_fails(seconds: float) -> None:
    assert judge(BY_CLOCK, age=by_clock(file(seconds))).outcome == "fail"


def test_the_times_are_shown() -> None:
    [finding] = judge(BY_CLOCK, age=by_clock(file(NOW - 7200.25))).findings
    assert finding.message == "/some/backup is not fresh: it was modified 2 hours ago"
    assert finding.observed == "modified 2026-02-02T00:39:59.750Z"
    assert finding.expected == "a file newer than 1h"
    assert finding.remediation.startswith("ls -la /some/backup   # a look: ")


def test_a_file_from_the_future_cannot_be_judged_by_the_clock() -> None:
    assert judge(BY_CLOCK, age=by_clock(file(NOW + 60))).outcome == "pass"
    assert judge(BY_CLOCK, age=by_clock(file(NOW + 60.5))).outcome == "error"
    assert judge(BY_FILE, age=by_file(file(NOW + 9999), file(NOW))).outcome == "pass"


@pytest.mark.parametrize(("ahead", "outcome"), [(1, "pass"), (1e-6, "pass"), (0, "fail"), (-1, "fail")])
def test_equal_times_are_not_newer(ahead: float, outcome: str) -> None:
    age = by_file(
        FileState("/a", "a file", 1, NOW * 10**9 + round(ahead * 1e9)), FileState("/b", "a file", 1, NOW * 10**9)
    )
    assert judge(BY_FILE, age=age).outcome == outcome


def test_a_missing_file_fails_and_a_missing_other_leaves_it_undecided() -> None:
    [finding] = judge(BY_CLOCK, age=by_clock(file(0, None))).findings
    assert finding.observed == "nothing is there"
    result = judge(BY_FILE, age=by_file(file(NOW), file(0, None)))
    assert (result.outcome, result.reason) == ("error", "nothing is at b, which 1 files must be newer than")
    assert judge(BY_FILE, age=by_file(file(0, None), file(0, None))).outcome == "error"


@pytest.mark.parametrize(("newer_than", "written"), [("1h", "1h"), (("1h", "src/*.ts"), "1h, src/*.ts")])
def test_what_a_missing_file_must_be_newer_than_is_told(newer_than: str | tuple[str, ...], written: str) -> None:
    [finding] = judge(FreshFile(file="backup", newer_than=newer_than), age=by_clock(file(0, None))).findings
    assert finding.expected == f"a file newer than {written}"


def many(*files: float, others: tuple[float, ...] = (), limit: float | None = None) -> FileAge:
    """Files of one pattern that were changed at these times, beside others and a limit in seconds."""
    states = [tuple(FileState(f"/{at}", "a file", 1, round(at * 1e9)) for at in times) for times in (files, others)]
    return FileAge((Matches("dist/*", states[0]),), (Matches("src/*", states[1]),) * bool(others), limit, float(NOW))


def test_every_file_must_be_newer_than_the_newest_of_the_others() -> None:
    policy = FreshFile(file="dist/*", newer_than="src/*")
    assert judge(policy, age=many(NOW - 8, NOW - 7, others=(NOW - 50, NOW - 9))).outcome == "pass"
    [finding] = judge(policy, age=many(NOW - 8, NOW - 10, others=(NOW - 9, NOW - 50))).findings
    assert (finding.path, finding.expected.split()[4]) == (f"/{NOW - 10}", f"/{NOW - 9}")
    assert len(judge(policy, age=many(1, 2, 3, others=(4,))).findings) == 3


def test_the_strictest_of_several_counts() -> None:
    policy = FreshFile(file=("dist/*",), newer_than=("1h", "src/*"))
    assert judge(policy, age=many(NOW - 8, others=(NOW - 9,), limit=3600.0)).outcome == "pass"
    assert judge(policy, age=many(NOW - 8, others=(NOW - 9,), limit=7.0)).outcome == "fail"
    assert judge(policy, age=many(NOW - 8, others=(NOW - 7,), limit=3600.0)).outcome == "fail"


def test_a_pattern_without_a_match() -> None:
    policy = FreshFile(file="dist/*", newer_than="src/*")
    [finding] = judge(policy, age=many(others=(1,))).findings
    assert finding.observed == "nothing matches"
    nothing = FileAge((Matches("dist/*", (file(NOW),)),), (Matches("src/*", ()),), None, float(NOW))
    result = judge(policy, age=nothing)
    assert (result.outcome, "nothing is at src/*" in (result.reason or "")) == ("error", True)


def test_the_time_of_a_folder_says_nothing() -> None:
    assert judge(BY_CLOCK, age=by_clock(file(NOW, "a directory"))).outcome == "error"
    assert judge(BY_FILE, age=by_file(file(NOW), file(0, "a directory"))).outcome == "error"


@pytest.mark.parametrize(
    ("name", "newer_than"),
    [
        ("a", ""),
        ("", "7d"),
        ("{x}", "7d"),
        ("a", "{x}"),
        ((), "7d"),
        ("a", ()),
        (("a", ""), "7d"),
        (("a", "{x}"), "7d"),
    ],
)
def test_options_that_cannot_be_meant(name: str | tuple[str, ...], newer_than: str | tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"give both|stands for nothing|not a path"):
        FreshFile(file=name, newer_than=newer_than)

"""tested-commit: what will run passed every required command, whole and lately; anything else says what is recorded."""

from __future__ import annotations

from shlex import join
from typing import Any

import pytest

from guardrails import RecordedRun, RecordedRuns
from guardrails.facts.approval.signatures import Ignored
from guardrails.model import Finding, PolicyResult
from guardrails.testing import judge
from guardrails_policies.release import tested_commit

COMMIT, TREE = "c" * 40, "d" * 40
NOW = 1_790_000_000.0
COMMANDS = {"test": "pnpm test", "build": "pnpm build"}
HOUR = 3600


def run(name: str = "test", **rest: Any) -> RecordedRun:
    said = {"command": ("pnpm", name), "result": "PASSED", "tests": None, "at": NOW - 60, "ref": f"refs/x/{name}"}
    return RecordedRun(name=name, **{**said, **rest})


def check(*runs: RecordedRun, ignored: tuple[Ignored, ...] = (), signed: bool = True, **options: Any) -> PolicyResult:
    policy = tested_commit.TestedCommit.from_options({"commands": COMMANDS, **options})
    evidence = RecordedRuns("dev", "/srv/de v", COMMIT, TREE, NOW, signed, runs, ignored)
    return judge(policy, evidence=evidence)


def only(result: PolicyResult) -> Finding:
    assert result.outcome == "fail"
    (finding,) = result.findings
    return finding


def test_each_required_command_passed() -> None:
    result = check(run(), run("build"))
    assert (result.outcome, result.reason) == ("pass", None)


def test_what_is_not_required_is_not_judged() -> None:
    assert check(run(), run("build"), run("lint", result="FAILED")).outcome == "pass"


def test_none_is_recorded() -> None:
    finding = only(check(run("build")))
    assert finding.message == "test is not recorded for what will run"
    assert finding.observed == f"no record for the tree {TREE}"
    assert finding.expected == f"`pnpm test` passed on the tree {TREE} within 24h"
    assert finding.remediation == (
        "guardrails attest test --env dev -- pnpm test"
        "   # GUARDRAILS_KEY must name a key of [trust] allowed_signers, or it does not count"
    )


def test_where_another_commit_is_checked_out_it_is_switched_first() -> None:
    evidence = RecordedRuns("dev", "/srv/de v", COMMIT, TREE, NOW, signed=False, elsewhere=True)
    policy = tested_commit.TestedCommit.from_options({"commands": {"test": "sh -c 'a && b'"}})
    assert only(judge(policy, evidence=evidence)).remediation == (
        f"git -C '/srv/de v' switch --detach {COMMIT} && guardrails attest test --env dev -- sh -c 'a && b'"
    )


def test_nothing_at_all_is_recorded() -> None:
    assert len(check().findings) == 2


@pytest.mark.parametrize(
    "command",
    [
        ("pnpm", "test", "src/memory"),
        ("pnpm", "test", "--"),
        ("PNPM", "test"),
        ("true",),
        ("pnpm test",),
        ("pnpm", "test", ""),
    ],
)
def test_another_command_line(command: tuple[str, ...]) -> None:
    finding = only(check(run(command=command), run("build")))
    assert finding.message == "test ran another command"
    assert f"`{join(command)}`" in finding.observed


@pytest.mark.parametrize(
    ("written", "ran"),
    [
        ("pnpm  test ", ("pnpm", "test")),
        ("sh -c 'a && b'", ("sh", "-c", "a && b")),
        ('sh -c "a && b"', ("sh", "-c", "a && b")),
        ("echo a\\ b ''", ("echo", "a b", "")),
    ],
)
def test_words_are_compared_however_they_are_quoted(written: str, ran: tuple[str, ...]) -> None:
    assert check(run(command=ran), commands={"test": written}).outcome == "pass"


@pytest.mark.parametrize("result", ["FAILED", "WARNED"])
def test_it_did_not_pass(result: str) -> None:
    finding = only(check(run(result=result), run("build")))
    assert (finding.message, finding.ref) == ("test did not pass", "refs/x/test")
    assert finding.observed == f"`pnpm test` {result} at 2026-09-21T14:12:20Z"


@pytest.mark.parametrize(("tests", "outcome"), [(0, "fail"), (1, "pass"), (None, "pass")])
def test_zero_tests(tests: int | None, outcome: str) -> None:
    result = check(run(tests=tests), run("build"))
    assert result.outcome == outcome
    if outcome == "fail":
        assert only(result).message == "test ran no tests"


@pytest.mark.parametrize(
    ("age", "max_age", "said"),
    [
        (24 * HOUR, "24h", ""),
        (24 * HOUR + 1, "24h", "24 hours ago"),
        (24 * HOUR + 1, "2d", ""),
        (61, "60s", "61 seconds ago"),
        (0, "60s", ""),
    ],
)
def test_stale(age: int, max_age: str, said: str) -> None:
    result = check(run(at=NOW - age), run("build", at=NOW), max_age=max_age)
    assert result.outcome == ("fail" if said else "pass")
    if said:
        assert only(result).message == f"test passed {said}, which is too long"


def test_an_unknown_signer_or_a_forgery_is_named_and_does_not_count() -> None:
    forged = Ignored(f"refs/attestations/{TREE}/test/x", "its signature does not verify")
    result = check(run("build"), ignored=(forged,))
    finding = only(result)
    assert finding.message == "no record of test counts"
    assert finding.observed == "1 for this tree, which cannot count: its signature does not verify"
    assert result.reason == f"not counted: {forged.ref}: its signature does not verify"


def test_what_does_not_count_is_told_of_its_own_name_alone() -> None:
    finding = only(check(run("build"), ignored=(Ignored(f"refs/attestations/{TREE}/lint/0", "nobody signed it"),)))
    assert finding.message == "test is not recorded for what will run"


def test_a_forgery_beside_what_counts_is_a_note() -> None:
    result = check(run(), run("build"), ignored=tuple(Ignored(f"refs/{n}", "nobody signed it") for n in range(9)))
    assert result.outcome == "pass"
    assert (result.reason or "").endswith("refs/4: nobody signed it and 4 more")


def test_that_nobody_need_sign_is_said() -> None:
    result = check(run(), run("build"), signed=False)
    assert (result.outcome, result.reason) == (
        "pass",
        "unsigned records count, since [trust] has no allowed_signers",
    )


def test_without_commands_it_does_not_apply() -> None:
    assert check(commands={}).outcome == "skip"


@pytest.mark.parametrize(
    "options",
    [
        {"commands": {"": "pnpm test"}},
        {"commands": {"a/b": "pnpm test"}},
        {"commands": {"-x": "pnpm test"}},
        {"commands": {"test": " "}},
        {"commands": {"test": "sh -c 'a"}},
        {"commands": {"test": "a && b"}},
        {"max_age": "soon"},
    ],
)
def test_options_that_make_no_sense_stop_the_configuration(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        check(**options)

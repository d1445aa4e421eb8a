"""What every format must show: nothing is dropped, undecided is told from bad, and places are in the repository."""

from __future__ import annotations

import pytest

from guardrails import reporters
from guardrails.engine.gate import fingerprint
from guardrails.model import Outcome, Report
from guardrails.reporters.problems import RUN, anchor, problems
from reports import ADVISED, ALLOWED, EVERY, FAILED, FINDING, MISTAKEN, NOTHING, UNDECIDED, decision, waived, weighed


def test_nothing_is_wrong_with_what_is_allowed() -> None:
    assert problems(ALLOWED) == []


@pytest.mark.parametrize("report", [UNDECIDED, MISTAKEN, NOTHING], ids=["policy", "run", "nothing"])
def test_a_report_without_an_answer_has_an_undecided_problem(report: Report) -> None:
    (problem,) = problems(report)
    assert report.exit_code == 2
    assert (problem.undecided, problem.blocks) == (True, True)


@pytest.mark.parametrize("report", EVERY.values(), ids=EVERY)
def test_whatever_is_not_allowed_has_a_problem_that_blocks(report: Report) -> None:
    assert any(problem.blocks for problem in problems(report)) == (report.exit_code != 0)
    assert any(problem.undecided for problem in problems(report)) or report.exit_code != 2


def test_every_finding_and_every_reason_is_there() -> None:
    report = weighed(
        decision("a", Outcome.FAIL, FINDING, FINDING.replaced(path="src/y.ts")),
        decision("b", Outcome.ERROR, FINDING, reason="half way"),
        decision("c", Outcome.FAIL),
        errors=["lost"],
    )
    found = [(problem.policy, problem.undecided, problem.message) for problem in problems(report)]
    assert found == [
        ("a", False, "src/x.ts is not as HEAD says"),
        ("a", False, "src/x.ts is not as HEAD says"),
        ("b", False, "src/x.ts is not as HEAD says"),
        ("b", True, "could not decide: half way"),
        ("c", False, "no reason was given"),
        (RUN, True, "lost"),
    ]


def test_fingerprints_are_those_of_the_findings_and_never_the_same() -> None:
    report = weighed(decision("a", Outcome.FAIL, *(FINDING.replaced(expected=str(one)) for one in range(3))))
    first, *twins = (problem.fingerprint for problem in problems(report))
    assert first == fingerprint("a", "prod", FINDING)
    assert twins == [f"{first}-2", f"{first}-3"]


def test_what_else_a_policy_says_stands_with_each_finding() -> None:
    report = weighed(decision("a", Outcome.FAIL, FINDING, FINDING.replaced(line=4), reason="1002 findings"))
    assert [list(problem.lines())[-1] for problem in problems(report)] == ["note: 1002 findings"] * 2


@pytest.mark.parametrize("form", reporters.FORMATS)
def test_every_format_names_the_configuration(form: str) -> None:
    assert "/srv/guardrails.toml" in reporters.renderer(form)(FAILED.replaced(source="/srv/guardrails.toml"))
    assert "configuration" not in reporters.renderer(form)(FAILED)


@pytest.mark.parametrize("form", reporters.FORMATS)
def test_every_format_says_that_there_is_no_configuration(form: str) -> None:
    said = reporters.renderer(form)(FAILED.replaced(source="profile:openclaw"))
    assert "profile:openclaw" in said
    assert ("guardrails init writes a guardrails.toml" in said) == (form != "json")


def test_what_does_not_block_says_so() -> None:
    (problem,) = problems(ADVISED)
    assert not problem.blocks


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("src/x.ts", "src/x.ts"),
        ("./src//x.ts", "src/x.ts"),
        ("/srv/prod/src/x.ts", "src/x.ts"),
        ("/srv/prod", None),
        ("/srv/production/x.ts", None),
        ("/home/me/.openclaw/cron/jobs.json", None),
        ("/srv/prod/../dev/x.ts", None),
        ("../x.ts", None),
        ("..x.ts", "..x.ts"),
        (".", None),
        ("", None),
        (None, None),
    ],
)
def test_a_path_is_one_of_the_repository_or_none(path: str | None, shown: str | None) -> None:
    (problem,) = problems(weighed(decision("a", Outcome.FAIL, FINDING.replaced(path=path))))
    assert (problem.path, problem.line) == (shown, 3 if shown else None)
    assert (f"where: {path}" in problem.lines()) == (bool(path) and not shown)


def test_what_is_elsewhere_is_pinned_to_the_configuration() -> None:
    assert anchor(FAILED) == "guardrails.toml"
    assert anchor(FAILED.replaced(source="/srv/prod/ops/guardrails.toml")) == "ops/guardrails.toml"
    assert anchor(FAILED.replaced(source="/etc/guardrails.toml")) == "guardrails.toml"
    assert anchor(MISTAKEN) == "guardrails.toml"


def test_a_waived_finding_does_not_block_and_the_others_do() -> None:
    report = weighed(waived("a", FINDING, FINDING.replaced(line=4), only=(1,)))
    assert [(problem.blocks, bool(problem.waiver)) for problem in problems(report)] == [(True, False), (False, True)]


def test_a_policy_that_blocks_though_all_that_is_shown_is_waived_has_a_problem_that_blocks() -> None:
    """Findings above the limit are cut, and a waiver of those that are left does not cover them."""
    cut = waived("a", FINDING).replaced(waived=False, blocks=True)
    assert [(problem.blocks, problem.message) for problem in problems(weighed(cut))] == [
        (False, "src/x.ts is not as HEAD says"),
        (True, "waived: until Monday"),
    ]

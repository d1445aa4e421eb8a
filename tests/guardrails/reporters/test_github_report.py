"""Annotations: the runner reads exactly the commands that were meant, whatever the world is called."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from guardrails import reporters
from guardrails.model import Outcome, Report
from guardrails.reporters.github_report import SHOWN, inert, render
from guardrails.reporters.problems import problems
from guardrails.wording.shown_text import visible
from reports import ADVISED, ALLOWED, EVERY, FAILED, FINDING, HOSTILE, UNDECIDED, decision, hostile, weighed
from workflow_commands import command


@pytest.mark.parametrize("report", EVERY.values(), ids=EVERY)
def test_the_runner_reads_what_was_meant(report: Report) -> None:
    *lines, last = render(report).split("\n")[:-1]
    read = [command(line) for line in lines]

    assert command(last) is None
    assert last.startswith("ALLOW" if report.exit_code == 0 else "DENY")
    assert sorted(one[2] for one in read if one) == sorted(
        "\n".join(visible(line) for line in problem.lines()) for problem in problems(report)
    )
    blocking = sum(problem.blocks for problem in problems(report))
    assert [one[0] for one in read if one] == ["error"] * blocking + ["warning"] * (len(lines) - blocking)


def test_a_finding_is_annotated_at_its_place() -> None:
    read = command(render(FAILED).splitlines()[0])
    assert read is not None
    assert read[:2] == (
        "error",
        {"file": "src/x.ts", "line": "3", "title": "clean-worktree: the title of clean-worktree"},
    )


def test_what_is_not_in_the_repository_has_no_place() -> None:
    read = command(render(UNDECIDED).splitlines()[0])
    assert read == (
        "error",
        {"title": "clean-worktree: the title of clean-worktree"},
        "could not decide: the index is locked",
    )


def test_allowed_is_one_line_without_a_command() -> None:
    assert render(ALLOWED) == "ALLOW  1 pass, 1 skip\n"
    assert render(ADVISED).startswith("::warning ")


def test_the_worst_are_shown_and_the_others_are_counted() -> None:
    many = [FINDING.replaced(observed=str(number)) for number in range(SHOWN + 5)]
    report = weighed(
        decision("a-low", Outcome.FAIL, *many, severity="low"),
        decision("b-critical", Outcome.FAIL, FINDING, severity="critical"),
        decision("c-undecided", Outcome.ERROR, severity="low"),
        decision("d-advised", Outcome.FAIL, *many, level="advisory"),
    )
    read = [command(line) for line in render(report).splitlines()[:-1]]
    titles = [one[1]["title"].partition(":")[0] for one in read if one and one[0] == "error"]

    assert titles == ["c-undecided", "b-critical", *["a-low"] * (SHOWN - 2)]
    assert [one[2] for one in read if one and one[0] == "notice"] == [
        "7 more errors are in the reports and not shown here",
        "5 more warnings are in the reports and not shown here",
    ]


@pytest.mark.parametrize("form", sorted(reporters.FORMATS.keys() - {"github"}))
@pytest.mark.parametrize("text", HOSTILE)
def test_no_report_in_a_log_is_a_command(form: str, text: str) -> None:
    shown = inert(reporters.renderer(form)(hostile(text)), form)
    assert [line for line in shown.split("\n") if command(line)] == []
    if form in ("json", "sarif", "gitlab"):
        assert json.loads(shown) == json.loads(reporters.renderer(form)(hostile(text)))
    if form == "junit":
        ElementTree.fromstring(shown)

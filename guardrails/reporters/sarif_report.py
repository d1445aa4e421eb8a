"""SARIF 2.1.0 (OASIS), for code scanning: each finding a result, each policy a rule.

A policy without an answer is a result of kind `open` (§3.27.9) and a notification of an execution that was not
successful (§3.20.14, §3.20.21). What GitHub reads of it: "SARIF support for code scanning" in GitHub's documentation.
"""

from __future__ import annotations

import json
import re

from guardrails.reporters.problems import RUN, anchor, description, problems
from guardrails.reporters.text_report import verdict
from guardrails.version import VERSION
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.model import Decision, Report, Waiver
    from guardrails.reporters.problems import Problem

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub's own scale of `security-severity`: above 0 low, from 4 medium, from 7 high, from 9 critical.
_SCORES = {"low": "3.0", "medium": "5.5", "high": "8.0", "critical": "9.5"}


def render(report: Report) -> str:
    """The report as one SARIF log with one run; strings hold the real text, JSON-escaped."""
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]}, indent=2) + "\n"


def _run(report: Report) -> dict[str, Any]:
    found = problems(report)
    rules = {decision.result.policy: number for number, decision in enumerate(report.decisions)}
    category = "/".join(filter(None, ("guardrails", report.environment, report.operation)))
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "guardrails", "semanticVersion": VERSION, "rules": _rules(report)}},
        "automationDetails": {"id": f"{category}/"},
        "invocations": [_invocation(report, [problem for problem in found if problem.undecided])],
        "columnKind": "unicodeCodePoints",
        "properties": dict(description(report)),
    }
    if report.decisions:  # without any, nothing was judged, which a list of no results would call clean (§3.14.23)
        place = anchor(report)
        run["results"] = [_result(one, rules[one.policy], place) for one in found if one.policy != RUN]
    return run


def _rules(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "id": decision.result.policy,
            "shortDescription": {"text": _message(decision.title)},
            "fullDescription": {"text": _message(decision.title)},
            "help": {"text": f"guardrails explain {decision.result.policy}"},
            "defaultConfiguration": {"level": _level(blocks=_would_block(decision), severity=decision.severity)},
            "properties": {
                "enforcement": decision.enforcement,
                "precision": "very-high",
                "problem.severity": "error" if _would_block(decision) else "warning",
                "security-severity": _SCORES.get(decision.severity, "5.5"),
                "source": decision.source,
                "tags": ["deployment", str(decision.enforcement)],
            },
        }
        for decision in report.decisions
    ]


def _would_block(decision: Decision) -> bool:
    return decision.enforcement != "advisory"


def _level(*, blocks: bool, severity: str) -> str:
    return "error" if blocks else "note" if severity == "low" else "warning"


def _invocation(report: Report, undecided: list[Problem]) -> dict[str, Any]:
    ended = report.started_at + report.duration_ms / 1000
    return {
        "executionSuccessful": not undecided,
        "exitCode": report.exit_code,
        "exitCodeDescription": "".join(verdict(report)),
        "startTimeUtc": utc(report.started_at),
        "endTimeUtc": utc(ended),
        "toolExecutionNotifications": [
            {
                "level": "error" if problem.blocks else "warning",
                "message": {"text": _message(problem.message)},
                **({} if problem.policy == RUN else {"associatedRule": {"id": problem.policy}}),
            }
            for problem in undecided
        ],
    }


def _result(problem: Problem, rule: int, place: str) -> dict[str, Any]:
    digest, _, number = problem.fingerprint.partition("-")
    seen = ("observed", "expected", "remediation", "remark", "path", "ref") if problem.finding else ()
    return {
        "ruleId": problem.policy,
        "ruleIndex": rule,
        "kind": "open" if problem.undecided else "fail",
        "level": "none" if problem.undecided else _level(blocks=problem.blocks, severity=problem.severity),
        "message": {"text": _message("\n".join(problem.lines()))},
        "locations": [_location(problem.path or place, problem.line)],
        "partialFingerprints": {
            "guardrails/v1": problem.fingerprint,
            # The only one that GitHub takes: it would compute it from a line of source, and a deployment has none.
            "primaryLocationLineHash": f"{digest[:16]}:{number or 1}",
        },
        "properties": {name: text for name in seen if (text := getattr(problem.finding, name))},
        **({"suppressions": [_suppression(problem.waiver)]} if problem.waiver else {}),
    }


def _suppression(waiver: Waiver) -> dict[str, str]:
    """A waiver, as a suppression that is not in the source (§3.35)."""
    told = f"{waiver.reason} ({waiver.owner}, until {utc(waiver.expires)})"
    return {"kind": "external", "status": "accepted", "justification": told}


def _location(path: str, line: int | None) -> dict[str, Any]:
    from urllib.parse import quote

    uri = quote(path, safe="/", errors="backslashreplace")
    where = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": {"startLine": max(1, line or 1)}}
    return {"physicalLocation": where}


def _message(text: str) -> str:
    """The text with whatever would be a link to a viewer made literal (§3.11.6)."""
    return re.sub(r"\[(?=[^\[\]]*\]\()", r"\\[", text)

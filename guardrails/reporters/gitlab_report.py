"""GitLab's Code Quality report: one entry for each problem ("Code Quality report format" in GitLab's documentation).

GitLab wants a path in the repository, and shows only the first of two equal entries. So a finding elsewhere is pinned
to the configuration, and fingerprints differ. The report has no place for the whole, so each entry names the
configuration.
"""

from __future__ import annotations

import json

from guardrails.reporters.problems import anchor, problems
from guardrails.reporters.text_report import configuration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.model import Report
    from guardrails.reporters.problems import Problem

_SEVERITIES = {"low": "minor", "medium": "major", "high": "critical", "critical": "blocker"}


def render(report: Report) -> str:
    """The problems as a JSON array, `[]` when there are none; strings hold the real text, JSON-escaped."""
    place, rules = anchor(report), configuration(report.source)
    return json.dumps([_entry(problem, place, rules) for problem in problems(report)], indent=2) + "\n"


def _entry(problem: Problem, place: str, rules: str) -> dict[str, Any]:
    told = [*problem.lines(), *([f"configuration: {rules}"] if rules else ())]
    return {
        "description": f"{problem.policy}: " + "\n".join(told),
        "check_name": problem.policy,
        "fingerprint": problem.fingerprint,
        "severity": _severity(problem),
        "location": {"path": problem.path or place, "lines": {"begin": max(1, problem.line or 1)}},
    }


def _severity(problem: Problem) -> str:
    if not problem.blocks:
        return "info"
    return "blocker" if problem.undecided else _SEVERITIES.get(problem.severity, "major")

"""GitLab's Code Quality report: one entry for each problem ("Code Quality report format" in GitLab's documentation).

GitLab wants a path in the repository and shows of twins only the first, so what is elsewhere is pinned to the
configuration, and fingerprints differ.
"""

from __future__ import annotations

import json

from guardrails.reporters.problems import anchor, problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.model import Report
    from guardrails.reporters.problems import Problem

_SEVERITIES = {"low": "minor", "medium": "major", "high": "critical", "critical": "blocker"}


def render(report: Report) -> str:
    """The problems as a JSON array, `[]` when there are none; strings hold the real text, JSON-escaped."""
    place = anchor(report)
    return json.dumps([_entry(problem, place) for problem in problems(report)], indent=2) + "\n"


def _entry(problem: Problem, place: str) -> dict[str, Any]:
    return {
        "description": f"{problem.policy}: " + "\n".join(problem.lines()),
        "check_name": problem.policy,
        "fingerprint": problem.fingerprint,
        "severity": _severity(problem),
        "location": {"path": problem.path or place, "lines": {"begin": max(1, problem.line or 1)}},
    }


def _severity(problem: Problem) -> str:
    if not problem.blocks:
        return "info"
    return "blocker" if problem.undecided else _SEVERITIES.get(problem.severity, "major")

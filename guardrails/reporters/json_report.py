"""The JSON report of `docs/contract.md` (JSON report): one object, always valid, whose keys never disappear."""

from __future__ import annotations

import json

from guardrails.engine.gate import findings_digest, fingerprint, summary
from guardrails.version import VERSION
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.calls import Action
    from guardrails.model import Decision, Finding, Report, Subject, Waiver

SCHEMA_VERSION = "1"


def render(report: Report) -> str:
    """The report as JSON; strings hold the real text, JSON-escaped."""
    return json.dumps(_document(report), indent=2) + "\n"


def _document(report: Report) -> dict[str, Any]:
    """The whole report; one on a tool call also has its actions."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "guardrails", "version": VERSION},
        "environment": report.environment,
        "operation": report.operation,
        "subject": _subject(report.subject),
        "policy_set": {"digest": report.digest, "source": report.source},
        "started_at": utc(report.started_at),
        "duration_ms": report.duration_ms,
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "summary": summary(report),
        "findings_digest": findings_digest(report),
        "left_out": list(report.left_out),
        "results": [_result(decision, decision.environment or report.environment) for decision in report.decisions],
        "errors": [{"message": error} for error in report.errors],
    }
    return document if report.actions is None else {**document, "actions": [_action(one) for one in report.actions]}


def _action(action: Action) -> dict[str, Any]:
    names = ("kind", "environment", "place", "path", "words")
    return {name: getattr(action, name) for name in names}


def _subject(subject: Subject | None) -> dict[str, str | None]:
    names = ("repo", "branch", "commit", "tree", "candidate")
    return {name: getattr(subject, name) if subject else None for name in names}


def _result(decision: Decision, environment: str | None) -> dict[str, Any]:
    result = decision.result
    return {
        "policy": result.policy,
        "environment": environment,
        "title": decision.title,
        "outcome": result.outcome,
        "enforcement": decision.enforcement,
        "severity": decision.severity,
        "blocks": decision.blocks,
        "waiver": next((_waiver(use.waiver) for use in decision.waivers if decision.waived and use.findings), None),
        "waivers": [{**_waiver(use.waiver), "state": use.state} for use in decision.waivers],
        "reason": result.reason,
        "source": decision.source,
        "duration_ms": result.duration_ms,
        "findings": [
            {
                **_finding(finding, result.policy, environment),
                "waived": any(number in use.findings for use in decision.waivers),
            }
            for number, finding in enumerate(result.findings)
        ],
    }


def _waiver(waiver: Waiver) -> dict[str, Any]:
    return {
        "owner": waiver.owner,
        "reason": waiver.reason,
        "created": None if waiver.created is None else utc(waiver.created),
        "expires": utc(waiver.expires),
        "finding": waiver.finding,
        "place": waiver.place,
    }


def _finding(finding: Finding, policy: str, environment: str | None) -> dict[str, Any]:
    return {
        "message": finding.message or finding.observed,
        "observed": finding.observed,
        "expected": finding.expected,
        "remediation": finding.remediation,
        "remark": finding.remark or None,
        "location": {"path": finding.path, "line": finding.line, "ref": finding.ref},
        "fingerprint": fingerprint(policy, environment, finding),
    }

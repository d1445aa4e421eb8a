"""The data of a large page: as many results as asked for, of which a tenth fails, and a timeline of 500 records."""

from __future__ import annotations

import json
import time
from typing import Any

from guardrails.engine.gate import weigh
from guardrails.model import Decision, Enforcement, Finding, Outcome, PolicyResult, Subject, Waiver, WaiverUse
from guardrails.reporters import json_report

RECORDS = 500
_START = 1790000000.0  # seconds since the epoch
_FOLDERS = ("src/gateway", "src/channels/telegram", "docs/deployment", "extensions/memory", "scripts", "ui/src/views")
_SAID = (
    ("modified: changed in the work tree", "a work tree with exactly the bytes of HEAD"),
    ("the link leads to a page that is not there", "a page below docs/, or an anchor on one"),
    ("the value is 4 of at least 16", "a value that the deployment document allows"),
)


def many_results(count: int) -> dict[str, Any]:
    """The data of a page with that many results, without anything from this machine."""
    decisions = [_decision(number) for number in range(count)]
    subject = Subject(repo="/srv/openclaw-prod", branch="main", commit=_commit(7), tree=_commit(8))
    report = weigh(decisions, environment="prod", subject=subject, started=_START).replaced(duration_ms=1234)
    log = {"verdicts": [_record(number) for number in range(1, RECORDS + 1)], "total": RECORDS, "deployments": []}
    return {
        "page": "1",
        "written_at": _utc(_START),
        "moment": "standing",
        "record": RECORDS,
        "report": json.loads(json_report.render(report)),
        "log": log,
    }


def _decision(number: int) -> Decision:
    """Of ten one fails; of the failing, one in twenty cannot be decided, and one in ten is waived."""
    name, fails = _name(number), number % 10 == 0
    about: dict[str, Any] = {
        "title": f"Rule {number} of the deployment document holds",
        "source": f"deployment-rules §{number % 40}",
    }
    if not fails:
        skipped = number % 15 == 1
        result = PolicyResult(
            name,
            Outcome.SKIP if skipped else Outcome.PASS,
            reason="nothing of it is here" if skipped else None,
            duration_ms=3,
        )
        return Decision(result, **about, severity="high", enforcement=Enforcement.HARD_MANDATORY, blocks=False)
    if number % 200 == 0:
        result = PolicyResult(
            name, Outcome.ERROR, reason=f"{_FOLDERS[number % 6]}/{number}.json cannot be read: it ends early"
        )
        return Decision(result, **about, severity="critical", enforcement=Enforcement.HARD_MANDATORY, blocks=True)
    observed, expected = _SAID[number // 10 % 3]
    path = f"{_FOLDERS[number // 10 % 6]}/module-{number}.ts"
    finding = Finding(
        message=f"{path} is not as HEAD says",
        observed=observed,
        expected=expected,
        remediation=f"git -C /srv/openclaw-prod restore -- {path}",
        path=path,
        line=number % 300 + 1,
    )
    result = PolicyResult(name, Outcome.FAIL, findings=(finding,), duration_ms=31)
    waived = number % 100 == 50
    waiver = Waiver(
        name, "prod", "anna", "until the release of Monday", _START + 86400, "waivers.toml:7", _START - 86400
    )
    return Decision(
        result,
        **about,
        severity=("low", "medium", "high", "critical")[number // 10 % 4],
        enforcement=Enforcement.SOFT_MANDATORY,
        blocks=not waived,
        waived=waived,
        waivers=(WaiverUse(waiver, "used", (0,)),) if waived else (),
    )


def _record(number: int) -> dict[str, Any]:
    """A record of the log. No two that follow each other are alike, so each has its line on the page."""
    state = number % 7
    blocking = [_name(number * 10 + place * 40) for place in range(3)] if state in (2, 5) else []
    return {
        "number": number,
        "at": _utc(_START - (RECORDS - number) * 900),
        "kind": "check",
        "moment": "standing" if number % 9 else "promote",
        "verdict": "deny" if blocking else "allow",
        "exit_code": 0 if not blocking else 2 if state == 5 else 1,
        "commit": _commit(number // 20),
        "policy_set": f"sha256:{_commit(number // 90)}",
        **({"blocking": blocking} if blocking else {}),
        "user": 1000,
        "host": "macmini",
    }


def _name(number: int) -> str:
    return f"{('clean', 'required', 'matching', 'isolated')[number % 4]}-files-{number}"


def _commit(seed: int) -> str:
    from hashlib import sha256

    return sha256(str(seed).encode()).hexdigest()[:40]


def _utc(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))

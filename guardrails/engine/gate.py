"""Results + enforcement -> one report with one verdict.

The exit codes are those of `docs/contract.md` (Exit codes): 0 allow, 1 a blocking policy failed, 2 could not decide.
A failure counts before an error, and a run in which nothing was selected could not decide.
"""

from __future__ import annotations

import time

from guardrails import waivers as exemptions
from guardrails.exit_codes import ALLOW, DENY, UNDECIDED
from guardrails.model import Decision, Enforcement, Outcome, PolicyResult, Report, Verdict
from guardrails.remedies import split_comment
from guardrails.wording.shown_text import redact, storable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.model import Finding, Subject, Waiver
    from guardrails.policy import World

_NOT_A_PASS = (Outcome.FAIL, Outcome.ERROR)
_KEPT, _LENGTH = 100, 200  # findings of a report that are kept to be compared later, and characters of each text


def report_on(
    results: Iterable[PolicyResult],
    policies: Sequence[PolicySetting],
    world: World,
    settings: Settings,
    *,
    moment: str,
    errors: Sequence[str],
    subject: Subject | None,
    started: float,
    left_out: Sequence[str] = (),
) -> Report:
    """The report on the policies of a moment, one result each.

    `moment` is as in `when`; the rest is as for `weigh`. A policy that is always on does not stand in for one that
    somebody has listed.
    """
    environment = world.environment.name
    by_name = {policy.name: policy for policy in policies}
    listed = any(policy.when for policy in policies)
    nothing = [] if listed else [f"no policy applies to {environment} at this moment: {moment}"]
    return weigh(
        [decide(result, by_name[result.policy], environment, settings.waivers, world.at) for result in results],
        errors=[*nothing, *errors],
        environment=environment,
        operation=world.operation.name if world.operation else None,
        subject=subject,
        settings=settings,
        started=started,
        left_out=left_out,
    )


def decide(
    result: PolicyResult, setting: PolicySetting, environment: str, waivers: Sequence[Waiver] = (), at: float = 0.0
) -> Decision:
    """Weigh one result by the enforcement that its environment gives it, and by the waivers that count at a time.

    `at` is the moment that is judged, in seconds since the epoch. Without waivers nothing is waived.
    """
    enforcement = Enforcement(setting.enforcement[environment])
    result = clean(result)
    mine = [_clean_waiver(one) for one in waivers if (one.policy, one.environment) == (result.policy, environment)]
    prints = [fingerprint(result.policy, environment, finding) for finding in result.findings] if mine else []
    uses = tuple(exemptions.use(one, result, prints, enforcement, at) for one in mine)
    waived = exemptions.is_waived(result, uses)
    return Decision(
        result=result.replaced(reason=exemptions.reason(result, uses, enforcement, at)) if uses else result,
        title=setting.title,
        source=setting.source,
        severity=setting.severity,
        enforcement=enforcement,
        blocks=result.outcome in _NOT_A_PASS and enforcement is not Enforcement.ADVISORY and not waived,
        waived=waived,
        waivers=uses,
        environment=environment,
    )


def weigh(
    decisions: Iterable[Decision],
    *,
    errors: Sequence[str] = (),
    environment: str | None = None,
    operation: str | None = None,
    subject: Subject | None = None,
    settings: Settings | None = None,
    started: float,
    left_out: Sequence[str] = (),
) -> Report:
    """The report of a run. `started` is in seconds since the epoch; `left_out` names the policies narrowed away."""
    ordered = tuple(sorted(decisions, key=lambda decision: decision.result.policy))
    if any(decision.blocks and decision.result.outcome is Outcome.FAIL for decision in ordered):
        exit_code = DENY
    elif errors or not ordered or any(decision.blocks for decision in ordered):
        exit_code = UNDECIDED
    else:
        exit_code = ALLOW
    return Report(
        environment=environment,
        operation=operation,
        subject=subject,
        digest=settings.digest if settings else None,
        source=settings.source if settings else None,
        started_at=started,
        duration_ms=max(0, round((time.time() - started) * 1000)),
        verdict=Verdict.ALLOW if exit_code == ALLOW else Verdict.DENY,
        exit_code=exit_code,
        decisions=ordered,
        errors=tuple(redact(storable(error)) for error in errors),
        left_out=tuple(left_out),
    )


def summary(report: Report) -> Mapping[str, int]:
    """How many policies came out how; what does not block though it failed is counted apart, as waived or advisory."""
    counts = dict.fromkeys(("pass", "fail", "error", "skip", "waived", "advisory"), 0)
    for decision in report.decisions:
        outcome = decision.result.outcome
        if outcome in _NOT_A_PASS and not decision.blocks:
            counts["waived" if decision.waived else "advisory"] += 1
        else:
            counts[outcome] += 1
    return counts


def fingerprint(policy: str, environment: str | None, finding: Finding) -> str:
    """What makes a finding the same one in another run: policy, environment, and what was seen where."""
    from hashlib import sha256

    parts = (
        policy,
        environment or "",
        finding.path or "",
        str(finding.line or ""),
        finding.ref or "",
        finding.observed,
    )
    return sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def findings_digest(report: Report) -> str:
    """What is the same for the same findings at any time: of each policy its environment, outcome and fingerprints."""
    import json

    from guardrails.audit.chain import digest  # as loaded as json: every verdict is logged

    rows = [
        [
            one.environment or report.environment,
            one.result.policy,
            one.result.outcome,
            sorted(_fingerprints(report, one)),
        ]
        for one in report.decisions
    ]
    return f"sha256:{digest(json.dumps(rows).encode())}"


def find_comparable(report: Report) -> list[dict[str, Any]]:
    """What a later run compares itself with, as plain data: the policies that failed, or could not decide.

    Of the findings only the first are kept, those of blocking policies before others; `more` counts the rest.
    """
    left, rows = _KEPT, []
    chosen = [one for one in report.decisions if one.result.outcome in _NOT_A_PASS]
    for one in sorted(chosen, key=lambda one: not one.blocks):
        covered = {number for use in one.waivers for number in use.findings}
        marked = list(zip(_fingerprints(report, one), one.result.findings, strict=True))
        kept = [
            {
                "fingerprint": mark,
                "place": (finding.path or finding.ref or "")[:_LENGTH],
                "message": (finding.message or finding.observed)[:_LENGTH],
                "waived": number in covered,
            }
            for number, (mark, finding) in enumerate(marked[:left])
        ]
        left -= len(kept)
        rows.append(
            {
                "policy": one.result.policy,
                "outcome": one.result.outcome,
                "blocks": one.blocks,
                "reason": one.result.reason[:_LENGTH] if one.result.reason else None,
                "findings": kept,
                "more": len(marked) - len(kept),
            }
        )
    return sorted(rows, key=lambda row: str(row["policy"]))


def _fingerprints(report: Report, one: Decision) -> list[str]:
    environment = one.environment or report.environment
    return [fingerprint(one.result.policy, environment, finding) for finding in one.result.findings]


def clean(result: PolicyResult) -> PolicyResult:
    """The result without secrets, with text that every reader takes, and with remedies that can be pasted."""
    if not result.findings and not result.effects and result.reason is None:
        return result
    findings = tuple(map(_clean_finding, result.findings))
    effects = tuple(
        effect.replaced(what=_clean(effect.what), detail=_clean(effect.detail)) for effect in result.effects
    )
    return result.replaced(findings=findings, effects=effects, reason=_clean(result.reason))


_TEXTS = ("message", "observed", "expected", "path", "ref")


def _clean_finding(finding: Finding) -> Finding:
    remediation, comment = split_comment(_clean(finding.remediation) or "")
    remark = "; ".join(filter(None, (_clean(finding.remark), comment)))
    texts = {name: _clean(getattr(finding, name)) for name in _TEXTS}
    return finding.replaced(**texts, remediation=remediation, remark=remark)


def _clean_waiver(waiver: Waiver) -> Waiver:
    return waiver.replaced(owner=_clean(waiver.owner), reason=_clean(waiver.reason), place=_clean(waiver.place))


def _clean(text: str | None) -> str | None:
    return redact(storable(text)) if text else text

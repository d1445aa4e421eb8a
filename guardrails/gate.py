"""Results + enforcement -> one report with one verdict.

The exit codes are those of `contract.md`: 0 allow, 1 a blocking policy failed, 2 could not decide. A failure counts
before an error, and a run in which nothing was selected could not decide.
"""

from __future__ import annotations

import time

from guardrails.model import Decision, Enforcement, Outcome, PolicyResult, Report, Verdict
from guardrails.text import redacted, storable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.model import Finding, Subject

ALLOW, DENY, UNDECIDED = 0, 1, 2
_NOT_A_PASS = (Outcome.FAIL, Outcome.ERROR)


def decide(result: PolicyResult, setting: PolicySetting, environment: str) -> Decision:
    """Weigh one result by the enforcement that its environment gives it."""
    enforcement = Enforcement(setting.enforcement[environment])
    return Decision(
        result=clean(result),
        title=setting.title,
        source=setting.source,
        severity=setting.severity,
        enforcement=enforcement,
        blocks=result.outcome in _NOT_A_PASS and enforcement is not Enforcement.ADVISORY,
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
        errors=tuple(redacted(storable(error)) for error in errors),
        left_out=tuple(left_out),
    )


def summary(report: Report) -> Mapping[str, int]:
    """How many policies came out how; failures and errors that do not block are counted apart, as advisory."""
    counts = dict.fromkeys(("pass", "fail", "error", "skip", "waived", "advisory"), 0)
    for decision in report.decisions:
        outcome = decision.result.outcome
        counts[outcome if outcome not in _NOT_A_PASS or decision.blocks else "advisory"] += 1
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


def clean(result: PolicyResult) -> PolicyResult:
    """The result without secrets, and with text that every reader takes."""
    if not result.findings and not result.effects and result.reason is None:
        return result
    findings = tuple(
        finding.replaced(**{name: _clean(getattr(finding, name)) for name in _TEXTS}) for finding in result.findings
    )
    effects = tuple(
        effect.replaced(what=_clean(effect.what), detail=_clean(effect.detail)) for effect in result.effects
    )
    return result.replaced(findings=findings, effects=effects, reason=_clean(result.reason))


_TEXTS = ("message", "observed", "expected", "remediation", "path", "ref")


def _clean(text: str | None) -> str | None:
    return redacted(storable(text)) if text else text

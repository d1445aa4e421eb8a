"""What is said of a tool call: to an agent why it is refused and what to type instead, to a person all of it."""

from __future__ import annotations

from guardrails.model import Outcome
from guardrails.reporters.text_report import TextReport
from guardrails.wording.shown_text import paint, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.model import Decision, Report

_FINDINGS = 3  # of one policy that an agent is told
_REASONS = 10  # lines of reasons in all; more is no help to anybody
_NO_OPINION = "NO OPINION"


def refusal(report: Report) -> str | None:
    """Why a tool call is refused and what to do instead, a few lines for an agent; None when it is not refused."""
    if not report.exit_code:
        return None
    lines = list(dict.fromkeys(_reasons(report)))
    if len(lines) > _REASONS:
        lines = [*lines[:_REASONS], f"and {len(lines) - _REASONS} more; guardrails vet shows all"]
    return "\n".join([f"guardrails refused this: {_what(report)}", *lines])


def render(report: Report, style: TextReport, *, colour: bool = False) -> str:
    """The report for people: what is refused and what to type instead, what the call would do, and each policy."""
    if not report.actions and not report.exit_code:
        return f"{_NO_OPINION}  it touches nothing that is guarded\n"
    said = refusal(report)
    lines = [paint(said, "1", colour=colour), ""] if said else []
    lines += [*(f"would: {_action(action)}" for action in report.actions or ()), "", ""]
    text = "\n".join(lines) + style.render(report)
    if report.exit_code:
        return text
    head, _, _ = text.removesuffix("\n").rpartition("\n")
    return f"{head}\n{_NO_OPINION}  no policy refuses it; the caller's own permissions still apply\n"


def _what(report: Report) -> str:
    """The commands that are refused, and where."""
    blocked = {decision.environment for decision in report.decisions if decision.blocks}
    actions = [one for one in report.actions or () if not blocked or one.environment in (None, *blocked)]
    commands = dict.fromkeys(" ".join(one.words) or one.path for one in actions)
    where = ", ".join(sorted(name for name in blocked if name))
    what = visible("; ".join(list(commands)[:3]))
    return f"{what} ({where})" if where else what


def _action(action: object) -> str:
    names = ("kind", "environment", "place", "path")
    told = [str(getattr(action, name)) for name in names if getattr(action, name)]
    why = getattr(action, "why", "")
    return visible("  ".join([*told, *([f"({why})"] if why else [])]))


def _reasons(report: Report) -> Iterator[str]:
    for decision in report.decisions:
        if decision.blocks:
            yield from _of_decision(decision)
    for error in report.errors:
        yield visible(error)


def _of_decision(decision: Decision) -> Iterator[str]:
    result = decision.result
    if result.outcome is Outcome.ERROR:
        yield visible(f"{result.policy}: cannot be told: {result.reason}")
        return
    for finding in result.findings[:_FINDINGS]:
        told = f"{finding.message}: {finding.observed}" if finding.message else finding.observed
        yield visible(f"{result.policy}: {told}")
        yield visible(f"instead: {finding.remediation}")

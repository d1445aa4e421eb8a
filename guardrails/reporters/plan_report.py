"""A plan for people, and as the JSON object of `docs/contract.md` (JSON plan)."""

from __future__ import annotations

import json

from guardrails.model import Verdict
from guardrails.reporters.text_report import configuration
from guardrails.version import VERSION
from guardrails.wording.shown_text import paint, utc, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.model import Decision, Effect
    from guardrails.operations.planning.plan import Plan

SHOWN = 12  # of one kind; all are in the JSON
_HEADINGS = {
    "arrives": "commits that would arrive",
    "drops": "commits that would be dropped",
    "undeploys": "released commits that would no longer run",
    "loses": "files whose changes would be lost",
    "overwrites": "files that would be overwritten",
    "fires": "cron jobs that fire meanwhile",
}
_HARMFUL = ("drops", "undeploys", "loses", "overwrites")
_MARKS = {"moves": "→", "stays": "·", "refused": "✗", "unknown": "?"}


def as_json(plan: Plan) -> str:
    """The plan as one JSON object."""

    def commits(kind: str) -> list[dict[str, str]]:
        return [{"commit": effect.what, "subject": effect.detail} for effect in plan.effects[kind]]

    report = plan.report
    document = {
        "schema_version": "1",
        "tool": {"name": "guardrails", "version": VERSION},
        "environment": report.environment,
        "operation": report.operation,
        "candidate": report.subject.candidate if report.subject else None,
        "policy_set": {"digest": report.digest, "source": report.source},
        "digest": plan.digest,
        "verdict": report.verdict.value,
        "exit_code": report.exit_code,
        "arrives": commits("arrives"),
        "drops": commits("drops"),
        "undeploys": commits("undeploys"),
        "loses": [effect.what for effect in plan.effects["loses"]],
        "overwrites": [effect.what for effect in plan.effects["overwrites"]],
        "fires": [{"job": effect.what, "at": effect.detail} for effect in plan.effects["fires"]],
        "missing": list(plan.missing),
        "present": list(plan.present),
        "waived": list(plan.waived),
        "waivers": [
            {
                "policy": decision.result.policy,
                "state": use.state,
                "owner": use.waiver.owner,
                "expires": utc(use.waiver.expires),
            }
            for decision in report.decisions
            for use in decision.waivers
        ],
        "next_allowed": plan.next_allowed,
        "steps": [
            {"command": step.command, "outcome": step.outcome, "head": step.head, "detail": step.detail}
            for step in plan.steps
        ],
        "errors": list(plan.errors),
    }
    return json.dumps(document, indent=2) + "\n"


class TextPlan:
    """How to show plans: in colour or not. Commands and names are never broken, so that they can be pasted."""

    def __init__(self, *, colour: bool = False) -> None:
        self._colour = colour

    def render(self, plan: Plan) -> str:
        """The plan as lines; the last one is the verdict."""
        lines = [*self._heading(plan), *self._steps(plan)]
        for kind in _HEADINGS:
            lines += self._effects(kind, plan.effects[kind])
        lines += self._missing(plan)
        if plan.next_allowed:
            lines += ["", f"next allowed  {visible(plan.next_allowed)}"]
        lines += [f"{self._paint('!', '33')} {visible(error)}" for error in plan.errors]
        return "\n".join([*lines, "", self._verdict(plan)]) + "\n"

    def _heading(self, plan: Plan) -> Iterator[str]:
        report = plan.report
        yield self._paint(f"guardrails {VERSION}", "1") + f"  plan of {report.operation} in {report.environment}"
        if report.subject:
            where = (report.subject.repo, report.subject.branch, (report.subject.commit or "")[:12])
            yield visible("  ".join(filter(None, where)))
            if report.subject.candidate:
                yield f"candidate {report.subject.candidate}"
        if report.source:
            yield visible(f"configuration {configuration(report.source)}")
        if plan.digest:
            yield f"plan      {plan.digest}"

    def _steps(self, plan: Plan) -> Iterator[str]:
        if plan.steps:
            yield ""
        for number, step in enumerate(plan.steps, 1):
            colour = "31" if step.outcome == "refused" else "33" if step.outcome == "unknown" else "2"
            mark = self._paint(_MARKS.get(step.outcome, "?"), colour)
            yield f"{number:>3} {mark} {visible(step.command)}"
            if step.detail:
                yield " " * 6 + self._paint(visible(f"{step.outcome}: {step.detail}"), colour)

    def _effects(self, kind: str, effects: tuple[Effect, ...]) -> Iterator[str]:
        if not effects:
            return
        yield ""
        yield self._paint(f"{_HEADINGS[kind]}: {len(effects)}", "1;31" if kind in _HARMFUL else "1")
        for effect in effects[:SHOWN]:
            what = effect.what[:12] if kind in ("arrives", "drops", "undeploys") else effect.what
            yield visible(f"  {what}  {effect.detail}".rstrip())
        if len(effects) > SHOWN:
            yield f"  and {len(effects) - SHOWN} more; --format json shows all"

    def _missing(self, plan: Plan) -> Iterator[str]:
        if plan.present:
            yield ""
            yield self._paint(f"in order: {len(plan.present)}", "1")
            yield from (visible(f"  {policy}") for policy in plan.present)
        if plan.waived:
            yield ""
            yield self._paint(f"waived: {len(plan.waived)}", "1;33")
            for decision in plan.report.decisions:
                if decision.waived:
                    yield visible(f"  {decision.result.policy}  {decision.result.reason}")
        if not plan.missing:
            return
        yield ""
        yield self._paint(f"in the way: {len(plan.missing)}", "1;31")
        for decision in plan.report.decisions:
            if decision.blocks:
                yield from self._in_the_way(decision)

    def _in_the_way(self, decision: Decision) -> Iterator[str]:
        """A policy that blocks, with the first of its findings."""
        reason = decision.result.reason or ""
        finding = next(iter(decision.result.findings), None)
        if finding is None:
            yield visible(f"  {decision.result.policy}  {reason}")
            return
        yield visible(f"  {decision.result.policy}  {finding.message or finding.observed}")
        yield visible(f"      do    {finding.remediation}")
        for note in (finding.remark, reason if decision.waivers else ""):
            if note:
                yield visible(f"      note  {note}")

    def _verdict(self, plan: Plan) -> str:
        if plan.report.verdict is Verdict.ALLOW:
            return self._paint("ALLOW", "1;32") + "  as things are now"
        why = "could not decide" if plan.report.exit_code == 2 else f"{len(plan.missing)} in the way"
        return self._paint("DENY", "1;31") + f"  {why}"

    def _paint(self, text: str, code: str) -> str:
        return paint(text, code, colour=self._colour)

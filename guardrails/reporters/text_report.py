"""The report for people: calm, aligned, failures last, and one line of verdict at the end.

World text is shown with its control characters escaped. Without a width, lines are not broken, so that a log can be
searched; with one, they are wrapped under their own column.
"""

from __future__ import annotations

from guardrails.engine.gate import summary
from guardrails.model import Outcome, Verdict
from guardrails.version import VERSION
from guardrails.wording.shown_text import painted, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.model import Decision, Finding, Report

SHOWN_FINDINGS = 10  # of one policy; the others are counted, and all are in the JSON report
_MARKS = {Outcome.PASS: "✓", Outcome.SKIP: "–", Outcome.ERROR: "!", Outcome.FAIL: "✗"}
_COLOURS = {Outcome.PASS: "32", Outcome.SKIP: "2", Outcome.ERROR: "33", Outcome.FAIL: "31"}
_ORDER = (Outcome.PASS, Outcome.SKIP, Outcome.ERROR, Outcome.FAIL)
_INDENT = 10


def render(report: Report) -> str:
    """The report without colour, one line per thing."""
    return TextReport().render(report)


def verdict(report: Report) -> tuple[str, str]:
    """The last line of a report: ALLOW or DENY, and the rest, which says how it came about."""
    counts = ", ".join(f"{count} {name}" for name, count in summary(report).items() if count)
    blocking = sum(decision.blocks for decision in report.decisions)
    if report.verdict is Verdict.ALLOW:
        return "ALLOW", f"  {counts}"
    blocked = f"{blocking} of {len(report.decisions)} {'blocks' if blocking == 1 else 'block'}"
    word = "could not decide" if report.exit_code == 2 else blocked
    return "DENY", f"  {word}" + (f": {counts}" if counts else "")


class TextReport:
    """How to show reports: in colour, wrapped to a width, in full or as the verdict alone."""

    def __init__(self, *, colour: bool = False, width: int | None = None, quiet: bool = False, verbose: bool = False):
        self._colour = colour
        self._width = width
        self._quiet = quiet
        self._verbose = verbose

    def render(self, report: Report) -> str:
        """The report as lines; the last one is the verdict."""
        lines = [] if self._quiet else [*self._heading(report), "", *self._decisions(report)]
        lines += [f"{self._paint('!', '33')} {visible(error)}" for error in report.errors]
        if lines:
            lines.append("")
        return "\n".join([*lines, self._verdict(report)]) + "\n"

    def _heading(self, report: Report) -> Iterator[str]:
        subject = report.subject
        what = " ".join(word for word in (report.environment, report.operation or "standing") if word)
        yield self._paint(f"guardrails {VERSION}", "1") + f"  {visible(what)}"
        if subject:
            where = [subject.repo, subject.branch or "", (subject.commit or "")[:12]]
            yield visible("  ".join(part for part in where if part))
            if subject.candidate:
                yield visible(f"candidate {subject.candidate}")
        if report.left_out:
            yield visible(f"narrowed: {len(report.left_out)} left out ({', '.join(report.left_out)})")

    def _decisions(self, report: Report) -> Iterator[str]:
        column = max((len(decision.result.policy) for decision in report.decisions), default=0)
        ordered = sorted(report.decisions, key=lambda decision: _ORDER.index(decision.result.outcome))
        for decision in ordered:
            result = decision.result
            mark = self._paint(f"{_MARKS[result.outcome]} {result.outcome:<5}", _COLOURS[result.outcome])
            mild = "  (waived)" if decision.waived else "  (advisory)" if decision.enforcement == "advisory" else ""
            timing = f"  {result.duration_ms} ms, {decision.enforcement}" if self._verbose else ""
            yield f"{mark}  {visible(result.policy):<{column}}  {visible(decision.title)}{mild}{timing}"
            if result.reason:
                decided = result.outcome in (Outcome.PASS, Outcome.FAIL)
                yield from self._field("note" if decided else "because", result.reason)
            yield from self._findings(decision)

    def _findings(self, decision: Decision) -> Iterator[str]:
        findings = decision.result.findings
        shown = findings if self._verbose else findings[:SHOWN_FINDINGS]
        for finding in shown:
            yield from self._finding(finding)
        if len(shown) < len(findings):
            yield " " * _INDENT + f"and {len(findings) - len(shown)} more; --verbose or --format json shows all"

    def _finding(self, finding: Finding) -> Iterator[str]:
        for line in self._wrapped(visible(finding.message), _INDENT) if finding.message else []:
            yield " " * _INDENT + line
        yield from self._field("observed", finding.observed)
        yield from self._field("expected", finding.expected)
        yield from self._field("do", finding.remediation, wrapped=False)  # a command is to be pasted whole

    def _field(self, name: str, text: str, *, wrapped: bool = True) -> Iterator[str]:
        head = " " * (_INDENT + 2) + f"{name:<9} "
        first, *rest = self._wrapped(visible(text), len(head)) if wrapped else [visible(text)]
        yield " " * (_INDENT + 2) + self._paint(f"{name:<9}", "2") + f" {first}"
        for line in rest:
            yield " " * len(head) + line

    def _wrapped(self, text: str, indent: int) -> list[str]:
        if self._width is None or len(text) + indent <= self._width:
            return [text]
        from textwrap import wrap

        return wrap(text, max(20, self._width - indent), break_long_words=False, break_on_hyphens=False) or [""]

    def _verdict(self, report: Report) -> str:
        word, rest = verdict(report)
        return self._paint(word, "1;32" if report.verdict is Verdict.ALLOW else "1;31") + rest

    def _paint(self, text: str, code: str) -> str:
        return painted(text, code, colour=self._colour)

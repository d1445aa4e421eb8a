"""The report for people: calm, aligned, failures last, and one line of verdict at the end.

World text is shown with its control characters escaped. Without a width, lines are not broken, so that a log can be
searched; with one, they are wrapped under their own column.
"""

from __future__ import annotations

from guardrails.engine.gate import summary
from guardrails.model import Outcome, Verdict
from guardrails.version import VERSION
from guardrails.wording.shown_text import paint, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.model import Decision, Finding, Report

SHOWN_FINDINGS = 10  # of one policy; the others are counted, and all are in the JSON report
_MARKS = {Outcome.PASS: "✓", Outcome.SKIP: "–", Outcome.ERROR: "!", Outcome.FAIL: "✗"}
_COLOURS = {Outcome.PASS: "32", Outcome.SKIP: "2", Outcome.ERROR: "33", Outcome.FAIL: "31"}
_ORDER = (Outcome.PASS, Outcome.SKIP, Outcome.ERROR, Outcome.FAIL)
_NARROW = 60  # columns; on a terminal with fewer, less is indented
_LEAST_TITLE = 24  # columns for a title beside the name of its policy


def render(report: Report) -> str:
    """The report without colour, one line per thing."""
    return TextReport().render(report)


def verdict(report: Report) -> tuple[str, str]:
    """The last line of a report: ALLOW or DENY, and the rest, which says how it came about."""
    word, why, counts = _parts(report)
    rest = ": ".join(filter(None, (why, counts)))
    return word, f"  {rest}" if rest else ""


def _parts(report: Report) -> tuple[str, str, str]:
    """ALLOW or DENY, why it is denied, and how many policies came out how."""
    counts = ", ".join(f"{count} {name}" for name, count in summary(report).items() if count)
    if report.verdict is Verdict.ALLOW:
        return "ALLOW", "", counts
    blocking = sum(decision.blocks for decision in report.decisions)
    blocked = f"{blocking} of {len(report.decisions)} {'blocks' if blocking == 1 else 'block'}"
    return "DENY", "could not decide" if report.exit_code == 2 else blocked, counts


def configuration(source: str | None) -> str:
    """The configuration in force, by the `source` of the settings; empty when none could be read."""
    if source is None or not source.startswith("profile:"):
        return source or ""
    return f"none, so the built-in {source} applies; guardrails init writes a guardrails.toml"


class TextReport:
    """How to show reports: in colour, wrapped to a width, in full or as the verdict alone."""

    def __init__(self, *, colour: bool = False, width: int | None = None, quiet: bool = False, verbose: bool = False):
        self._colour = colour
        self._width = width
        self._quiet = quiet
        self._verbose = verbose
        self._indent = 10 if width is None or width >= _NARROW else 4

    def render(self, report: Report) -> str:
        """The report as lines; the last one is the verdict."""
        lines = [] if self._quiet else [*self._heading(report), "", *self._decisions(report)]
        for error in report.errors:
            lines += self._headed("! ", "33", visible(error))
        if lines:
            lines.append("")
        return "\n".join([*lines, *self._verdict(report)]) + "\n"

    def _heading(self, report: Report) -> Iterator[str]:
        subject = report.subject
        what = " ".join(word for word in (report.environment, report.operation or "standing") if word)
        yield from self._headed(f"guardrails {VERSION}", "1", f"  {visible(what)}", below=2)
        if subject:
            where = [subject.repo, subject.branch or "", (subject.commit or "")[:12]]
            yield from self._wrapped(visible("  ".join(part for part in where if part)), 2)
            if subject.candidate:
                yield from self._wrapped(visible(f"candidate {subject.candidate}"), 2)
        if report.source:
            yield from self._wrapped(visible(f"configuration {configuration(report.source)}"), 2)
        if report.left_out:
            left_out = f"narrowed: {len(report.left_out)} left out ({', '.join(report.left_out)})"
            yield from self._wrapped(visible(left_out), 2)

    def _decisions(self, report: Report) -> Iterator[str]:
        column = max((len(decision.result.policy) for decision in report.decisions), default=0)
        ordered = sorted(report.decisions, key=lambda decision: _ORDER.index(decision.result.outcome))
        for decision in ordered:
            result = decision.result
            yield from self._policy(decision, column)
            if result.reason:
                decided = result.outcome in (Outcome.PASS, Outcome.FAIL)
                yield from self._field("note" if decided else "because", result.reason)
            yield from self._findings(decision)

    def _policy(self, decision: Decision, column: int) -> Iterator[str]:
        """The outcome, the name in a column of so many characters, and the title, below that where there is no room."""
        result = decision.result
        mark, colour = f"{_MARKS[result.outcome]} {result.outcome:<5}", _COLOURS[result.outcome]
        name = f"  {visible(result.policy)}"
        mild = "  (waived)" if decision.waived else "  (advisory)" if decision.enforcement == "advisory" else ""
        timing = f"  {result.duration_ms} ms, {decision.enforcement}" if self._verbose else ""
        title = visible(decision.title) + mild + timing
        below = len(mark) + 2 + column + 2
        if self._width is None or self._width - below >= _LEAST_TITLE:
            yield from self._headed(mark, colour, f"{name:<{column + 2}}  {title}", below=below)
            return
        yield self._paint(mark, colour) + name
        yield from self._wrapped(" " * (len(mark) + 2) + title, len(mark) + 2)

    def _findings(self, decision: Decision) -> Iterator[str]:
        findings = decision.result.findings
        shown = findings if self._verbose else findings[:SHOWN_FINDINGS]
        for finding in shown:
            yield from self._finding(finding)
        if len(shown) < len(findings):
            more = f"and {len(findings) - len(shown)} more; --verbose or --format json shows all"
            yield from self._wrapped(" " * self._indent + more, self._indent)

    def _finding(self, finding: Finding) -> Iterator[str]:
        if finding.message:
            yield from self._wrapped(" " * self._indent + visible(finding.message), self._indent)
        yield from self._field("observed", finding.observed)
        yield from self._field("expected", finding.expected)
        yield self._label("do") + visible(finding.remediation)  # a command is to be pasted whole
        if finding.remark:
            yield from self._field("note", finding.remark)

    def _field(self, name: str, text: str) -> Iterator[str]:
        below = self._indent + 12
        first, *rest = self._wrapped(" " * below + visible(text), below)
        yield self._label(name) + first[below:]
        yield from rest

    def _label(self, name: str) -> str:
        return " " * (self._indent + 2) + self._paint(f"{name:<9}", "2") + " "

    def _headed(self, head: str, colour: str, text: str, *, below: int = 2) -> Iterator[str]:
        """The text after a coloured head, and further lines so many columns to the right."""
        first, *rest = self._wrapped(" " * len(head) + text, below)
        yield self._paint(head, colour) + first[len(head) :]
        yield from rest

    def _wrapped(self, line: str, below: int) -> list[str]:
        if self._width is None:
            return [line]
        from guardrails.wording.wrapped_lines import wrap_line

        return wrap_line(line, below, self._width)

    def _verdict(self, report: Report) -> Iterator[str]:
        """The verdict in one line at every width: the counts stand above it where they have no room."""
        colour = "1;32" if report.verdict is Verdict.ALLOW else "1;31"
        word, rest = verdict(report)
        if self._width is not None and len(word + rest) > self._width:
            word, why, counts = _parts(report)
            yield from self._wrapped(counts, 2)
            rest = f"  {why}" if why else ""
        yield self._paint(word, colour) + rest

    def _paint(self, text: str, code: str) -> str:
        return paint(text, code, colour=self._colour)

"""The report as GitHub-flavoured Markdown, for a job's summary or a comment: the verdict, what is wrong, the rest.

Text from the world stands in fenced blocks and code spans alone, where nothing is markup: no link, mention or HTML.
"""

from __future__ import annotations

import re

from guardrails.model import Outcome
from guardrails.reporters.problems import RUN, description, of_policy, problems
from guardrails.reporters.text_report import verdict
from guardrails.version import VERSION
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.model import Decision, Report

SHOWN = 20  # problems of one policy; fewer when the whole would be longer than LIMIT
LIMIT = 900_000  # bytes; GitHub takes 1 MiB
LONGEST = 1000  # characters of one line
_HEADING = ("repo", "branch", "commit", "candidate", "configuration", "left_out")
_ORDER = (Outcome.FAIL, Outcome.ERROR, Outcome.PASS, Outcome.SKIP)
_MARKS = {Outcome.PASS: "✓", Outcome.SKIP: "–", Outcome.ERROR: "!", Outcome.FAIL: "✗"}


def render(report: Report) -> str:
    """The report; each policy has a row, and each that did not pass a section before that."""
    for most in (SHOWN, 3, 1):
        text = "\n".join([*_heading(report), *_run(report), *_policies(report, most), *_table(report)]) + "\n"
        if len(text.encode("utf-8", "backslashreplace")) <= LIMIT:
            break
    return text


def _heading(report: Report) -> Iterator[str]:
    word, rest = verdict(report)
    what = " ".join(filter(None, (report.environment, report.operation or "standing")))
    yield f"## {word}: {_span(what)}"
    yield ""
    yield f"{rest.strip()} (guardrails {VERSION})"
    told = description(report)
    shown = [(name, told[name]) for name in _HEADING if name in told]
    if shown:
        yield ""
    yield from (f"- {name.replace('_', ' ')} {_span(value)}" for name, value in shown)
    yield ""


def _run(report: Report) -> Iterator[str]:
    told = [_bounded(problem.message) for problem in problems(report) if problem.policy == RUN]
    if told:
        yield from ("### ! The run could not decide", "", *_fenced(told[:SHOWN]), "")


def _policies(report: Report, most: int) -> Iterator[str]:
    for decision in _ordered(report):
        found = list(of_policy(report, decision))
        if not found:
            continue
        result = decision.result
        blocks = "blocks" if decision.blocks else "waived" if decision.waived else "does not block"
        yield f"### {_MARKS[result.outcome]} {_span(result.policy)}: {_plain(decision.title)}"
        yield ""
        yield f"{decision.enforcement}, {_plain(decision.severity)}, {blocks}"
        yield ""
        more = [f"and {len(found) - most} more"] if len(found) > most else []
        yield from _fenced(["\n".join(map(_bounded, problem.lines())) for problem in found[:most]] + more)
        yield ""


def _table(report: Report) -> Iterator[str]:
    if not report.decisions:
        return
    yield "| | policy | guards that | enforcement | why |"
    yield "|---|---|---|---|---|"
    for decision in _ordered(report):
        result = decision.result
        mark = f"{_MARKS[result.outcome]} {result.outcome}"
        title, why = _plain(decision.title), _span(result.reason) if result.reason else ""
        yield f"| {mark} | {_span(result.policy)} | {title} | {decision.enforcement} | {why} |"


def _ordered(report: Report) -> list[Decision]:
    return sorted(report.decisions, key=lambda decision: _ORDER.index(decision.result.outcome))


def _fenced(texts: list[str]) -> Iterator[str]:
    """The texts, whose control characters are shown already, apart from each other and nothing but text."""
    inner = "\n\n".join(texts)
    fence = _longer_than_any(inner, least=3)
    yield from (f"{fence}text", inner, fence)


def _span(text: str) -> str:
    """The text as a code span; bars, which would end the cell of a table even there, are shown as escapes."""
    shown = _bounded(text).replace("|", "\\x7c") or "-"
    fence = _longer_than_any(shown, least=1)
    inner = f" {shown} " if "`" in (shown[0], shown[-1]) else shown
    return f"{fence}{inner}{fence}"


def _plain(text: str) -> str:
    """A policy author's words as running text: every mark is literal."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", _bounded(text))


def _bounded(text: str) -> str:
    return visible(text) if len(text) <= LONGEST else f"{visible(text[:LONGEST])}…"


def _longer_than_any(text: str, *, least: int) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)

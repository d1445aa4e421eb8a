"""Annotations for GitHub Actions: workflow commands, the worst problems first, then the verdict.

GitHub shows ten of each kind in a step, so the rest are counted here; `--output` writes them all. Escapes are those of
"Workflow commands for GitHub Actions" and of the runner's ActionCommand, which reads a line in two ways: `::name ::` at
its start, and the older `##[name]` anywhere in it.
"""

from __future__ import annotations

import re

from guardrails.reporters.problems import problems
from guardrails.reporters.text_report import configuration, verdict
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.model import Report
    from guardrails.reporters.problems import Problem

SHOWN = 10  # of errors, and of warnings, in one step
_WORST_FIRST = ("critical", "high", "medium", "low")
_JSON, _XML = ("\\u0023", "\\u003a"), ("&#35;", "&#58;")
_SPELLED = {"json": _JSON, "sarif": _JSON, "gitlab": _JSON, "junit": _XML}  # how the formats spell `#` and `:`


def render(report: Report) -> str:
    """The annotations, one on a line; then, as plain lines, the configuration if one was read, and the verdict."""
    told = [inert(visible(f"configuration {configuration(report.source)}"))] if report.source else []
    return "".join(f"{line}\n" for line in (*commands(report), *told, "".join(verdict(report))))


def commands(report: Report) -> Iterator[str]:
    """The workflow commands alone: `error` for what blocks, `warning` for what does not."""
    for kind, blocks in (("error", True), ("warning", False)):
        found = sorted((one for one in problems(report) if one.blocks is blocks), key=_rank)
        yield from (_command(kind, one) for one in found[:SHOWN])
        if len(found) > SHOWN:
            yield f"::notice title=guardrails::{len(found) - SHOWN} more {kind}s are in the reports and not shown here"


def inert(text: str, form: str = "text") -> str:
    """A report in one of the formats as it may stand in a job's log, where no line of it is a workflow command."""
    hash_sign, colon = _SPELLED.get(form, ("\\x23", "\\x3a"))
    text = text.replace("##[", f"{hash_sign}#[")
    if "::" not in text:
        return text
    return "".join(
        line.replace("::", f"{colon}:", 1) if line.lstrip().startswith("::") else line
        for line in re.split(r"(?<=[\r\n])", text)
    )


def _rank(problem: Problem) -> tuple[bool, int]:
    worst = _WORST_FIRST.index(problem.severity) if problem.severity in _WORST_FIRST else len(_WORST_FIRST)
    return not problem.undecided, worst


def _command(kind: str, problem: Problem) -> str:
    given = {
        "file": problem.path,
        "line": str(problem.line) if problem.path and problem.line else None,
        "title": f"{problem.policy}: {problem.title}",
    }
    properties = ",".join(f"{name}={_property(value)}" for name, value in given.items() if value)
    return f"::{kind} {properties}::{_data(chr(10).join(visible(line) for line in problem.lines()))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")

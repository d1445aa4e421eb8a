"""Where the reports of a check go: every `--output`, and what a GitHub job gets by itself."""

from __future__ import annotations

import os
import sys

from guardrails import reporters
from guardrails.cli import request_options
from guardrails.cli.streams import clean_leaving_text
from guardrails.errors import GuardrailsError, UsageError
from guardrails.exit_codes import UNDECIDED
from guardrails.wording.shown_text import storable, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from guardrails.model import Report

    Maker = Callable[[Report], str]

PAGE = "html"  # no format that is printed: it holds more than the report, and is about what the audit log knows too
ATTESTATION = "attestation"  # no format of a report: it is about a commit, is signed, and counts elsewhere
SUMMARY_LIMIT = 1_000_000  # bytes; GitHub drops a step's summary above 1 MiB


def parse_output(word: str) -> tuple[str, str]:
    """`FORMAT:PATH` taken apart, for the parser of arguments."""
    form, colon, path = word.partition(":")
    forms = (*reporters.FORMATS, PAGE, ATTESTATION)
    if form not in forms or not colon or not path:
        raise request_options.refusal(f"{word} is not FORMAT:PATH with a format of {', '.join(forms)}")
    return form, path


def document_parser(forms: Sequence[str]) -> Callable[[str], tuple[str, str]]:
    """A parser of `FORMAT:PATH` with a format of these, for what is no report of policies."""

    def parse(word: str) -> tuple[str, str]:
        form, colon, path = word.partition(":")
        if form not in forms or not colon or not path:
            raise request_options.refusal(f"{word} is not FORMAT:PATH with a format of {', '.join(forms)}")
        return form, path

    return parse


def refuse_twins(outputs: Sequence[tuple[str, str]]) -> None:
    """Raise UsageError when two reports would be written to one place, where the later would hide the earlier."""
    paths = [path for _, path in outputs]
    twins = sorted({path for path in paths if paths.count(path) > 1})
    if twins:
        raise UsageError(f"two reports cannot be written to one file: {twins[0]}")


def in_github() -> bool:
    """Whether this is a step of a GitHub job."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def write(outputs: Sequence[tuple[str, str]], report: Report, makers: Mapping[str, Maker] | None = None) -> Report:
    """Write every report, and give the one that holds afterwards: a place that cannot be written leaves it undecided.

    `makers` make of a report what is more than the report: its attestation and its page. Without one, an attestation
    is left empty.

    Then the earlier ones are written anew, or one of them would still say allow. When that fails as well, opening the
    file has emptied it.
    """
    written, complaints = [], []
    for form, path in outputs:
        try:
            _write(form, path, report, makers or {})
            written.append((form, path))
        except (OSError, ValueError, GuardrailsError) as error:
            complaints.append(storable(f"--output {path} cannot be written: {_reason(error)}"))
    summary = os.environ.get("GITHUB_STEP_SUMMARY") if in_github() else None
    if summary:
        try:
            _summarise(summary, _undecided(report, complaints))
        except (OSError, ValueError) as error:
            complaints.append(storable(f"GITHUB_STEP_SUMMARY {summary} cannot be written: {_reason(error)}"))
    if not complaints:
        return report
    report = _undecided(report, complaints)
    for form, path in written:
        try:
            _write(form, path, report, makers or {})
        except (OSError, GuardrailsError):
            pass
    for complaint in complaints:
        say(f"guardrails: {visible(complaint)}")
    return report


def write_documents(
    outputs: Sequence[tuple[str, str]], render: Callable[[str, tuple[str, ...]], str]
) -> tuple[str, ...]:
    """Write a document that is no report of policies to each place, and give why it could not be written to some.

    `render` makes it in a format, with these errors in it; those that were written before get them too.
    """
    complaints: tuple[str, ...] = ()
    written: list[tuple[str, str]] = []
    for form, path in outputs:
        try:
            write_output(form, path, render(form, ()))
            written.append((form, path))
        except OSError as error:
            complaints += (storable(f"--output {path} cannot be written: {_reason(error)}"),)
    for form, path in written if complaints else ():
        try:
            write_output(form, path, render(form, complaints))
        except OSError:
            pass  # opening it has emptied it
    for complaint in complaints:
        tell(visible(complaint))
    return complaints


def withdraw(outputs: Sequence[tuple[str, str]]) -> None:
    """Empty what would count elsewhere, since the verdict could not be told here; an older one is not left either."""
    for form, path in outputs:
        if form == ATTESTATION:
            try:
                os.truncate(path, 0)
            except FileNotFoundError:
                pass
            except OSError as error:
                say(f"guardrails: {visible(path)} cannot be withdrawn: {error.strerror}")


def show(report: Report, form: str) -> None:
    """Print a report in any format but text, which is a terminal's."""
    text = reporters.renderer(form)(report)
    if form == "github":
        sys.stdout.write(text)
    else:
        put(text, form)


def put(text: str, form: str) -> None:
    """Print a text in any format but GitHub's own. In a GitHub job no line of it is a workflow command."""
    if in_github():
        from guardrails.reporters.github_report import inert

        text = inert(text, form)
    sys.stdout.write(text)


def annotate(report: Report, form: str) -> None:
    """In a GitHub job, put the problems into standard error as annotations, if standard output does not hold them."""
    if in_github() and form != "github":
        from guardrails.reporters.github_report import commands

        for line in commands(report):
            say(line)


def say(line: str) -> None:
    """One line on standard error, if there is one: `print` would fall back to standard output."""
    if sys.stderr is not None:
        print(line, file=sys.stderr)


def tell(line: str) -> None:
    """One line on standard error that says who speaks."""
    say(f"guardrails: {line}")


def _write(form: str, path: str, report: Report, makers: Mapping[str, Maker]) -> None:
    if form == ATTESTATION:
        with open(path, "w", encoding="utf-8") as file:  # first, so that no older verdict outlives a failure
            file.write(makers[form](report) if form in makers else "")
        return
    render = makers[form] if form == PAGE else reporters.renderer(form)
    write_output(form, path, render(report))


def write_output(form: str, path: str, text: str) -> None:
    """Write a text in a format to a file, without secrets. Raises OSError when it cannot be written.

    A page is written as it is: its data had none when it was packed, and what is changed in it afterwards is blocked.
    """
    text = text if form == PAGE else clean_leaving_text(text)  # before the file is opened: a bug of ours empties none
    with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)


def _summarise(path: str, report: Report) -> None:
    """Append the report to the step's summary, or its verdict alone when GitHub would refuse the whole as too long."""
    from guardrails.reporters.markdown_report import render

    text = clean_leaving_text(render(report))
    with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
        if file.tell() + len(text.encode("utf-8", "backslashreplace")) > SUMMARY_LIMIT:
            text = "\n".join(text.split("\n")[:3]) + "\n"
        file.write(text)


def _undecided(report: Report, complaints: Sequence[str]) -> Report:
    if not complaints:
        return report
    from guardrails.model import Verdict

    code = report.exit_code or UNDECIDED
    return report.replaced(verdict=Verdict.DENY, exit_code=code, errors=(*report.errors, *complaints))


def _reason(error: Exception) -> str:
    return str(error.strerror) if isinstance(error, OSError) else str(error)

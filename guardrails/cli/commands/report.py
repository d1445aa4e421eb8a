"""`guardrails report`: one HTML page of where an environment stands, and how it got there."""

from __future__ import annotations

import os
import time

from guardrails.cli import outputs, request_options, terminal
from guardrails.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails report --env prod --output prod.html
  guardrails report --from prod.html --output new.html       show the data of an earlier page anew
  guardrails report --from check.json --output check.html    or that of `guardrails check --format json`

The page is one file, which a browser opens from disk. What it shows is a check of what must hold at all times, which is
logged as any check.

exit codes: 0 the page was written, whatever the verdict, 2 it was not
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `report`."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("--env", metavar="NAME", default=os.environ.get("GUARDRAILS_ENV"), help="the environment to judge")
    add("--output", metavar="PATH", help="where to write the page")
    add("--from", metavar="PATH", dest="source", help="show this page, or this JSON report, instead of judging now")
    request_options.configure_configuration(parser)
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Write the page. Raises UsageError and the like when there is nothing to write, OSError when it cannot be."""
    if not given.output:
        raise UsageError("where to? add --output PATH")
    outputs.write_output(outputs.PAGE, given.output, _shown_anew(given.source) if given.source else _judged(given))
    return 0


def _judged(given: argparse.Namespace) -> str:
    from guardrails.cli.pages import render_report
    from guardrails.judgement import answer
    from guardrails.request import Question, Request

    question = Question(Request(environment=given.env, config=given.config), time.time())
    report = answer(question, watch=terminal.Progress, tell=outputs.tell)
    return render_report(report, question)


def _shown_anew(path: str) -> str:
    """The page of the data in a file. Raises UsageError for a file that holds none."""
    from guardrails.facts.files import decode, read_bytes
    from guardrails.reporters.page.page import render_page
    from guardrails.reporters.page.page_data import SIZE_LIMIT, read_data

    try:
        text = decode(read_bytes(os.path.abspath(path), SIZE_LIMIT), path)
    except FileNotFoundError:
        raise UsageError(f"--from {path}: there is no such file") from None
    try:
        return render_page(read_data(text, path))
    except (RecursionError, OverflowError, ValueError):  # numbers and nesting that no report has
        raise UsageError(f"--from {path}: it holds what no report can hold, so it cannot be shown") from None

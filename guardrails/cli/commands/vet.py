"""`guardrails vet`: say what a command, a text for a shell or a write would do past the guard, and run nothing."""

from __future__ import annotations

import os
import sys

from guardrails.cli import outputs, request_options, terminal
from guardrails.errors import GuardrailsError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.calls import Call
    from guardrails.model import Report

_EXAMPLES = """examples:
  guardrails vet --shell 'cd ~/openclaw-prod && git reset --hard'      a text, as a shell would read it
  guardrails vet --cwd ~/moltbot -- git clean -fdx                     words, which no shell sees
  guardrails vet --write ~/openclaw-prod/README.md                     a file that an editor would write
  guardrails vet --format json --shell - <command.sh                   a text from standard input

exit codes: 0 nothing speaks against it, which permits nothing by itself; 1 refused; 2 it cannot be told, so refused
"""
_FORMATS = ("text", "json")
_TEXT_LIMIT = 1 << 20  # bytes


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `vet`."""
    parser.epilog = _EXAMPLES
    parser.usage = "%(prog)s [options] (--shell TEXT | --write PATH | -- COMMAND [ARG]...)"
    add, variable = parser.add_argument, os.environ.get
    add("--cwd", metavar="DIR", default=".", help="the folder in which it would run (default: this one)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--shell", metavar="TEXT", help="a text for a shell; - reads standard input")
    what.add_argument("--write", metavar="PATH", help="a file that would be written")
    request_options.configure_configuration(parser)
    timeout = variable("GUARDRAILS_TIMEOUT", "10")
    add(
        "--timeout",
        metavar="SECONDS",
        type=request_options.seconds,
        default=timeout,
        help="for each look (default: 10)",
    )
    add("--format", choices=_FORMATS, default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run, command=())


def run(given: argparse.Namespace) -> int:
    """Judge it, print the report, and give the exit code of the verdict."""
    from guardrails.request import Request
    from guardrails.tool_calls import clean_report, vet

    call = _call(given)
    request = Request(config=given.config, timeout=given.timeout)
    try:
        report = clean_report(vet((call,), request, watch=terminal.Progress, tell=outputs.tell))
    except GuardrailsError as error:
        if given.format == "text":
            raise
        report = _undecided(error)
    if given.format == "json":
        outputs.show(report, "json")
    else:
        _show(report)
    return report.exit_code


def _call(given: argparse.Namespace) -> Call:
    """The call that is asked about. Raises UsageError unless there is one."""
    from guardrails.calls import Call

    folder = os.path.abspath(os.path.expanduser(given.cwd))
    asked = [given.shell is not None, given.write is not None, bool(given.command)]
    if sum(asked) != 1:
        raise UsageError("give one of --shell TEXT, --write PATH and -- COMMAND; see guardrails vet --help")
    if given.shell is not None:
        return Call(folder, shell=_text() if given.shell == "-" else given.shell)
    return Call(folder, write=given.write) if given.write is not None else Call(folder, argv=tuple(given.command))


def _text() -> str:
    """The text in standard input. Raises UsageError for one that is too long."""
    data = terminal.read_standard_input(_TEXT_LIMIT + 1)
    if len(data) > _TEXT_LIMIT:
        raise UsageError(f"the text is longer than {_TEXT_LIMIT} bytes")
    return data.decode("utf-8", "surrogateescape")


def _undecided(error: GuardrailsError) -> Report:
    """A report for programs on what cannot even be asked."""
    import time

    from guardrails.engine.gate import weigh
    from guardrails.tool_calls import OPERATION

    return weigh([], errors=[str(error)], operation=OPERATION, started=time.time()).replaced(actions=())


def _show(report: Report) -> None:
    from guardrails.reporters import call_report
    from guardrails.reporters.text_report import TextReport

    colour, width = terminal.wants_colour(sys.stdout), terminal.width(sys.stdout)
    outputs.put(call_report.render(report, TextReport(colour=colour, width=width), colour=colour), "text")

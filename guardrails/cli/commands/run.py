"""`guardrails run`: check, run an operation on what was checked, and check again."""

from __future__ import annotations

import os
import sys

from guardrails.cli import request_options, terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.model import Report

_EXAMPLES = """examples:
  guardrails run promote --env prod --candidate release/memory-v1     the operation's own steps
  guardrails run promote --env prod --resume                          go on after a step has failed
  guardrails run start --env prod -- openclaw gateway run             a command of your own
  guardrails run promote --env prod --candidate release/memory-v1 -- git merge --ff-only {candidate}

{candidate}, {upstream}, {previous}, {state_dir}, {repo}, {branch} and {service} are replaced in steps and arguments;
the command also finds GUARDRAILS_CANDIDATE_ID, GUARDRAILS_UPSTREAM_ID and GUARDRAILS_PREVIOUS_ID.

what a step writes is shown on standard output as it comes, and kept beside the journal in .git/guardrails/runs; a
command of your own has the terminal, and nothing of it is kept

exit codes: the command's own; 125 refused or could not decide, 126 and 127 as in a shell, 128+n ended by signal n,
124 the command succeeded but what must hold after it does not
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `run`."""
    parser.epilog = _EXAMPLES
    parser.usage = "%(prog)s OPERATION [options] [-- COMMAND [ARG]...]"
    parser.add_argument("operation", metavar="OPERATION", help="the operation, such as promote, update or rollback")
    request_options.configure(parser)
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the first step that is not done; with the same -- COMMAND, if it had one",
    )
    parser.set_defaults(handler=run, command=())


def run(given: argparse.Namespace) -> int:
    """Run it guarded; the exit code is the command's own, unless it was refused or what follows does not hold."""
    from guardrails.judgement import run as run_guarded

    asked = request_options.request(given, given.operation, online=given.online, jobs=given.jobs)
    return run_guarded(asked, tuple(given.command), resume=given.resume, tell=_tell, show=_show)


def _tell(text: str) -> None:
    """One line on standard error."""
    from guardrails.wording.shown_text import visible

    _say(f"guardrails: {visible(text)}\n")


def _show(report: Report) -> None:
    """Print a report that does not allow it on standard error: standard output is the command's."""
    from guardrails.reporters.text_report import TextReport

    style = TextReport(colour=terminal.wants_colour(sys.stderr), width=terminal.width(sys.stderr))
    _say(style.render(report))


def _say(text: str) -> None:
    """Write to standard error. A closed one stops no step."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

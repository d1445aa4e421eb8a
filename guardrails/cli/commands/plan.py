"""`guardrails plan`: what an operation would do, before anyone does it."""

from __future__ import annotations

import sys

from guardrails.cli import request_options, terminal
from guardrails.errors import GuardrailsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails plan promote --env prod --candidate release/memory-v1
  guardrails plan rollback --env prod                        which commits would no longer run
  guardrails plan update --env prod --at 2026-02-01T22:00:00Z --format json

The verdict and the exit code are those of `guardrails check --op OPERATION`; nothing is changed.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `plan`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("operation", metavar="OPERATION", help="the operation, such as promote, update or rollback")
    request_options.configure(parser)
    parser.add_argument("--format", choices=["text", "json"], default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Foresee, and print it; the exit code is that of a check for the same moment."""
    from guardrails.judgement import plan as foreseen
    from guardrails.operations.planning.plan import undecided_plan
    from guardrails.reporters.plan_report import TextPlan, as_json

    try:
        asked = request_options.request(given, given.operation, online=given.online, jobs=given.jobs)
        plan = foreseen(asked, watch=terminal.Progress)
    except GuardrailsError as error:
        if given.format == "text":
            raise
        plan = undecided_plan(str(error), given.operation, given.env)
    if given.format == "json":
        sys.stdout.write(as_json(plan))
    else:
        sys.stdout.write(TextPlan(colour=terminal.wants_colour(sys.stdout)).render(plan))
    return plan.report.exit_code

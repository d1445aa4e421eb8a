"""`guardrails plan`: what an operation would do, before anyone does it."""

from __future__ import annotations

import sys
import time

from guardrails.cli import outputs, request_options, terminal
from guardrails.errors import GuardrailsError
from guardrails.reporters.plan_report import TextPlan, as_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.operations.planning.plan import Plan
    from guardrails.request import Question

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
    parser.add_argument(
        "--output",
        metavar="FORMAT:PATH",
        action="append",
        type=outputs.document_parser(("text", "json", outputs.PAGE)),
        default=[],
        help="also write it, in text, json or html (may be repeated)",
    )
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Foresee, write and print it; the exit code is that of a check for the same moment."""
    from guardrails.judgement import plan as foreseen
    from guardrails.operations.planning.plan import undecided_plan
    from guardrails.request import Question

    outputs.refuse_twins(given.output)
    refusal, question = None, None
    try:
        asked = request_options.request(given, given.operation, online=given.online, jobs=given.jobs)
        question = Question(asked, time.time())
        plan = foreseen(question, watch=terminal.Progress)
    except GuardrailsError as error:
        refusal, question = error, None
        plan = undecided_plan(str(error), given.operation, given.env)
    complaints = outputs.write_documents(given.output, lambda form, errors: _render(form, plan.but(errors), question))
    if refusal and given.format == "text":
        raise refusal
    plan = plan.but(complaints)
    if given.format == "json":
        sys.stdout.write(_render("json", plan, question))
    else:
        sys.stdout.write(TextPlan(colour=terminal.wants_colour(sys.stdout)).render(plan))
    return plan.report.exit_code


def _render(form: str, plan: Plan, question: Question | None) -> str:
    if form == outputs.PAGE:
        from guardrails.cli.pages import render_report

        return render_report(plan.report, question, plan=plan)
    return as_json(plan) if form == "json" else TextPlan().render(plan)

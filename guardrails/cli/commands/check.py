"""`guardrails check`: judge an environment, and say allow or deny."""

from __future__ import annotations

import os
import sys
import time
from functools import partial

from guardrails import reporters
from guardrails.cli import outputs, request_options, terminal
from guardrails.config.settings import hint_at_known
from guardrails.errors import GuardrailsError, UsageError
from guardrails.judgement import answer, log
from guardrails.request import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.model import Report
    from guardrails.request import Request

_EXAMPLES = """examples:
  guardrails check --env prod                                   what holds at all times
  guardrails check --env prod --op promote --candidate release/memory-v1
  guardrails check --env prod --format json --output text:check.log
  guardrails check --env prod --output html:prod.html           a page to look at, with the timeline
  guardrails check --env prod --output attestation:verdict.json --key ~/.ssh/id_ed25519

before a restart:
  guardrails check --env prod --op start && launchctl kickstart -k gui/$UID/com.moltbot.gateway.prod  # macOS
  guardrails check --env prod --op start && systemctl --user restart openclaw-gateway  # Linux
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`. Only those that cannot loosen a verdict have a variable."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("--op", metavar="OPERATION", help="judge what must hold before this operation, instead of at all times")
    add("--after", action="store_true", help="judge what must hold after the operation")
    request_options.configure(parser)
    add(
        "--updates",
        metavar="FILE",
        default="",
        help="the refs that a push moves, in the lines that git gives to pre-push; - reads them",
    )
    add("--policy", metavar="ID", action="append", default=[], help="judge only this policy (may be repeated)")
    add("--skip", metavar="ID", action="append", default=[], help="leave this policy out (may be repeated)")
    formats, form = list(reporters.FORMATS), os.environ.get("GUARDRAILS_FORMAT", "text")
    add("--format", choices=formats, default=form, help="what to print (default: text)")
    add(
        "--output",
        metavar="FORMAT:PATH",
        action="append",
        type=outputs.parse_output,
        default=[],
        help="also write it (may be repeated); html:PATH is a page for a browser, and attestation:PATH a verdict that "
        "guardrails verify takes elsewhere",
    )
    add("--key", metavar="PATH", help="the SSH key to sign an attestation with; public: by agent")
    how_much = parser.add_mutually_exclusive_group()
    how_much.add_argument("--quiet", action="store_true", help="print the verdict alone")
    how_much.add_argument("--verbose", action="store_true", help="print every finding, note and duration")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Check, write the reports, and give the exit code of the verdict."""
    started = time.time()
    if given.format not in reporters.FORMATS:
        raise UsageError(f"unknown format {given.format}; {hint_at_known(given.format, list(reporters.FORMATS))}")
    outputs.refuse_twins(given.output)
    try:
        return _run(given, started)
    except BaseException:
        outputs.withdraw(given.output)
        raise


def _run(given: argparse.Namespace, started: float) -> int:
    """Check, write and tell."""
    carried = any(form == outputs.ATTESTATION for form, _ in given.output)
    if carried or given.key is not None:
        from guardrails.cli import issuing

        issuing.refuse_what_cannot_be_carried(given, carried=carried)
    refusal, question = None, None
    try:
        question = Question(_request(given), started)
        load = partial(reporters.renderer, given.format)
        report = answer(question, watch=terminal.Progress, meanwhile=load, tell=outputs.tell)
    except GuardrailsError as error:
        from guardrails.engine.gate import weigh

        refusal, question = error, None
        report = weigh([], errors=[str(error)], environment=given.env, operation=given.op, started=started)
    makers = {outputs.ATTESTATION: issuing.issuer(given, question)} if carried and question else {}
    if any(form == outputs.PAGE for form, _ in given.output):
        from guardrails.cli.pages import page_maker

        makers[outputs.PAGE] = page_maker(question)
    written = outputs.write(given.output, report, makers)
    if question and written is not report:  # it is another verdict now
        written = log(written, question, outputs.tell)
    _tell(written, given, refusal)
    return written.exit_code


def _request(given: argparse.Namespace) -> Request:
    return request_options.request(
        given,
        given.op,
        after=given.after,
        policies=tuple(given.policy),
        skipped=tuple(given.skip),
        updates=request_options.updates(given.updates),
        online=given.online,
        jobs=given.jobs,
    )


def _tell(report: Report, given: argparse.Namespace, refusal: GuardrailsError | None) -> None:
    """Print the report. Raises OSError when nobody takes it, and the refusal when there is nothing more to say."""
    outputs.annotate(report, given.format)
    if given.format != "text":
        outputs.show(report, given.format)
    elif refusal:
        raise refusal
    else:
        terminal.show_report(report, quiet=given.quiet, verbose=given.verbose)
    sys.stdout.flush()

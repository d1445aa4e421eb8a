"""`guardrails check`: judge an environment, and say allow or deny."""

from __future__ import annotations

import os
import sys
import time

from guardrails import reporters
from guardrails.cli import UNDECIDED, outputs, question, terminal
from guardrails.cli.question import Question
from guardrails.config.settings import nearest
from guardrails.engine import worker
from guardrails.errors import GuardrailsError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.model import Report

_EXAMPLES = """examples:
  guardrails check --env prod                                   what holds at all times
  guardrails check --env prod --op promote --candidate release/memory-v1
  guardrails check --env prod --format json --output text:check.log
  guardrails check --env prod --output attestation:verdict.json --key ~/.ssh/id_ed25519
  guardrails check --env prod --op start && launchctl kickstart -k gui/$UID/com.moltbot.gateway.prod
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`. Those that cannot loosen a verdict have a variable that stands for them."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("--op", metavar="OPERATION", help="judge what must hold before this operation, instead of at all times")
    add("--after", action="store_true", help="judge what must hold after the operation")
    question.configure(parser)
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
        type=outputs.parsed,
        default=[],
        help="also write it (may be repeated); attestation:PATH is a verdict that guardrails verify takes elsewhere",
    )
    add("--key", metavar="PATH", help="the SSH key to sign an attestation with; public: by agent")
    how_much = parser.add_mutually_exclusive_group()
    how_much.add_argument("--quiet", action="store_true", help="print the verdict alone")
    how_much.add_argument("--verbose", action="store_true", help="print every finding, note and duration")
    parser.set_defaults(handler=run, remote=None)


def run(given: argparse.Namespace) -> int:
    """Check, write the reports, and give the exit code of the verdict."""
    started = time.time()
    if given.format not in reporters.FORMATS:
        raise UsageError(f"unknown format {given.format}; {nearest(given.format, list(reporters.FORMATS))}")
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
    refusal, asked = None, None
    try:
        report, asked = judged(given, started)
    except GuardrailsError as error:
        from guardrails.engine.gate import weigh

        refusal = error
        report = weigh([], errors=[str(error)], environment=given.env, operation=given.op, started=started)
    written = outputs.write(given.output, report, issuing.issuer(given, asked) if carried and asked else None)
    report = _logged(written, asked) if asked and written is not report else written  # it is another verdict now
    _tell(report, given, refusal)
    return report.exit_code


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


def judged(given: argparse.Namespace, started: float, settings: Settings | None = None) -> tuple[Report, Question]:
    """Judge what applies, and log the verdict before anything can be taken for a permission.

    `settings` are given by whoever has loaded them. Raises GuardrailsError for what cannot even be asked.
    """
    report, asked = _weighed(given, started, settings)
    return _logged(report, asked), asked


def _weighed(given: argparse.Namespace, started: float, settings: Settings | None) -> tuple[Report, Question]:
    """Judge what applies, and weigh it."""
    if given.after and not given.op:
        raise UsageError("--after needs --op")
    about = {"updates": given.updates, "remote": given.remote}
    asked = Question(given, started, given.op, after=given.after, settings=settings, **about)
    environment, applicable = asked.environment.name, asked.applicable()
    narrowed = _narrowed(given, applicable, asked.settings)
    chosen = [*narrowed, *asked.always]
    with worker.Run(chosen, asked.world, jobs=given.jobs) as under_way, terminal.Progress(len(chosen)) as progress:
        from guardrails.engine import gate  # while the other process looks at the world
        from guardrails.operations import audit  # noqa: F401  # and what _logged needs

        reporters.renderer(given.format)
        observation = under_way.observe(progress.heard)
    report = gate.report_on(
        observation.results,
        chosen,
        errors=observation.errors,
        environment=environment,
        operation=given.op,
        moment=asked.moment,
        at=asked.world.at,
        subject=observation.subject,
        settings=asked.settings,
        started=started,
        left_out=[policy.name for policy in applicable if policy not in narrowed],
    )
    return report, asked


def _logged(report: Report, asked: Question) -> Report:
    """Log the verdict. Without a record there is none but "undecided"; what there is to say of the log is said."""
    from guardrails.model import Verdict
    from guardrails.operations import audit
    from guardrails.wording.shown_text import visible

    try:
        head = audit.log_report(report, asked.settings, asked.environment, moment=asked.moment, at=asked.world.at)
        asked.logged = head
    except GuardrailsError as error:
        trouble = visible(str(error))
        if trouble not in report.errors:
            outputs.say(f"guardrails: {trouble}")
        errors = tuple(dict.fromkeys((*report.errors, trouble)))
        return report.replaced(verdict=Verdict.DENY, exit_code=UNDECIDED, errors=errors)
    outputs.say_mended(head)
    return report


def _narrowed(given: argparse.Namespace, applicable: list[PolicySetting], settings: Settings) -> list[PolicySetting]:
    """What --policy and --skip leave. Raises UsageError for an id that does not apply."""
    names = [policy.name for policy in applicable]
    configured = [policy.name for policy in settings.policies]
    for name in (*given.policy, *given.skip):
        if name not in configured:
            raise UsageError(f"unknown policy {name}; {nearest(name, configured)}")
        if name in given.policy and name not in names:
            raise UsageError(f"{name} does not apply at this moment; guardrails policies shows its moments")
    only, skipped = given.policy or names, given.skip
    return [policy for policy in applicable if policy.name in only and policy.name not in skipped]

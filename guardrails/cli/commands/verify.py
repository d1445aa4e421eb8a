"""`guardrails verify`: does a verdict that was carried here still hold?"""

from __future__ import annotations

import sys
import time

from guardrails.cli import outputs, question, terminal
from guardrails.cli.question import Question
from guardrails.errors import GuardrailsError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.facts.approval.verdicts import CarriedVerdict
    from guardrails.operations.evidence.verify_verdict import Verification

_EXAMPLES = """examples:
  guardrails verify verdict.json --env prod
  guardrails verify verdict.json --env prod --op promote --candidate release/memory-v1

Without --op it may be a verdict for any moment, and the last line says which. A script that acts on it names the
operation, and the candidate if there is one.

exit codes: 0 every field holds, 1 one does not, 2 could not decide (treat as deny)
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `verify`."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("file", metavar="FILE", help="what check --output attestation:FILE wrote")
    add("--op", metavar="OPERATION", help="the operation that it must be for")
    add("--after", action="store_true", help="it must be for what holds after the operation")
    question.configure_place(parser)
    add("--format", choices=["text", "json"], default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run, online=False)


def run(given: argparse.Namespace) -> int:
    """Compare it with what is here, log that, and print it."""
    from guardrails.operations.evidence.verify_verdict import Verification, shown
    from guardrails.reporters.verify_report import TextVerification, as_json

    try:
        found = _verified(given)
    except GuardrailsError as error:
        if given.format == "text":
            raise
        found = Verification(given.file, given.env, errors=(shown(str(error)),))
    text = TextVerification(colour=terminal.colour(sys.stdout))
    outputs.put(as_json(found) if given.format == "json" else text.render(found), given.format)
    return found.exit_code


def _verified(given: argparse.Namespace) -> Verification:
    """The verification, logged. Raises GuardrailsError for what cannot even be asked, or cannot be logged."""
    from guardrails.facts.approval.verdicts import read
    from guardrails.operations.evidence.verify_verdict import Verification, shown, verify

    if given.after and not given.op:
        raise UsageError("--after needs --op")
    started, candidate = time.time(), given.candidate
    try:
        verdict = read(given.file)
    except GuardrailsError as error:
        asked = Question(given, started, given.op, after=given.after)
        found = Verification(given.file, asked.environment.name, errors=(shown(str(error)),))
        _log(found, asked)
        return found
    if candidate is None:
        given.candidate = verdict.named
    operation, after = _moment(given, verdict)
    asked = Question(given, started, operation, after=after)
    found = verify(verdict, asked.settings, asked.world, moment=asked.moment, candidate=candidate)
    _log(found, asked)
    return found


def _moment(given: argparse.Namespace, verdict: CarriedVerdict) -> tuple[str | None, bool]:
    """The operation that is asked about, and whether after it: as given, or else what the verdict is for."""
    from guardrails.config.settings import STANDING

    if given.op:
        return given.op, given.after
    if verdict.moment == STANDING:
        return None, False
    return verdict.moment.removeprefix("after "), verdict.moment.startswith("after ")


def _log(found: Verification, asked: Question) -> None:
    """Log what became of it: without a record nothing is allowed."""
    from guardrails.operations.evidence.verify_verdict import log

    outputs.say_mended(log(found, asked.settings, asked.world, moment=asked.moment))

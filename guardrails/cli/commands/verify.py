"""`guardrails verify`: does a verdict that was carried here still hold?"""

from __future__ import annotations

import sys

from guardrails.cli import outputs, request_options, terminal
from guardrails.errors import GuardrailsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

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
    request_options.configure_place(parser)
    add("--format", choices=["text", "json"], default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Compare it with what is here, log that, and print it."""
    from guardrails.judgement import verify
    from guardrails.operations.evidence.verify_verdict import Verification, clean_text
    from guardrails.reporters.verify_report import TextVerification, as_json

    try:
        asked = request_options.request(given, given.op, after=given.after)
        found = verify(asked, given.file, tell=outputs.tell)
    except GuardrailsError as error:
        if given.format == "text":
            raise
        found = Verification(given.file, given.env, errors=(clean_text(str(error)),))
    text = TextVerification(colour=terminal.wants_colour(sys.stdout))
    outputs.put(as_json(found) if given.format == "json" else text.render(found), given.format)
    return found.exit_code

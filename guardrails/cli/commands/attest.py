"""`guardrails attest`: run a command on what is committed, and record how it ended."""

from __future__ import annotations

import sys
import time

from guardrails.cli import signing
from guardrails.errors import GuardrailsError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails attest build --env dev -- pnpm build
  guardrails attest test --env dev --junit report.xml -- pnpm test

exit codes: those of the command; 125 when nothing could be recorded; 1 when the report has failures
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `attest`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("name", metavar="NAME", help="what the record is called, such as test")
    parser.add_argument(
        "--junit", metavar="PATH", default="", help="the JUnit report that the command writes, seen from the repository"
    )
    signing.configure(parser)
    parser.add_argument("command", metavar="COMMAND", nargs="+", help="what to run, after --")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Run it and record it. Without a record it is 125, since the command's own code would pass for one."""
    from guardrails.exit_codes import REFUSED
    from guardrails.operations.evidence.attest import attest

    try:
        world = signing.world(given, time.time())
        done = attest(world, given.name, given.command, junit=given.junit, key=signing.read_key(given), tell=_tell)
    except UsageError:
        raise
    except GuardrailsError as error:
        _tell(str(error))
        return REFUSED
    _tell(done.says + (f"; recorded as {done.ref}" if done.ref else ""))
    return done.code


def _tell(text: str) -> None:
    from guardrails.wording.shown_text import visible

    print(f"guardrails: {visible(text)}", file=sys.stderr, flush=True)

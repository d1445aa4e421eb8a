"""`guardrails drill --installed`: have every installed guard refuse a canary, and see that it is in the audit log."""

from __future__ import annotations

import os
import sys

from guardrails.cli import outputs, request_options, terminal
from guardrails.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails drill --installed                 every guard of every environment
  guardrails drill --installed --env prod --format json

exit codes: 0 each guard refused its canary and logged that, 1 one did not, 2 it could not be told, or there is no guard
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `drill`."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("--installed", action="store_true", help="send a canary through each guard that is configured or was installed")
    add("--env", metavar="NAME", default=os.environ.get("GUARDRAILS_ENV"), help="one environment (default: all)")
    request_options.configure_configuration(parser)
    add("--format", choices=["text", "json"], default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Send the canaries, and print what became of them."""
    if not given.installed:
        raise UsageError("what is to be drilled? add --installed")
    from guardrails import config
    from guardrails.canaries import shown
    from guardrails.canaries.canary import exit_code
    from guardrails.canaries.sending import send_canaries
    from guardrails.config import places
    from guardrails.config.settings import environment_named

    settings = config.load(given.config)
    chosen = [environment_named(settings, given.env)] if given.env else [*settings.environments.values()]
    results = send_canaries(settings, chosen, places.find_configuration(given.config))
    if given.format == "json":
        text = shown.as_json(results)
    else:
        text = shown.as_text(results, colour=terminal.wants_colour(sys.stdout), width=terminal.width(sys.stdout))
    outputs.put(text, given.format)
    return exit_code(results)

"""`guardrails doctor`: what is in force, whether each part of it is well, and what to do where it is not."""

from __future__ import annotations

import os
import sys

from guardrails.cli import outputs, request_options, terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails doctor                        every environment
  guardrails doctor --env prod
  guardrails doctor --format json | jq -r '.things[] | select(.do) | .do'

It changes nothing, and judges no policy: guardrails check does.

exit codes: 0 all is well, 1 something is wrong, 2 something could not be told
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `doctor`."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("--env", metavar="NAME", default=os.environ.get("GUARDRAILS_ENV"), help="one environment (default: all)")
    configuration = parser.add_mutually_exclusive_group()
    request_options.configure_configuration(configuration)
    configuration.add_argument(
        "--config-ref", metavar="REF", help="the configuration as this ref of the repository around here has it"
    )
    add("--format", choices=["text", "json"], default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Look at everything, and print what was found."""
    from guardrails.doctor import shown
    from guardrails.doctor.examination import examine
    from guardrails.doctor.lines import exit_code

    lines = examine(given.config, given.config_ref, given.env)
    if given.format == "json":
        text = shown.as_json(lines)
    else:
        text = shown.as_text(lines, colour=terminal.wants_colour(sys.stdout), width=terminal.width(sys.stdout))
    outputs.put(text, given.format)
    return exit_code(lines)

"""`guardrails help`: print the help of guardrails, of a command, or of one thing that it does."""

from __future__ import annotations

from guardrails.cli.commands import COMMANDS
from guardrails.cli.parser import parser_about, parser_of, parser_of_all, unknown_command
from guardrails.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails help                   what there is
  guardrails help check             as guardrails check --help
  guardrails help hook install      of hook, what install does and takes
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `help`."""
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "topic", metavar="COMMAND", nargs="*", help="a command, and one of the words that it takes (default: all)"
    )
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Print the help. Raises UsageError for words that have none."""
    if len(given.topic) > 2:
        raise UsageError(f"help takes a command and one word of it, and no {given.topic[2]}")
    if given.topic and given.topic[0] not in COMMANDS:
        raise unknown_command(given.topic[0])
    if not given.topic:
        parser = parser_of_all()
    elif len(given.topic) == 1:
        parser = parser_of(given.topic[0])
    else:
        parser = parser_about(*given.topic)
    parser.print_help()
    return 0

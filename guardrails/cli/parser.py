"""The parser of each command, its help, and what it says of arguments that do not fit."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from guardrails.cli import COMMANDS, terminal
from guardrails.errors import UsageError
from guardrails.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

_EXAMPLES = """examples:
  guardrails check --env prod                     is production as the rules say?
  guardrails check --env prod --op promote --candidate release/memory-v1
  guardrails plan rollback --env prod             what it would change, drop and un-deploy
  guardrails run promote --env prod --candidate release/memory-v1
  guardrails run recover --env prod               clean up production, with the work safe on a branch
  guardrails explain clean-worktree               what it guards, and what to do instead
  guardrails init                                 write a first guardrails.toml from what is here
  guardrails demo                                 see it at work in a folder of its own

exit codes: 0 allow, 1 deny, 2 could not decide (treat as deny), 130 interrupted
"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal. argparse imports shutil to learn that."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=(terminal.width(sys.stdout) or 100) - 2)


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are one line, raised to the error boundary."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(formatter_class=_Formatter, allow_abbrev=False, **rest)
        self.color = False  # help is the same by every Python; from 3.14 on argparse would colour it

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of printing the usage and exiting."""
        raise UsageError(f"{message}; see {self.prog} --help")


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments of the command that they name. Raises UsageError for what does not fit."""
    if arguments and arguments[0] in COMMANDS:
        return _given(parser_of(arguments[0]), list(arguments[1:]))
    return parser_of_all().parse_args(arguments)


def _given(parser: Parser, arguments: list[str]) -> argparse.Namespace:
    """Parse; what follows the first `--` is left as it is for a command that runs another one."""
    if parser.get_default("command") is None or "--" not in arguments:
        return parser.parse_args(arguments)
    at = arguments.index("--")
    given = parser.parse_args(arguments[:at])
    given.command = arguments[at + 1 :]
    if not given.command:
        raise UsageError(f"no command after --; see {parser.prog} --help")
    return given


def parser_of(command: str) -> Parser:
    """The parser of one command; the modules of the others stay unloaded."""
    summary = COMMANDS[command]
    parser = Parser(prog=f"guardrails {command}", description=f"{summary[0].upper()}{summary[1:]}.")
    import_module(f"guardrails.cli.commands.{command}").configure(parser)
    return parser


def parser_of_all() -> Parser:
    """The parser that knows every command by name only, for help and for what is no command."""
    parser = Parser(
        prog="guardrails",
        description="Policies that check a deployment's invariants, and one verdict that blocks the unsafe operation.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--version", action="version", version=f"guardrails {VERSION}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        commands.add_parser(name, help=summary)
    return parser

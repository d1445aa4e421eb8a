"""The parser of each command, its help, and what it says of arguments that do not fit."""

from __future__ import annotations

import argparse
import re
import sys
from importlib import import_module

from guardrails.cli import terminal
from guardrails.cli.commands import COMMANDS, module_of
from guardrails.config.settings import did_you_mean
from guardrails.errors import UsageError
from guardrails.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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
  guardrails help hook install                    the help of a command, and of one thing that it does

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

    def require_known_options(self, words: Sequence[str]) -> None:
        """Raise UsageError for the first word that only looks like an option, with the option that was meant."""
        known = [name for action in self._actions for name in action.option_strings]
        for word in words:
            name = word.partition("=")[0]
            if word == "--":
                return
            if _is_option(word) and name not in known and (word.startswith("--") or word[:2] not in known):
                hint = did_you_mean(name.lstrip("-"), {one.lstrip("-"): one for one in known})
                raise UsageError(f"no option {name}; {hint or f'see {self.prog} --help'}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raise ArgumentError for a value that is not one of the choices, with the choice that was meant."""
        if action.choices is not None and value not in action.choices:
            known = {str(one): str(one) for one in action.choices}
            raise argparse.ArgumentError(
                action, f"no {value}; {did_you_mean(str(value), known) or _list_choices(known)}"
            )


def _is_option(word: str) -> bool:
    """Whether argparse takes a word for an option: it takes one with a space, and a negative number, for a value."""
    return len(word) > 1 and word[0] == "-" and " " not in word and not re.fullmatch(r"-\d*\.?\d+", word)


def _list_choices(known: Iterable[str]) -> str:
    return f"known: {', '.join(known)}"


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments of the command that the words name; no words ask for help. Raises UsageError if they do not fit."""
    command, *rest = arguments or ["help"]
    if command in COMMANDS:
        return _parse(parser_of(command), rest)
    if not command.startswith("-"):
        raise unknown_command(command)
    parser = parser_of_all()
    parser.require_known_options(arguments)
    return parser.parse_args(arguments)


def unknown_command(name: str) -> UsageError:
    """The error to raise for a name that no command has."""
    return UsageError(
        f"no command {name}; {did_you_mean(name, {one: one for one in COMMANDS}) or 'guardrails help lists them'}"
    )


def _parse(parser: Parser, arguments: list[str]) -> argparse.Namespace:
    """Parse; what follows the first `--` is left as it is for a command that runs another one."""
    parser.require_known_options(arguments)
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
    import_module(module_of(command)).configure(parser)
    return parser


def parser_about(command: str, word: str) -> Parser:
    """The parser of a command, whose help is about one of the words that it takes. Raises UsageError for another word.

    The argument's help explains each of its words, as `word: meaning; word: meaning`.
    """
    parser = parser_of(command)
    known: dict[str, str] = {}
    for action in parser._actions:  # argparse has no public list of them
        choices = [] if action.option_strings else list(action.choices or ())
        known |= {one: one for one in choices}
        if word in choices:
            action.choices, action.help = [word], meaning(action, word) or action.help
            parser.epilog = _about(word, parser.epilog or "")
            return parser
    hint = did_you_mean(word, known) or (_list_choices(known) if known else f"see {parser.prog} --help")
    raise UsageError(f"{parser.prog} takes no word {word}; {hint}")


def meaning(action: argparse.Action, word: str) -> str:
    """The meaning of a word of an argument, from its help `word: meaning; word: meaning`; empty when it has none."""
    found = re.search(rf"(?:^|; ){re.escape(word)}: ([^;]*)", action.help or "")
    return found[1] if found else ""


def _about(word: str, epilog: str) -> str:
    """An epilog without the examples of other words."""
    lines = epilog.split("\n")
    return "\n".join(line for line in lines if not line.startswith("  guardrails ") or word in line.split())


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

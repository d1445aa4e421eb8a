"""The usual arguments of a command, read without argparse, whose import and set-up take 4 ms of every check.

A command declares its arguments once, in `configure`, for this reader and for `guardrails.cli.parser` alike. This one
reads only options with their values and arguments by place. It leaves everything else, from `--help` to a wrong value,
to argparse, which then explains it. It refuses nothing itself, and never reads words otherwise than argparse would.
"""

from __future__ import annotations

from guardrails.bundle import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from typing import Any


_COMMANDS = ("check", "hook")  # those that git, timers and programs run


class NotUsualError(Exception):
    """The arguments, or their declaration, need argparse."""


class Given:
    """The arguments as given, each an attribute, as in a Namespace of argparse."""


class _Argument:
    """One declared argument, as `add_argument` of argparse takes it."""

    def __init__(self, names: tuple[str, ...], group: int, told: dict[str, Any]) -> None:
        self.names, self.group = names, group
        self.is_option = names[0].startswith("-")
        self.action = told.pop("action", "store")
        self.nargs = told.pop("nargs", None)
        self.default = told.pop("default", False if self.action == "store_true" else None)
        self.type = told.pop("type", str)
        self.choices = told.pop("choices", None)
        long = next((name for name in names if name.startswith("--")), names[0])
        self.name = told.pop("dest", long.lstrip("-").replace("-", "_"))
        is_known = self.action in ("store", "store_true", "append") and self.nargs in (None, "*")
        if not is_known or told.keys() - {"help", "metavar"} or (self.is_option and self.nargs):
            raise NotUsualError

    def convert(self, text: str) -> Any:
        """The value that a text stands for. Raises NotUsualError for one that is refused."""
        value = self.convert_default(text)
        if self.choices is not None and value not in self.choices:
            raise NotUsualError
        return value

    def convert_default(self, text: str) -> Any:
        """The value of a default that is text, which need not be one of the choices."""
        try:
            return self.type(text)
        except Exception as error:  # argparse tells what is wrong with it
            raise NotUsualError from error


class QuickOptions:
    """Takes the declarations of a command in the place of an argparse parser, and reads its arguments."""

    def __init__(self, group: int = 0, arguments: list[_Argument] | None = None) -> None:
        self.epilog = ""
        self._group = group  # of which one option may be given; 0 is no group
        self._arguments = [] if arguments is None else arguments
        self._defaults: dict[str, Any] = {}

    def add_argument(self, *names: str, **told: Any) -> None:
        """Declare an argument. Raises NotUsualError for a kind that is not read here."""
        self._arguments.append(_Argument(names, self._group, told))

    def add_mutually_exclusive_group(self) -> QuickOptions:
        """Declare further arguments, of which one may be given."""
        return QuickOptions(len(self._arguments) + 1, self._arguments)

    def set_defaults(self, **defaults: Any) -> None:
        """Set attributes that no argument gives."""
        self._defaults |= defaults

    def read(self, words: Sequence[str]) -> Given:
        """The arguments. Raises NotUsualError where argparse has to look."""
        options = {name: one for one in self._arguments if one.is_option for name in one.names}
        found: dict[str, Any] = {}
        rest, places = list(words), []
        while rest and not rest[0].startswith("-"):
            places.append(rest.pop(0))
        groups = set()
        while rest:
            name, equals, value = rest.pop(0).partition("=")
            option = options.get(name)
            if option is None or not name.startswith("--") or option.group in groups:
                raise NotUsualError
            groups |= {option.group} - {0}
            if option.action == "store_true":
                if equals:
                    raise NotUsualError
                found[option.name] = True
                continue
            if not equals:
                value = rest.pop(0) if rest else "-"
                if value.startswith("-"):
                    raise NotUsualError
            before = found.get(option.name, option.default or []) if option.action == "append" else None
            found[option.name] = option.convert(value) if before is None else [*before, option.convert(value)]
        return self._fill_in(found | self._place(places))

    def _place(self, words: list[str]) -> dict[str, Any]:
        """The arguments that are known by their place; the last may take any number."""
        found: dict[str, Any] = {}
        for argument in self._arguments:
            if argument.is_option:
                continue
            if argument.nargs == "*":
                found[argument.name], words = [argument.convert(word) for word in words], []
            elif words:
                found[argument.name] = argument.convert(words.pop(0))
            else:
                raise NotUsualError
        if words:
            raise NotUsualError
        return found

    def _fill_in(self, found: dict[str, Any]) -> Given:
        """The given arguments, and the defaults of the rest. Defaults that are text are converted, as argparse does."""
        given = Given()
        for argument in self._arguments:
            value = argument.default
            if argument.name in found:
                value = found[argument.name]
            elif isinstance(value, str):
                value = argument.convert_default(value)
            setattr(given, argument.name, value)
        for name, value in self._defaults.items():
            setattr(given, name, value)
        return given


def read_given(words: Sequence[str]) -> Given | Namespace:
    """Read the arguments of a command. Raises UsageError for those that do not fit."""
    if words and words[0] in _COMMANDS:
        try:
            options = QuickOptions()
            load(f"guardrails.cli.commands.{words[0]}").configure(options)
            return options.read(words[1:])
        except NotUsualError:
            pass
    from guardrails.cli import parser

    return parser.read(words)

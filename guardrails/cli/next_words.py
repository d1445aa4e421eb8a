"""What may come next on a command line: commands, options, and their values, as the parsers declare them."""

from __future__ import annotations

import re

from guardrails.cli.commands import COMMANDS
from guardrails.cli.known_values import KnownValues
from guardrails.cli.parser import meaning, parser_of
from guardrails.record import Record
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

_FILES = ("PATH", "FILE", "FOLDER", "DOCUMENT", "FORMAT:PATH")
_PLAIN = r"[\w.@/%+,][\w.@/%+,:=-]*"  # what no shell takes for anything but a word; git allows more in a name
_LONGEST = 80  # characters of what a word means


class Word(Record):
    """A word that may come next, and what it means."""

    text: str
    about: str = ""


def next_words(line: Sequence[str]) -> list[Word] | None:
    """The words that may stand in the last place of a line, from what follows `guardrails`; None when a file may."""
    *before, current = _join(line) or [""]
    found: Iterable[Word] | None = ()
    if not before:
        found = [*(Word(name, does) for name, does in COMMANDS.items()), Word("--help"), Word("--version")]
    elif before[0] in COMMANDS:
        found = _Typed(before).words(current)
    if found is None:
        return None
    fits = {one.text: one for one in found if one.text.startswith(current)}
    return [Word(one.text, visible(one.about)[:_LONGEST]) for one in fits.values() if _is_plain(one.text)]


def _join(line: Sequence[str]) -> list[str]:
    """The line with an option and its value apart: bash makes three words of `--env=prod`, and replaces the last."""
    *before, current = line or [""]
    before = [word for word in before if word != "="]
    return [*before, "" if current == "=" else current]


def _is_plain(text: str) -> bool:
    return re.fullmatch(_PLAIN, text.removeprefix("--"), re.ASCII) is not None


class _Typed:
    """A command and the words after it that are there already: options with their values, and arguments by place."""

    def __init__(self, before: Sequence[str]) -> None:
        self._command, *rest = before
        self._actions = parser_of(self._command)._actions  # argparse has no public list of them
        self._options = {name: action for action in self._actions for name in action.option_strings}
        self._places: list[str] = []
        self._waiting: argparse.Action | None = None  # for its value
        self._given: dict[str, str] = {}
        self._over = "--" in rest  # what follows is a command line of its own
        for word in rest:
            self._take(word)
        defaults = {action.dest: action.default for action in self._actions if isinstance(action.default, str)}
        self._known = KnownValues(self._command, {**defaults, **self._given}, self._places)

    def _take(self, word: str) -> None:
        name, equals, value = word.partition("=")
        if self._waiting:
            self._given[self._waiting.dest] = word
            self._waiting = None
        elif name in self._options and name.startswith("-"):
            option = self._options[name]
            self._given[option.dest] = value
            self._waiting = option if option.nargs != 0 and not equals else None
        elif not word.startswith("-"):
            self._places.append(word)

    def words(self, current: str) -> Iterable[Word] | None:
        """What may stand in the place of `current`; None for a file."""
        if self._over:
            return None
        if self._waiting:
            return self._values(self._waiting)
        name, equals, _ = current.partition("=")
        if equals and name in self._options:
            values = self._values(self._options[name])
            return values if values is None else [Word(f"{name}={one.text}", one.about) for one in values]
        if current.startswith("-"):
            return self._unused()
        place = self._place()
        values = self._values(place) if place else ()
        return self._unused() if values == () and not current else values

    def _unused(self) -> Iterator[Word]:
        """The options that may still be given."""
        for action in self._actions:
            if action.dest not in self._given or isinstance(action.default, list):
                about = (action.help or "").replace("%%", "%")
                yield from (Word(name, about) for name in action.option_strings if name.startswith("--"))

    def _place(self) -> argparse.Action | None:
        """The argument that comes next by its place; the last may come again and again."""
        places = [action for action in self._actions if not action.option_strings]
        if len(self._places) < len(places):
            return places[len(self._places)]
        return places[-1] if places and places[-1].nargs in ("*", "+") else None

    def _values(self, action: argparse.Action) -> Sequence[Word] | None:
        if action.choices:
            return tuple(Word(str(one), meaning(action, str(one))) for one in action.choices)
        if action.metavar in _FILES:
            return None
        return tuple(Word(text, about) for text, about in self._known.of(action.dest))

"""What a call would do: each command of its text against the table of programs, and each path against the places."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from types import MappingProxyType

from guardrails.calls import Action, Place
from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.places import GUARD_FILES
from guardrails.facts.tool_call.programs.plain import touches
from guardrails.facts.tool_call.programs.program import Given, Touch, possible_kind
from guardrails.facts.tool_call.programs.readers import READERS
from guardrails.facts.tool_call.programs.table import rows_of
from guardrails.facts.tool_call.programs.unknown import touches_of_unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from guardrails.calls import Call
    from guardrails.facts.tool_call.commands import Reading, Redirect, SimpleCommand
    from guardrails.facts.tool_call.places import Places

_WRITES = (">", ">>", ">|", "&>", "&>>", "<>", ">&", "&>|")
_PATHS_LIMIT = 200  # of one call that are reported; more say nothing new


def actions_of(
    reading: Reading, places: Places, programs: Mapping[str, str] = MappingProxyType({}), text: str = ""
) -> tuple[Action, ...]:
    """The actions of a text, in its order, each once. `programs` are the rows of plugins, as `rows_of` has them.

    `text` is the whole as it is written: a computed path may be any place that is named in it.
    What cannot be followed is an action with `why`, for each place that it names or stands in. Raises CannotKnow as
    `rows_of` does.
    """
    found = _Found(reading, places, programs, text)
    actions = [action for command in reading.commands for action in found.of_command(command)]
    for untold in reading.untold:
        where = dict.fromkeys(places.touched(untold.folder) if untold.folder else (), untold.folder)
        where |= {place: place.path for place in places.named_in(untold.known)}
        for place, path in where.items():
            actions.append(
                _action(possible_kind(place), place, path or "", (untold.source,), untold.folder, why=untold.why)
            )
    return tuple(dict.fromkeys(actions))[:_PATHS_LIMIT]


def actions_of_write(call: Call, places: Places) -> tuple[Action, ...]:
    """The actions of a call that writes a file by a tool of the host's own."""
    path = os.path.join(call.folder, call.write or "")
    return tuple(
        _action("writes", place, os.path.normpath(path), ("write", path), call.folder) for place in places.touched(path)
    )


def _action(kind: str, place: Place, path: str, words: tuple[str, ...], folder: str | None, why: str = "") -> Action:
    """An action, which loosens the guard when it writes or removes a file of it."""
    if place.kind in GUARD_FILES and kind in ("writes", "removes"):
        kind = "loosens"
    return Action(kind, place.environment, place.kind, path, words, folder, why=why)


def _is_like(path: str, names: tuple[str, ...]) -> bool:
    return any(fnmatchcase(part, name) for part in path.split("/") for name in names)


class _Found:
    """The actions of one reading."""

    def __init__(self, reading: Reading, places: Places, programs: Mapping[str, str], text: str) -> None:
        self._reading = reading
        self._places = places
        self._programs = programs
        self._text = text

    def of_command(self, command: SimpleCommand) -> Iterator[Action]:
        """What a command does, by its rows and its redirections."""
        for touch in (*self._redirected(command.redirects), *self._touches(command)):
            yield from self._of_touch(touch, command)

    def _redirected(self, redirects: Iterable[Redirect]) -> Iterator[Touch]:
        for one in redirects:
            copies = one.operator == ">&" and (one.target.known.isdigit() or one.target.known == "-")
            if one.operator in _WRITES and not copies:
                yield Touch("writes", one.target)

    def _touches(self, command: SimpleCommand) -> Iterator[Touch]:
        if not command.words:
            return
        given = Given(command.words[1:], command, self._places)
        program = command.words[0].text
        if program is None:
            return  # the reading has said so
        name = os.path.basename(program)
        rows = [row for row in rows_of(name, self._programs) if row.tells is None or row.tells(given)]
        for row in rows:
            yield from touches(row, given)
        if not rows and name not in READERS:
            yield from touches_of_unknown(given)
        if not rows and "/" in program and (command.folder or os.path.isabs(program)):
            for place in self._places.touched(os.path.join(command.folder or "/", program)):
                yield Touch(possible_kind(place), place, why="it runs a program of a guarded place that is not read")

    def _of_touch(self, touch: Touch, command: SimpleCommand) -> Iterator[Action]:
        folder = touch.folder or command.folder
        words = tuple(word.known.replace("\0", "…") for word in command.words)
        variables = tuple(sorted(command.variables.items()))
        if isinstance(touch.target, Place):
            found: Iterable[tuple[Place, str, str]] = [(touch.target, touch.folder or touch.target.path, "")]
        else:
            found = self._led_to(touch.target, folder, deep=touch.deep)
        for place, path, why in found:
            if place.kind in GUARD_FILES and not _is_like(place.path, touch.guard):
                continue
            action = _action(touch.kind, place, path, words, folder, touch.why or why)
            yield action.replaced(variables=variables, by=touch.by)

    def _led_to(self, word: Word, folder: str | None, *, deep: bool) -> Iterator[tuple[Place, str, str]]:
        """The places that a word leads to, each with the path and why that is not certain."""
        text = word.text
        if text == "":
            return
        if text is None:
            yield from self._partly_known(word, folder, deep=deep)
        elif folder is None and not os.path.isabs(text):
            yield from self._named("the folder in which it runs is computed")
        elif word.is_pattern:
            pattern = os.path.normpath(os.path.join(folder or "/", text))
            yield from ((place, pattern, "") for place in self._places.matched(pattern, deep=deep))
        else:
            path = os.path.normpath(os.path.join(folder or "/", text))
            for place in self._places.touched(os.path.join(folder or "/", text), deep=deep):
                yield place, path if place in self._places.touched(path) else place.path, ""

    def _partly_known(self, word: Word, folder: str | None, *, deep: bool) -> Iterator[tuple[Place, str, str]]:
        """A path of which only the beginning is known: if that lies in a place, so does the whole path."""
        beginning = word.parts[0] or "" if word.parts else ""
        above, slash, last = beginning.rpartition("/")
        base = os.path.join(folder or "", above + slash)
        why = "its path is computed"
        if not os.path.isabs(base):
            yield from self._named(why)
        elif slash and (inside := self._places.touched(base)):
            yield from ((place, base + last + "…", "") for place in inside)
        elif not slash and (standing := self._places.touched(base)):
            yield from ((place, os.path.normpath(base), why) for place in standing)
            yield from self._named(why)
        elif last and (matched := self._places.matched(base + last + "*", deep=deep)):
            yield from ((place, place.path, why) for place in matched)
        else:
            yield from self._named(why)

    def _named(self, why: str) -> Iterator[tuple[Place, str, str]]:
        """Any place that the whole text names, or matches by a pattern, may be meant."""
        known = [word.known for command in self._reading.commands for word in command.words]
        known += [one.known for one in self._reading.untold]
        places = dict.fromkeys(self._places.named_in("\n".join((*known, self._text))))
        for command in self._reading.commands:
            patterns = (one.text for one in command.words if one.is_pattern and one.text)
            for pattern in (os.path.join(command.folder or "", one) for one in patterns):
                if os.path.isabs(pattern):
                    places |= dict.fromkeys(self._places.matched(os.path.normpath(pattern)))
        yield from ((place, place.path, why) for place in places)

"""Programs that nothing is known about: what they are given, and where they run, may be written."""

from __future__ import annotations

import os
import re

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.places import GUARD_FILES, lies_in
from guardrails.facts.tool_call.programs.arguments import HERE
from guardrails.facts.tool_call.programs.program import Given, Touch, possible_kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.calls import Place

WHY = "it is not in the table of programs, so it may write there"
_ELSEWHERE = r"(?:https?|wss?|ssh|git)://"
_ASKS = ("--help", "--version", "-V", "-h", "-v", "-version", "help", "version")


def touches_of_unknown(given: Given, why: str = WHY, *, here: bool = True) -> Iterator[Touch]:
    """What a program may do to the places that its words name, and with `here` to its folder.

    A program that is only asked for its version or its help does nothing.
    """
    words = [word.text for word in given.words]
    if len(words) == 1 and words[0] in _ASKS:
        return
    folder = given.command.folder
    if here and folder is None:
        yield Touch("writes", HERE, why=why)
    elif here and folder:
        yield from (
            Touch(possible_kind(place), place, folder=folder, why=why) for place in given.places.touched(folder)
        )
    for word in given.words:
        yield from _named(word, given, why, folder if here else None)
    if given.command.more_words:
        yield Touch("writes", Word((None,)), why=why)


def _named(word: Word, given: Given, why: str, told: str | None) -> Iterator[Touch]:
    """Each place that a word leads to, lies above, or names, without those of the folder that are told already."""
    text, folder = word.text, given.command.folder
    if text is None:
        yield Touch("writes", word, why=why)
        return
    if re.match(_ELSEWHERE, text):
        return
    found: dict[Place, str] = {}
    for path in _paths(text):
        if not os.path.isabs(path) and folder is None:
            yield Touch("writes", Word((path,)), why=why)
            continue
        path = os.path.join(folder or "/", path)
        places = given.places.matched(path, deep=True) if word.is_pattern else given.places.touched(path)
        found |= dict.fromkeys(places, os.path.normpath(path))
        found |= {place: place.path for place in _below(path, given) if place not in found}
    for place in given.places.named_in(text):
        if place.kind == "service" or ("/" in text and place.kind not in GUARD_FILES):
            found.setdefault(place, place.path)
    for place, path in found.items():
        if told is None or place.kind in GUARD_FILES or not lies_in(path, told):
            yield Touch(possible_kind(place), place, folder=path, why=why)


def _below(path: str, given: Given) -> Iterator[Place]:
    return (place for place in given.places.touched(path, deep=True) if place.kind not in GUARD_FILES)


def _paths(text: str) -> list[str]:
    """The paths that may stand in a word: itself, what follows `=`, and the parts of `HERE:THERE`."""
    if text.startswith("-"):
        option = re.fullmatch(r"--?[\w.-]*?[=:]?((?:/|\.{1,2}(?:/|$)).*)|-[^=]*=(.*)", text, re.DOTALL)
        text = next((one for one in option.groups() if one), "") if option else ""
    words = [text, *text.split(":"), text.partition("=")[2]] if text else []
    return list(dict.fromkeys(one for one in words if one))

"""Putting entries into the text of a settings file, and taking them out, with every other byte left as it was.

An entry goes to the beginning of its list, with the white space that is there, so that taking it out is the reverse of
it. Lists and tables that had to be made for it stand on one line, with a space inside their brackets: `[ … ]`.
"""

from __future__ import annotations

import json
import re

from guardrails.errors import UsageError
from guardrails.facts.hooks.host_settings import ours_in, root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from guardrails.facts.reading.json_text import Part
    from guardrails.guards import Entry

_KINDS = {"object": "table", "array": "list"}


def new_text(begins: Mapping[str, object]) -> str:
    """The text of a new file, before there is an entry in it."""
    return json.dumps(dict(begins)) + "\n" if begins else "{\n}\n"


def with_entries(text: str, entries: Sequence[Entry], script: str, name: str) -> str:
    """The text with all entries in it, each once. An older one of the same script is replaced where it stands.

    Raises CannotKnow for a text that cannot be read, and UsageError where something else stands in an entry's place.
    """
    for entry in entries:
        root = root_of(text, name)
        ours = ours_in(root, entry, script)
        if any(part.plain() == entry.value for part in ours):
            continue
        if ours:
            text = _replaced(text, ours[0].start, ours[0].end, _written(entry.value))
        else:
            text = _put(text, root, entry, name)
    return text


def without_entries(text: str, entries: Sequence[Entry], script: str, name: str) -> str:
    """The text without what `with_entries` has put there, also when the host has written its file anew since."""
    for entry in reversed(entries):
        while ours := ours_in(root_of(text, name), entry, script):
            text = _taken(text, entry, ours[0], name)
    return text


def _put(text: str, root: Part, entry: Entry, name: str) -> str:
    """The text with an entry in it for the first time, and with the tables and the list around it where they lack."""
    here, keys = root, list(entry.keys)
    while keys and (below := here.under(keys[0])) is not None:
        here = below
        last = len(keys) == 1 and not entry.named
        if here.kind != ("array" if last else "object"):
            where = ".".join(entry.keys[: len(entry.keys) - len(keys) + 1])
            raise UsageError(f"{name}: {where} is no {_KINDS['array' if last else 'object']}, so nothing can be added")
        keys.pop(0)
    what = _written(entry.value)
    if keys:
        what = what if entry.named else f"[ {what} ]"
        for key in reversed(keys[1:]):
            what = f"{{ {json.dumps(key)}: {what} }}"
        what = f"{json.dumps(keys[0])}: {what}"
    after = here.start + 1
    if not here.items:
        return _replaced(text, after, after, what)
    blank = text[after : len(text) - len(text[after:].lstrip(" \t\r\n"))]
    return _replaced(text, after, after, f"{blank}{what},")


def _taken(text: str, entry: Entry, part: Part, name: str) -> str:
    """The text without an item, and without the tables around it that hold nothing else and were made for it."""
    keys, item = list(entry.keys), part
    if entry.named:
        keys.pop()
    while True:
        around = root_of(text, name).below(*keys)
        if around is None or len(around.items) > 1 or not keys or not _made_for(text, around, item):
            return _cut(text, around, item)
        item = around
        keys.pop()


def _made_for(text: str, around: Part, item: Part) -> bool:
    """Whether a list or table was made for its one item: on one line, with a space inside of its brackets.

    A host that writes its file anew puts each item on a line of its own, and then an empty table says nothing either.
    """
    before, after = text[around.start + 1 : item.at], text[item.end : around.end - 1]
    return (before, after) == (" ", " ") or ("\n" in before and not after.strip() and not before.strip())


def _cut(text: str, around: Part | None, item: Part) -> str:
    """The text without an item of a list or table, and without the comma that is its own."""
    start, end = item.at, item.end
    if around and item.at == around.items[-1].at and len(around.items) > 1:
        before = text[:start].rstrip()
        start = len(before) - 1 if before.endswith(",") else start
    elif found := re.compile(r"[ \t\r\n]*,[ \t\r\n]*").match(text, end):
        end = found.end()
    return _replaced(text, start, end, "")


def _replaced(text: str, start: int, end: int, by: str) -> str:
    return text[:start] + by + text[end:]


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

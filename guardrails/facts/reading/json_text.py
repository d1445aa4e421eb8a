"""The text of a JSON file as its parts, each with where it stands, so that a few characters of it can be changed.

Comments, trailing commas, single quotes and bare keys are read as well (JSON5), since hosts of agents write those.
"""

from __future__ import annotations

import json
import re

from guardrails.errors import CannotKnow
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEEPEST = 100
_BLANK = re.compile(r"(?:[ \t\r\n]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_DOUBLE = re.compile(r'"(?:[^"\\\n]|\\.)*"', re.DOTALL)
_SINGLE = re.compile(r"'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_BARE = re.compile(r"[^\s{}\[\],:\"'/]+")


class Part(Record):
    """A value: `kind` is object, array, string or bare; `items` are its parts, `keys` those of an object in order.

    `start` and `end` are of the value, and `at` is where its item begins: with the key, in an object.
    """

    kind: str
    start: int
    end: int
    at: int
    value: Any = None
    keys: tuple[str, ...] = ()
    items: tuple[Part, ...] = ()

    def under(self, key: str) -> Part | None:
        """The value of a key, the last one where it stands twice; None when this is no object or lacks it."""
        found = [item for name, item in zip(self.keys, self.items, strict=False) if name == key]
        return found[-1] if found else None

    def below(self, *keys: str) -> Part | None:
        """What stands under these keys, one within the other; None when it is not there."""
        here: Part | None = self
        for key in keys:
            here = here.under(key) if here else None
        return here

    def plain(self) -> Any:
        """The value as Python has it; a bare word that is no value of JSON is its text."""
        if self.kind == "object":
            return {key: item.plain() for key, item in zip(self.keys, self.items, strict=True)}
        return [item.plain() for item in self.items] if self.kind == "array" else self.value


def parse(text: str, name: str) -> Part:
    """The one value of a text. Raises CannotKnow that names the file and the line."""
    reader = _Reader(text, name)
    part = reader.value(reader.blank(0), 0)
    if reader.blank(part.end) != len(text):
        raise reader.problem(reader.blank(part.end))
    return part


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name

    def problem(self, at: int) -> CannotKnow:
        return CannotKnow(f"{self.name}:{self.text.count(chr(10), 0, at) + 1}: is no JSON that can be read")

    def blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def value(self, at: int, depth: int, item: int | None = None) -> Part:
        """The value that begins there; `item` is where its key does."""
        begins = at if item is None else item
        first = self.text[at : at + 1]
        if depth > _DEEPEST:
            raise self.problem(at)
        if first in ("{", "["):
            return self._container(at, depth, begins)
        if first in ('"', "'"):
            end, value = self._string(at)
            return Part("string", at, end, begins, value)
        if not (found := _BARE.match(self.text, at)):
            raise self.problem(at)
        try:
            value = json.loads(found[0])
        except ValueError:
            value = found[0]
        return Part("bare", at, found.end(), begins, value)

    def _string(self, at: int) -> tuple[int, str]:
        single = self.text[at] == "'"
        if not (found := (_SINGLE if single else _DOUBLE).match(self.text, at)):
            raise self.problem(at)
        try:
            text = found[0]
            if single:
                text = '"' + text[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
            return found.end(), str(json.loads(text, strict=False))
        except ValueError:
            raise self.problem(at) from None

    def _key(self, at: int) -> tuple[int, str]:
        if self.text[at : at + 1] in ('"', "'"):
            return self._string(at)
        if not (found := _BARE.match(self.text, at)):
            raise self.problem(at)
        return found.end(), found[0]

    def _container(self, at: int, depth: int, begins: int) -> Part:
        is_object = self.text[at] == "{"
        close = "}" if is_object else "]"
        keys, items, here = [], [], self.blank(at + 1)
        while self.text[here : here + 1] != close:
            item = here
            if is_object:
                here, key = self._key(here)
                keys.append(key)
                here = self.blank(here)
                if self.text[here : here + 1] != ":":
                    raise self.problem(here)
                here = self.blank(here + 1)
            part = self.value(here, depth + 1, item)
            items.append(part)
            here = self.blank(part.end)
            if self.text[here : here + 1] == ",":
                here = self.blank(here + 1)
            elif self.text[here : here + 1] != close:
                raise self.problem(here)
        kind = "object" if is_object else "array"
        return Part(kind, at, here + 1, begins, None, tuple(keys), tuple(items))

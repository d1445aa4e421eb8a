"""Values in tables of settings or of JSON: found by dotted names, compared with their types, shown without secrets."""

from __future__ import annotations

import re

from guardrails.wording.shown_text import names_a_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SHOWN = 80  # characters of a value in a finding

_PART = r'(?:"[^"]+"|[^."]+)'


def split_name(name: str) -> tuple[str, ...]:
    """The keys of a dotted name, such as `gateway.mode` or `agents.list.0.id`; one that has dots itself is in quotes.

    Raises ValueError when it is not one.
    """
    if not re.fullmatch(rf"{_PART}(?:\.{_PART})*", name):
        raise ValueError(f"{name!r} is not a dotted name such as gateway.mode")
    return tuple(part.strip('"') for part in re.findall(_PART, name))


def step(table: Any, part: str) -> Any:
    """The value of one key of a table, or of one position in a list. Raises KeyError when there is none."""
    if isinstance(table, list) and part.isascii() and part.isdecimal() and int(part) < len(table):
        return table[int(part)]
    if isinstance(table, dict):
        return table[part]
    raise KeyError(part)


def find(table: Any, name: str) -> Any:
    """The value of a dotted name. Raises KeyError when there is none."""
    for part in split_name(name):
        table = step(table, part)
    return table


def is_same(value: Any, wanted: str | float) -> bool:
    """Whether a value is what is wanted: true is not 1, and text is no number."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return isinstance(value, str) == isinstance(wanted, str) and value == wanted


def show_value(name: str, value: Any) -> str:
    """A value for a finding, cut to a readable length; what its name says is a secret stays unseen."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    if names_a_secret(name):
        return "(not shown)"
    text = str(value)
    text = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return f'"{text}"' if isinstance(value, str) else text

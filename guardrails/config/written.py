"""Values and types as people write them in a `guardrails.toml`."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def toml(value: Any) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{toml_key(name)} = {toml(one)}" for name, one in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return text if text.isprintable() else "".join(map(_escape, text))
    return json.dumps(value, default=str)


def _escape(one: str) -> str:
    """A character as TOML writes it, so that nothing is hidden: one that does not show, by its number."""
    if one.isprintable():
        return one
    return f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}"


def toml_key(name: str) -> str:
    """A key as TOML writes it: quoted unless it is a bare one."""
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare or (name and not name.strip("-_")) else toml(name)


def type_name(kind: Any) -> str:
    """An option's type in words, such as `list of tables (name, schedule)`."""
    arguments: tuple[Any, ...] = getattr(kind, "__args__", ())
    if getattr(kind, "__origin__", None) is dict:
        return f"table of {type_name(arguments[1])}"
    if arguments and not hasattr(kind, "__origin__"):  # a union, in which a whole number is a number
        *names, last = dict.fromkeys(
            type_name(one) for one in sorted(arguments, key=lambda one: one is bool) if one is not int
        )
        return f"{', '.join(names)}{',' if len(names) > 1 else ''} or {last}"
    if arguments:
        return f"list of {type_name(arguments[0]).replace('table', 'tables', 1)}"
    return _TYPES.get(kind) or f"table ({', '.join(kind.__fields__)})"

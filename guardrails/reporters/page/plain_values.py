"""Values of plain data that another version, or somebody else, may have written: what is not as expected is empty."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def text(data: dict[str, Any], name: str) -> str:
    """A text, or a number as text."""
    value = data.get(name)
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def number(data: dict[str, Any], name: str) -> int | None:
    """A whole number, or None."""
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def table(data: dict[str, Any], name: str) -> dict[str, Any]:
    """An object."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def tables(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list."""
    value = data.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(data: dict[str, Any], name: str) -> tuple[str, ...]:
    """The texts of a list."""
    value = data.get(name)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()

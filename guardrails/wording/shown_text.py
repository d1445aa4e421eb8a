"""Text from the world is data: secrets are taken out before it leaves, and control characters are shown."""

from __future__ import annotations

import time

from guardrails.safety.secret_hints import hints_at_a_secret
from guardrails.safety.secret_hints import names_a_secret as names_a_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any


def split_lines(text: str) -> list[str]:
    """The lines of a text. Newlines alone end one: names may hold U+2028 and others at which `splitlines` breaks."""
    return text.removesuffix("\n").split("\n") if text else []


def redact(text: str) -> str:
    """The text without credentials, keys and tokens; for text that has yet to be cut, wrapped or put into a format."""
    if not hints_at_a_secret(text):
        return text
    from guardrails.safety.redaction import without_secrets  # a passing run has nothing to take out

    return without_secrets(text)


def without_secrets(data: dict[str, Any]) -> dict[str, Any]:
    """Plain data without credentials, keys and tokens."""
    import json

    if not hints_at_a_secret(json.dumps(data)):
        return data
    from guardrails.safety.redaction import clean

    found: dict[str, Any] = clean(data)
    return found


def visible(text: str) -> str:
    """The text on one line, with control, direction and unpaired characters shown as escapes."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in text)


def paint(text: str, code: str, *, colour: bool) -> str:
    """The text in a colour of a terminal, such as `1;31` (ECMA-48, SGR), where there are colours."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def listed(things: Collection[object], most: int = 5) -> str:
    """The first few things in one line, and how many more there are."""
    some = ", ".join(str(one) for one, _ in zip(things, range(most), strict=False))
    return f"{some} and {len(things) - most} more" if len(things) > most else some


def utc(at: float) -> str:
    """A time in seconds since the epoch as RFC 3339 writes it, in whole seconds of UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def storable(text: str) -> str:
    """The text with bytes that are not UTF-8 shown as escapes, so that every JSON reader takes it."""
    return text.encode("utf-8", "backslashreplace").decode()

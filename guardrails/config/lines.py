"""Where in a TOML file a key stands, for error messages and origins. tomllib does not keep that."""

from __future__ import annotations

import re
import tomllib

_HEADER = re.compile(r"^\s*\[\[?\s*(?P<path>[^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*(?P<path>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The 1-based line of the key, or of the nearest table around it; None when not even that is found."""
    best: tuple[int, int] | None = None
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _split(header["path"])
            here = table
        elif key := _KEY.match(line):
            here = table + _split(key["path"])
        else:
            continue
        common = len(here) if path[: len(here)] == here else 0
        if common and (best is None or common > best[0]):
            best = (common, number)
    return best[1] if best else None


def _split(path: str) -> tuple[str, ...]:
    try:
        node = tomllib.loads(f"{path} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(node, dict):
        ((key, node),) = node.items()
        keys.append(key)
    return tuple(keys)

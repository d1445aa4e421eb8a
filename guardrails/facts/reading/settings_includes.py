"""JSON5 settings that take in other files, as OpenClaw's do, and texts in them that stand for a variable.

`$include` names a file or a list of them, below the folder of the settings. The keys beside it win: tables are merged,
lists put one after the other, anything else is replaced. `${NAME}` in a text stands for a variable, and `$${NAME}` for
`${NAME}` itself. These are the rules of OpenClaw 2026.9.6, read in its package.
"""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.reading.json5_files import read_json5

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INCLUDE = "$include"
DEPTH_LIMIT = 10  # files that each include the next
FILE_LIMIT = 2 * 1024 * 1024  # bytes of an included file

_BLOCKED = ("__proto__", "prototype", "constructor")  # keys that are never merged
_REFERENCE = r"\$(?P<escape>\$?)\{(?P<name>[A-Z_][A-Z0-9_]*)\}"


def read_with_includes(path: str) -> Any:
    """Read settings with what they include.

    An `$include` that cannot be followed stays in its table beside the rest: what it would add is not known.
    Raises FileNotFoundError when the file itself is absent, CannotKnow when it cannot be read.
    """
    return _resolve(read_json5(path), os.path.normpath(path), (os.path.normpath(path),))


def literal(text: str) -> str | None:
    """The value of a text of the settings; None when a variable of its reader decides it."""
    references = list(re.finditer(_REFERENCE, text))
    if any(not reference["escape"] for reference in references):
        return None
    return re.sub(_REFERENCE, r"${\g<name>}", text)


def _resolve(value: Any, path: str, chain: tuple[str, ...]) -> Any:
    """A value of the last file of the chain; `path` is that of the settings, which confine what can be included."""
    if isinstance(value, list):
        return [_resolve(one, path, chain) for one in value]
    if not isinstance(value, dict):
        return value
    rest = {key: _resolve(one, path, chain) for key, one in value.items() if key != INCLUDE}
    if INCLUDE not in value:
        return rest
    try:
        named = value[INCLUDE]
        included = _merge_files(named, path, chain) if isinstance(named, list) else _load(named, path, chain)
        if rest and not isinstance(included, dict):
            raise CannotKnow("only a table can be included beside settings")
    except CannotKnow:
        return {INCLUDE: value[INCLUDE], **rest}
    return _merge(included, rest) if rest else included


def _merge_files(names: list[Any], path: str, chain: tuple[str, ...]) -> Any:
    whole: Any = {}
    for name in names:
        whole = _merge(whole, _load(name, path, chain))
    return whole


def _load(name: Any, path: str, chain: tuple[str, ...]) -> Any:
    """What one file says. Raises CannotKnow when it cannot be followed."""
    if not isinstance(name, str) or "\0" in name:
        raise CannotKnow(f"{name!r} is no path")
    target = os.path.normpath(os.path.join(os.path.dirname(chain[-1]), name))
    root = os.path.dirname(path)
    if not _inside(target, root) or not _inside(os.path.realpath(target), os.path.realpath(root)):
        raise CannotKnow(f"{target} is outside {root}")
    if target in chain or len(chain) > DEPTH_LIMIT:
        raise CannotKnow(f"{target} is included by itself, or too deeply")
    try:
        content = read_json5(target, FILE_LIMIT)
    except FileNotFoundError:
        raise CannotKnow(f"{target} is not there") from None
    return _resolve(content, path, (*chain, target))


def _inside(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _merge(base: Any, over: Any) -> Any:
    if isinstance(base, list) and isinstance(over, list):
        return [*base, *over]
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    whole = {key: value for key, value in base.items() if key not in _BLOCKED}
    for key, value in over.items():
        if key not in _BLOCKED:
            whole[key] = _merge(whole[key], value) if key in whole else value
    return whole

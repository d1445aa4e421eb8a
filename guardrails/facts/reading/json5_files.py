"""Files whose own readers accept JSON5.

Programs write strict JSON, so that is tried first: it is a hundred times faster and says better what is wrong.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.files import FILE_LIMIT, parse_json, read_text, require_finite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

JSON5_LIMIT = 256 * 1024  # characters; the library needs three seconds for as many


def read_json5(path: str, limit: int = FILE_LIMIT) -> Any:
    """Read a file that is JSON or else JSON5: no duplicate keys, no NaN, no Infinity.

    Raises FileNotFoundError when it is absent, CannotKnow when it cannot be read or is neither.
    """
    text = read_text(path, limit)
    try:
        return parse_json(text, path)
    except CannotKnow as not_json:
        return _parse_json5(text, path, str(not_json))


def _parse_json5(text: str, path: str, not_json: str) -> Any:
    if len(text) > JSON5_LIMIT:
        raise CannotKnow(f"{not_json}, and it is too long to be tried as JSON5")
    import json5

    try:
        return json5.loads(text, allow_duplicate_keys=False, parse_constant=_refuse, parse_float=require_finite)
    except RecursionError:
        raise CannotKnow(f"{path} is nested too deeply") from None
    except ValueError as error:
        raise CannotKnow(f"{not_json}, and not JSON5 either: {error}") from None


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not allowed")

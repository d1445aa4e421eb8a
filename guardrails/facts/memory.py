"""Remembers, between runs, what was worked out from content that has not changed since."""

from __future__ import annotations

from guardrails.cache import keep, recall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def remembered(kind: str, key: str, compute: Callable[[], Any]) -> Any:
    """What `compute` gives, from the user's cache folder if an earlier run with this kind and key left it there.

    `key` is a digest in hexadecimal of everything that the result depends on. The result is plain JSON data other
    than null; lists come back in the place of tuples. What `compute` raises is raised, and not remembered.
    """
    value = recall(kind, key)
    if value is None:
        value = compute()
        keep(kind, key, value)
    return value

"""Patterns of a shell, as far as it takes to say what they could match."""

from __future__ import annotations

import re

_LIMIT = 64  # words that braces may become; of more, the braces are taken for anything


def alternatives(pattern: str) -> tuple[str, ...]:
    """The patterns that braces stand for, as `a{b,c}`; a sequence or an unusual piece becomes a `*`."""
    words = [re.sub(r"[?*+@!]\([^()]*\)", "*", pattern)]
    while len(words) <= _LIMIT:
        split = [one for word in words for one in _split(word)]
        if split == words:
            return tuple(words)
        words = split
    return (re.sub(r"\{.*\}", "**", pattern),)


def _split(word: str) -> list[str]:
    """The words that the innermost first pair of braces stands for."""
    found = re.search(r"\{([^{}]*)\}", word)
    if not found:
        return [word]
    inside = found[1].split(",") if "," in found[1] else ["*"]
    return [word[: found.start()] + one + word[found.end() :] for one in inside]

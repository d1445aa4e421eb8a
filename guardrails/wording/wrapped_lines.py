"""Lines for a terminal: broken between words alone, so that a path or a name stays whole."""

from __future__ import annotations

from guardrails.wording.shown_text import redact

_LEAST = 20  # columns for the words of each further line, on however narrow a terminal


def wrap_line(line: str, indent: int, width: int | None) -> list[str]:
    """The line as lines of a width, the first indented as it was, the others as told; without a width it stays one.

    A secret can be two words, so it is taken out before it could be broken.
    """
    line = line.rstrip()
    if width is None or len(line) <= width:
        return [line]
    from textwrap import wrap

    text = redact(line).lstrip(" ")
    first, below = " " * (len(line) - len(line.lstrip(" "))), " " * min(indent, max(0, width - _LEAST))
    return wrap(
        text, width, initial_indent=first, subsequent_indent=below, break_long_words=False, break_on_hyphens=False
    )

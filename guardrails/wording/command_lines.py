"""Command lines are lists of words: a text is split once, as a shell would, and two are equal word by word."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_FOR_A_SHELL = frozenset(("|", "||", "&", "&&", ";", ">", ">>", "<", "2>&1"))


def split_line(text: str) -> tuple[str, ...]:
    """The words of a command line. Raises ValueError, with one clear line, for a quote without its end."""
    from shlex import split

    try:
        return tuple(split(text))
    except ValueError as error:
        raise ValueError(f"{text!r} is no command line: {error}") from None


def command_words(text: str) -> tuple[str, ...]:
    """The words of a command that no shell will read. Raises ValueError also for a shell's own syntax."""
    found = split_line(text)
    for word in found:
        if word in _FOR_A_SHELL:
            raise ValueError(f"{word} means something to a shell only; write sh -c '…' if you want one")
    return found


def quote_words(words: Iterable[str]) -> str:
    """The words as one text, quoted so that it splits into the same words again."""
    from shlex import join

    return join(words)

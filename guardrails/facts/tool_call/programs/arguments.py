"""The arguments of a program: its options with their values, and the other words."""

from __future__ import annotations

from guardrails.facts.tool_call.commands import Word
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = Word((".",))


class Arguments(Record):
    """Options are without their dashes, in order; a value is None when there is none."""

    options: tuple[tuple[str, Word | None], ...]
    operands: tuple[Word, ...]

    def has(self, *names: str) -> bool:
        """Whether one of these options is given; long ones may be cut, as GNU's programs and git allow."""
        return any(_means(given, name) for given, _ in self.options for name in names)

    def values(self, *names: str) -> tuple[Word, ...]:
        """The values of these options, in order."""
        return tuple(
            value for given, value in self.options if value is not None and any(_means(given, name) for name in names)
        )


def parse(words: Sequence[Word], values: Iterable[str] = (), attached: str = "", *, mixed: bool = True) -> Arguments:
    """Split words as getopt_long(3) does. `values` and `attached` are as in `Program`.

    `mixed`: options may stand after operands. A word whose beginning is not known is an operand.
    """
    wanted, options, operands = tuple(values), [], []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        text = word.known
        if text == "--":
            operands += rest
            break
        if len(text) < 2 or not text.startswith("-"):
            operands.append(word)
            if not mixed:
                operands += rest
                break
        elif text.startswith("--"):
            name, equals, _ = text[2:].partition("=")
            value = after(word, len(name) + 3) if equals else None
            if not equals and rest and any(_means(name, one) for one in wanted):
                value = rest.pop(0)
            options.append((name, value))
        else:
            _letters(word, rest, options, wanted, attached)
    return Arguments(tuple(options), tuple(operands))


def _letters(
    word: Word, rest: list[Word], options: list[tuple[str, Word | None]], wanted: tuple[str, ...], attached: str
) -> None:
    """Take a word of short options apart; long names with one dash are known by being wanted as they are."""
    text = word.known
    if text[1:] in wanted and len(text) > 2:
        options.append((text[1:], rest.pop(0) if rest else None))
        return
    for at, letter in enumerate(text[1:], start=2):
        if letter in attached:
            options.append((letter, after(word, at)))
            return
        if letter in wanted:
            value = after(word, at) if at < len(text) else rest.pop(0) if rest else None
            options.append((letter, value))
            return
        options.append((letter, None))


def after(word: Word, length: int) -> Word:
    """The word without its first characters; a piece that is not known counts as one."""
    parts = list(word.parts)
    while parts and length > 0:
        size = 1 if parts[0] is None else len(parts[0])
        if size > length:
            parts[0] = (parts[0] or "")[length:]
            break
        length -= size
        parts.pop(0)
    return Word(tuple(parts), word.is_pattern)


def _means(given: str, name: str) -> bool:
    """Whether an option as given is the one of that name, which may be cut after three letters."""
    return given == name or (len(given) > 2 and len(name) > 2 and name.startswith(given))

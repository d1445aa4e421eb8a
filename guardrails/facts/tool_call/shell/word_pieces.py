"""The pieces of a word, in the order of bash: quotes are removed and braces expanded; what is to be replaced stays.

A piece is a text that was quoted or not, or a node of the tree such as `$NAME`, which `word_values` replaces.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Node = dict[str, Any]
    Piece = tuple[str, bool, Node | None]  # a text, or "" and a node; whether it is quoted

WORDS_OF_BRACES = 64  # at most; what would be more is unknown
_IN_DOUBLE_QUOTES = '$`"\\'
_SIMPLE_ESCAPES = {
    "a": 7, "b": 8, "e": 27, "E": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34, "?": 63,
}  # fmt: skip


class TooMany(Exception):
    """Braces that would become more words than are followed."""


def pieces(parts: list[Node], *, quoted: bool = False, heredoc: bool = False) -> list[Piece]:
    """The pieces of the parts of a word, inside of double quotes or not."""
    found: list[Piece] = []
    for part in parts:
        kind = part["Type"]
        if kind == "Lit":
            if quoted:
                found.append((_unescaped(part.get("Value", ""), "$`\\" if heredoc else _IN_DOUBLE_QUOTES), True, None))
            else:
                found.extend(_plain(part.get("Value", "")))
        elif kind == "SglQuoted":
            text = part.get("Value", "")
            value = ansi_c(text) if part.get("Dollar") else text
            by_locale = part.get("Dollar") and "\\u" in text.lower() and not value.isascii()
            found.append(("", True, part) if by_locale else (value, True, None))
        elif kind == "DblQuoted":
            inside = pieces(part.get("Parts", []), quoted=True)
            found.extend(inside or [("", True, None)])
        else:
            found.append(("", quoted, part))
    return found


def _unescaped(text: str, special: str) -> str:
    if "\\" not in text:
        return text
    found, at = [], 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text) and (text[at + 1] in special or text[at + 1] == "\n"):
            found.append(text[at + 1].replace("\n", ""))
            at += 2
        else:
            found.append(text[at])
            at += 1
    return "".join(found)


def _plain(text: str) -> list[Piece]:
    """The pieces of an unquoted text: a character after a backslash is quoted."""
    if "\\" not in text:
        return [(text, False, None)] if text else []
    found: list[Piece] = []
    start = at = 0
    while at < len(text):
        if text[at] != "\\":
            at += 1
            continue
        if at > start:
            found.append((text[start:at], False, None))
        if text[at + 1 : at + 2] != "\n":
            found.append((text[at + 1 : at + 2], True, None))
        start = at = at + 2
    return [*found, (text[start:], False, None)] if start < len(text) else found


def ansi_c(text: str) -> str:
    """What stands between `$'` and `'`, with its escapes replaced (bash(1), QUOTING)."""
    if "\\" not in text:
        return text
    found, at = bytearray(), 0
    while at < len(text):
        if text[at] != "\\" or at + 1 == len(text):
            found += text[at].encode("utf-8", "surrogateescape")
            at += 1
            continue
        code, at = _escape(text, at + 1)
        if code == b"\0":
            break  # bash takes what is before it
        found += code
    return found.decode("utf-8", "surrogateescape")


def _escape(text: str, at: int) -> tuple[bytes, int]:
    """The bytes of the escape whose letter stands at `at`, and where it ends."""
    letter = text[at]
    if letter in _SIMPLE_ESCAPES:
        return bytes([_SIMPLE_ESCAPES[letter]]), at + 1
    if letter in "01234567":
        end = _run(text, at, 3, "01234567")
        return bytes([int(text[at:end], 8) & 255]), end
    if letter in "xuU":
        end = _run(text, at + 1, {"x": 2, "u": 4, "U": 8}[letter], "0123456789abcdefABCDEF")
        if end > at + 1:
            number = int(text[at + 1 : end], 16)
            return (bytes([number]) if letter == "x" else _character(number)), end
    if letter == "c" and at + 1 < len(text):
        return bytes([ord(text[at + 1].upper()) & 31]), at + 2
    return ("\\" + letter).encode("utf-8", "surrogateescape"), at + 1


def _character(number: int) -> bytes:
    return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else b"?"


def _run(text: str, at: int, most: int, digits: str) -> int:
    end = at
    while end < len(text) and end < at + most and text[end] in digits:
        end += 1
    return end


def expand_braces(word: list[Piece]) -> list[list[Piece]]:
    """The words that one becomes by its unquoted `{a,b}` and `{1..3}`. Raises TooMany."""
    if not any(not quoted and "{" in text for text, quoted, _ in word):
        return [word]
    single: list[Piece] = []
    for text, quoted, node in word:
        if quoted or node is not None:
            single.append((text, quoted, node))
        else:
            single.extend((letter, False, None) for letter in text)
    return [_joined(one) for one in _expanded(single)]


def is_braced(word: Node | None) -> bool:
    """Whether a word becomes several by its braces."""
    if word is None:
        return False
    try:
        return len(expand_braces(pieces(word.get("Parts", [])))) > 1
    except TooMany:
        return True


def _joined(word: list[Piece]) -> list[Piece]:
    """Neighbouring unquoted letters as one piece again."""
    found: list[Piece] = []
    for piece in word:
        if found and piece[1:] == (False, None) == found[-1][1:]:
            found[-1] = (found[-1][0] + piece[0], False, None)
        else:
            found.append(piece)
    return found


def _expanded(word: list[Piece]) -> list[list[Piece]]:
    start = 0
    while (start := _next(word, "{", start)) >= 0:
        choices, end = _choices(word, start)
        if choices:
            rests = _expanded(word[end:])
            found = [[*word[:start], *choice, *rest] for one in choices for choice in _expanded(one) for rest in rests]
            if len(found) > WORDS_OF_BRACES:
                raise TooMany
            return found
        start += 1
    return [word]


def _next(word: list[Piece], letter: str, start: int) -> int:
    return next((at for at in range(start, len(word)) if word[at] == (letter, False, None)), -1)


def _choices(word: list[Piece], start: int) -> tuple[list[list[Piece]], int]:
    """What stands between the commas of the brace at `start`, and where it ends; nothing when it is no expansion."""
    depth, begin, found = 0, start + 1, []
    for at in range(start, len(word)):
        if word[at] == ("{", False, None):
            depth += 1
        elif word[at] == (",", False, None) and depth == 1:
            found.append(word[begin:at])
            begin = at + 1
        elif word[at] == ("}", False, None):
            depth -= 1
            if depth == 0:
                if found:
                    return [*found, word[begin:at]], at + 1
                return _sequence(word[begin:at]), at + 1
    return [], start


def _sequence(inside: list[Piece]) -> list[list[Piece]]:
    """The words of `{1..5}`, `{a..e}` and `{1..9..2}`."""
    if any(quoted or node is not None for _, quoted, node in inside):
        return []
    ends = "".join(text for text, _, _ in inside).split("..")
    if len(ends) not in (2, 3) or not all(ends):
        return []
    step = ends[2] if len(ends) == 3 else "1"
    if not _is_number(step):
        return []
    if all(_is_number(one) for one in ends[:2]):
        width = max(len(one) for one in ends[:2]) if any(_is_padded(one) for one in ends[:2]) else 0
        return [[(f"{number:0{width}d}", True, None)] for number in _range(int(ends[0]), int(ends[1]), int(step))]
    if all(len(one) == 1 and one.isascii() and one.isalpha() for one in ends[:2]):
        return [[(chr(code), True, None)] for code in _range(ord(ends[0]), ord(ends[1]), int(step))]
    return []


def _range(first: int, last: int, step: int) -> range:
    step = abs(step) or 1
    found = range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
    if len(found) > WORDS_OF_BRACES:
        raise TooMany
    return found


def _is_number(text: str) -> bool:
    digits = text[1:] if text[:1] in ("-", "+") else text
    return digits.isascii() and digits.isdecimal() and len(digits) < 19


def _is_padded(text: str) -> bool:
    digits = text.lstrip("-+")
    return len(digits) > 1 and digits.startswith("0")

"""The syntax of systemd's files: sections, continued lines, quotes and escapes.

Sources: systemd.syntax(7) and systemd.unit(5) of systemd 252. Quotes may also open in the middle of a word, which the
manager allows and the pages do not say.
"""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_LIMIT = 1024 * 1024  # bytes; the manager's own limit of a line
SEPARATOR = "\0;"  # what a `;` without quotes or a backslash becomes among words, since no word can be that

_SPACE = " \t\n\r"
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}
_SPECIAL = r"""[\\'";\f\v\x1c-\x1f\x85]|[^\x00-\x7f]"""
_CODED = r"x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}"


def read(path: str) -> str:
    """The text of a file, empty when it is masked. Raises as `read_bytes`."""
    if is_masked(path):
        return ""
    return decode(read_bytes(path, FILE_LIMIT), path)


def is_masked(path: str) -> bool:
    """Whether a link leads to /dev/null, which tells the manager to leave a file alone."""
    return os.path.islink(path) and os.path.realpath(path) == os.devnull


def read_assignments(text: str, path: str, wanted: str) -> Iterator[tuple[str, str]]:
    """The settings of one section. Raises CannotKnow where managers refuse the file or read another."""
    section = ""
    for line in _join_lines(text):
        if line.startswith("["):
            if not line.endswith("]"):
                raise CannotKnow(f"{path} has a section that is not closed")
            section = line[1:-1]
        elif line.startswith(".include"):
            raise CannotKnow(f"{path} includes another file, which systemd no longer reads")
        elif section == wanted and "=" in line:
            key, _, value = line.partition("=")
            yield key.strip(), value.strip()


def _join_lines(text: str) -> Iterator[str]:
    """Lines without comments, those that end in a backslash joined with what follows."""
    continued = ""
    for raw in text.split("\n"):
        line = raw.strip(_SPACE)
        if line.startswith(("#", ";")) or not (line or continued):
            continue
        if raw.rstrip("\r").endswith("\\"):
            continued += raw.rstrip("\r")[:-1] + " "
            continue
        joined, continued = (continued + raw).strip(_SPACE), ""
        if joined:
            yield joined
    if joined := continued.strip(_SPACE):
        yield joined


def split_words(text: str, path: str) -> list[str]:
    """Split a value into words: quotes are taken off, escapes of the table in systemd.syntax(7) replaced."""
    if not re.search(_SPECIAL, text):
        return text.split()
    found: list[str] = []
    word, quote, at, start = None, "", 0, 0
    while at < len(text):
        one = text[at]
        at += 1
        if one == "\\":
            plain, at = _escaped(text, at)
            word = (word or "") + plain
        elif one == quote:
            quote = ""
        elif quote or one not in "\"'" + _SPACE:
            word = (word or "") + one
        elif one in _SPACE:
            if word is not None:
                found.append(SEPARATOR if text[start : at - 1] == ";" else word)
            word, start = None, at
        else:
            quote, word = one, word or ""
    if quote:
        raise CannotKnow(f"{path} has a quote that is not closed")
    return found if word is None else [*found, SEPARATOR if text[start:] == ";" else word]


def _escaped(text: str, at: int) -> tuple[str, int]:
    """What stands for an escape whose backslash is before `at`, and where the text goes on."""
    if coded := re.compile(_CODED).match(text, at):
        digits = coded[0].lstrip("xuU")
        number = int(digits, 8 if coded[0][0].isdecimal() else 16)
        return (chr(number) if 0 < number < 0x110000 else ""), coded.end()
    one = text[at : at + 1]
    if one in _ESCAPES:
        return _ESCAPES[one], at + 1
    return (one if one and one in "\\\"';" else f"\\{one}"), at + 1


def unescape(name: str) -> str:
    r"""A part of a unit's name with what systemd-escape(1) has replaced: `-` stands for `/`, `\x2d` for a code."""
    data = re.sub(rb"\\x([0-9a-f]{2})", lambda one: bytes([int(one[1], 16)]), os.fsencode(name.replace("-", "/")))
    return os.fsdecode(data)

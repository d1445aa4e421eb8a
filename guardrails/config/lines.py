"""Where in a TOML file a key stands, for error messages and origins. tomllib does not keep that."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    Path = tuple[str | int, ...]  # the keys that lead to a value; a position for each array on the way

DEEPEST = 100  # no table that means anything is deeper

_TOKEN = re.compile(
    r"""
      (?P<blank> [ \t\r]+ | \#[^\n]* )
    | (?P<newline> \n )
    | (?P<text> \"{3} (?:[^\\]|\\.)*? \"{3,5} | '{3} .*? '{3,5} | " (?:[^"\\\n]|\\.)* " | ' [^'\n]* ' )
    | (?P<word> [^\s\[\]{}=,.\#"']+ )
    | (?P<mark> . )
    """,
    re.VERBOSE | re.DOTALL,
)


def line_of(text: str, path: Path) -> int | None:
    """The 1-based line of the key at a path, or of what is nearest around it; None when not even that is found.

    `text` must be valid TOML.
    """
    lines = _lines(text)
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


@lru_cache(maxsize=4)  # a listing asks for every key of the same few files
def _lines(text: str) -> dict[Path, int]:
    scan = _Scan()
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "newline":
            scan.take_newline()
        elif match.lastgroup == "mark":
            scan.mark(match[0], line)
        elif match.lastgroup != "blank":
            scan.take_word(match[0])
        line += match[0].count("\n")
    return scan.lines


class _Scan:
    """Follows the keys through valid TOML, token by token."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self._table: Path = ()  # what the last header opened
        self._arrays: dict[Path, int] = {}  # array of tables -> its last position
        self._header = 0  # brackets that opened the header being read
        self._key: list[str] = []  # the parts of the key being read
        self._value: Path = ()  # where the value being read belongs
        self._in_value = False
        self._open: list[tuple[Path, int | None]] = []  # inline tables and, with the position in them, arrays

    @property
    def _here(self) -> Path:
        """The path of the innermost table or array element."""
        if not self._open:
            return self._table
        path, position = self._open[-1]
        return path if position is None else (*path, position)

    def take_newline(self) -> None:
        if not self._open:
            self._header, self._key, self._in_value = 0, [], False

    def take_word(self, word: str) -> None:
        if not self._in_value:
            self._key.append(tomllib.loads(f"key = {word}")["key"] if word[0] in "\"'" else word)

    def mark(self, mark: str, line: int) -> None:
        if self._header or (mark == "[" and not (self._open or self._in_value)):
            self._read_header(mark, line)
        elif mark == "=":
            self._value = (*self._here, *self._key)
            self._note(self._value, line)
            self._key, self._in_value = [], True
        elif mark in "{[":
            path = self._here if self._open and self._open[-1][1] is not None else self._value
            self._open.append((path, 0 if mark == "[" else None))
            self._in_value = mark == "["
        elif mark == "," and self._open:
            path, position = self._open[-1]
            self._open[-1] = (path, None if position is None else position + 1)
            self._in_value = position is not None
        elif mark in "}]" and self._open:
            self._open.pop()
            self._in_value = True

    def _read_header(self, mark: str, line: int) -> None:
        if mark == "[":
            self._header += 1
        elif mark == "]" and self._key:
            self._table = ()
            for name in self._key:
                self._table = (*self._table, name)
                if self._table in self._arrays and len(self._table) < len(self._key):
                    self._table = (*self._table, self._arrays[self._table])
            if self._header == 2:
                position = self._arrays.get(self._table, -1) + 1
                self._arrays[self._table] = position
                self._note(self._table, line)
                self._table = (*self._table, position)
            self._note(self._table, line)
            self._key = []

    def _note(self, path: Path, line: int) -> None:
        """Keep the first line of a key, and of the tables that a dotted key makes on the way."""
        for length in range(1, min(len(path), DEEPEST) + 1):
            self.lines.setdefault(path[:length], line)

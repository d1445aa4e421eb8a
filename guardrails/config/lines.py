"""Where in a TOML file a key stands, for error messages and origins. tomllib does not keep that."""

from __future__ import annotations

import re
import tomllib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'''(?P<comment>\#[^\n]*)
    | (?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    | (?P<bare>[A-Za-z0-9_-]+)
    | (?P<mark>[\[\]{}=,\n])''',
    re.DOTALL | re.VERBOSE,
)


def line_of(text: str, path: Path) -> int | None:
    """The 1-based line of the key, or of what is nearest around it; None when not even that is found.

    A path holds keys, and the positions of what stands in lists. The text must be valid TOML.
    """
    best, found = 0, None
    for line, known in _Scanner(text).keys():
        common = 0
        for one, other in zip(known, path, strict=False):
            if one != other:
                break
            common += 1
        if common > best and (common == len(known) or common == len(path)):
            best, found = common, line
    return found


class _Scanner:
    """Walks through valid TOML and knows at each `=` or header which key it is at."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._table: Path = ()  # the keys read now are below this
        self._value: Path = ()  # the key whose value is read now
        self._around: list[tuple[Path, Path]] = []  # the same two, of the brackets that are open
        self._words: list[str] = []  # of the key that is being read
        self._where = "key"  # or "header", or "value"
        self._tables: dict[Path, int] = {}  # how often each [[header]] came

    def keys(self) -> Iterator[tuple[int, Path]]:
        """Every key and every table's header, with its line."""
        line = 1
        for token in _TOKEN.finditer(self._text):
            word = token[0]
            if token.lastgroup in ("text", "bare"):
                self._words.append(word)
            elif token.lastgroup == "mark" and (key := self._mark(word, token.end())):
                yield line, key
            line += word.count("\n")

    def _mark(self, mark: str, end: int) -> Path | None:
        """Go on past a mark; the key or header that it completes."""
        words, self._words = self._words, []
        if mark == "\n" and not self._around:
            self._where = "key"
        elif mark == "[" and self._where == "key" and not self._around:
            self._where = "header"
        elif self._where == "header":
            return self._header(words, doubled=self._text[end : end + 1] == "]") if mark == "]" and words else None
        elif mark == "=":
            self._value, self._where = (*self._table, *_names(words)), "value"
            return self._value
        elif mark in "[{":
            self._around.append((self._table, self._value))
            self._value = (*self._value, 0) if mark == "[" else self._value
            self._table = self._value
        elif mark in "]}" and self._around:
            self._table, self._value = self._around.pop()
        elif mark == "," and self._table and isinstance(self._table[-1], int) and self._value == self._table:
            self._value = self._table = (*self._table[:-1], self._table[-1] + 1)
        return None

    def _header(self, words: list[str], *, doubled: bool) -> Path:
        self._table = _names(words)
        if doubled:
            position = self._tables.get(self._table, 0)
            self._tables[self._table] = position + 1
            self._table = (*self._table, position)
        return self._table


def _names(words: list[str]) -> tuple[str, ...]:
    """The words of a key without their quotes."""
    return tuple(tomllib.loads(f"_ = {word}")["_"] if word[0] in "\"'" else word for word in words)

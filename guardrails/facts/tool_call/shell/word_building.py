"""Puts words together out of their pieces, and splits them where bash does."""

from __future__ import annotations

from guardrails.facts.tool_call.commands import Word

_WHITE = " \t\n"


class Building:
    """Words being put together out of pieces, split where bash splits."""

    def __init__(self, *, is_single: bool = False) -> None:
        self.words: list[Word] = []
        self._parts: list[str | None] = []
        self._unquoted: list[str] = []
        self.is_pattern = False
        self.is_single = is_single
        self._is_word = False

    def add(self, part: str | None, *, quoted: bool) -> None:
        """Add a piece that is not split."""
        self._is_word = True
        if part is None:
            self.is_pattern = self.is_pattern or not quoted
        elif not quoted:
            self._unquoted.append(part)
        if part is not None and self._parts and self._parts[-1] is not None:
            self._parts[-1] += part
        elif part is None or part or not self._parts:
            self._parts.append(part)

    def add_split(self, text: str) -> None:
        """Add the known value of an expansion that was not quoted."""
        for at, field in enumerate(_fields(text)):
            if at or text[0] in _WHITE:
                self.end()
            self.add(field, quoted=False)
        if text and text[-1] in _WHITE:
            self.end()

    def end(self) -> None:
        """End the word, if there is one."""
        if self._is_word:
            self.words.append(Word(tuple(self._parts), self.is_pattern or is_glob("".join(self._unquoted))))
        self._parts, self._unquoted, self.is_pattern, self._is_word = [], [], False, False


def _fields(text: str) -> list[str]:
    """The fields of a text; the white space of other scripts separates nothing."""
    return [field for field in text.replace("\t", " ").replace("\n", " ").split(" ") if field]


def is_glob(text: str) -> bool:
    """Whether an unquoted text is a pattern for names of files."""
    return "*" in text or "?" in text or ("[" in text and "]" in text[text.index("[") :])

"""Take secrets out of a stream of output, line by line, for a bounded price."""

from __future__ import annotations

import re

from guardrails.safety.secret_hints import hints_at_a_secret

BUDGET = 1 << 20  # characters that are looked at closely, two or three seconds' work
LEFT_OUT = "[left out: it may hold a secret]"
_FOR_A_LOOK, _FOR_A_CHANGE = 8, 50  # characters that would take as long as a line takes beside its length
_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
_LINE = 1 << 16  # bytes; a longer line is looked at in pieces
_CONTEXT = 1024  # characters before a piece of a line that are looked at with it


class SecretScreen:
    """Lines come in as parts of any length; what may leave goes out. Bytes that are no UTF-8 pass as they are."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._waiting = b""
        self._held = False  # what waits hints at a secret
        self._begun = ""  # what has left of the line under way
        self._in_key = False

    @property
    def is_waiting(self) -> bool:
        """Whether the start of a line waits that could leave before its rest."""
        return bool(self._waiting) and not self._held

    def start_inside(self, before: bytes | bytearray) -> None:
        """Take what follows as the rest of a line that begins with the end of `before`, which has not left."""
        self._note_begun(_text(bytes(before[-_CONTEXT:])))

    def take(self, part: bytes) -> bytes:
        """Give the lines that are whole by now; a carriage return ends one too, as in the bars of progress."""
        data = self._waiting + part
        end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if len(data) - end > _LINE:
            end = len(data)
        self._waiting, self._held = data[end:], False
        return self._screen(data[:end])

    def take_started_line(self) -> bytes:
        """Give the start of a line before its rest has come, unless it hints at a secret."""
        self._held = self._in_key or hints_at_a_secret(self._begun + _text(self._waiting))
        return b"" if self._held else self.take_rest()

    def take_rest(self) -> bytes:
        """Give what waits, as at the end of the output."""
        data, self._waiting = self._waiting, b""
        return self._screen(data)

    def _screen(self, data: bytes) -> bytes:
        if not data:
            return b""
        text = _text(data)
        if not self._in_key and not hints_at_a_secret(self._begun + text):
            self._note_begun(text)
            return data
        if self._budget <= 0:
            return self._leave_out(text).encode()
        lines = filter(None, re.split(r"(?<=[\r\n])", text))
        return "".join(self._line(line) for line in lines).encode("utf-8", "surrogateescape")

    def _line(self, line: str) -> str:
        begun = self._begun
        self._budget -= _FOR_A_LOOK
        if self._in_key or _KEY.search(line):
            return self._leave_out(line)
        if not hints_at_a_secret(begun + line):
            self._note_begun(line)
            return line
        if begun or self._budget <= 0:
            return self._leave_out(line)
        from guardrails.safety.redaction import without_secrets  # most output hints at nothing

        self._budget -= _FOR_A_CHANGE + len(line)
        self._note_begun(line)
        return without_secrets(line)

    def _leave_out(self, text: str) -> str:
        """The text that replaces the given one; a private key of many lines is replaced once."""
        was_in_key = self._in_key
        self._note_begun(text)
        last = max((found.start() for found in _KEY.finditer(text)), default=0 if was_in_key else len(text))
        self._in_key = last < len(text) and "-----END" not in text[last:]
        return "" if was_in_key else f"{LEFT_OUT}\n"

    def _note_begun(self, text: str) -> None:
        last = text[max(text.rfind("\n"), text.rfind("\r")) + 1 :]
        self._begun = (self._begun + last if last == text else last)[-_CONTEXT:]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")

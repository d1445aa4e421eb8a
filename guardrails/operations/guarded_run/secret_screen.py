"""Take secrets out of a stream of output, line by line, for a bounded price."""

from __future__ import annotations

import re

from guardrails.safety.secret_hints import hints_at_a_secret

BUDGET = 1 << 20  # characters of lines that hint at a secret and are looked at closely, about a second's work
LEFT_OUT = "[line left out: it may hold a secret]"
_LINE = 1 << 16  # bytes; a longer line is looked at in pieces
_CONTEXT = 1024  # characters before a piece of a line that are looked at with it


class SecretScreen:
    """Lines come in as parts of any length; what may leave goes out. Bytes that are no UTF-8 pass as they are."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._waiting = b""
        self._begun = ""  # what has left of the line under way
        self._in_key = False

    @property
    def is_waiting(self) -> bool:
        """Whether the start of a line waits for its rest."""
        return bool(self._waiting)

    def start_inside(self, before: bytes | bytearray) -> None:
        """Take what follows as the rest of a line that begins with the end of `before`, which has not left."""
        self._note_begun(_text(bytes(before[-_CONTEXT:])))

    def take(self, part: bytes) -> bytes:
        """Give the lines that are whole by now; a carriage return ends one too, as in the bars of progress."""
        data = self._waiting + part
        end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if len(data) - end > _LINE:
            end = len(data)
        self._waiting = data[end:]
        return self._passed(data[:end])

    def started_line(self) -> bytes:
        """Give the start of a line before its rest has come, unless it hints at a secret."""
        if self._in_key or hints_at_a_secret(self._begun + _text(self._waiting)):
            return b""
        return self.rest()

    def rest(self) -> bytes:
        """Give what waits, as at the end of the output."""
        data, self._waiting = self._waiting, b""
        return self._passed(data)

    def _passed(self, data: bytes) -> bytes:
        if not data:
            return b""
        text = _text(data)
        if not self._in_key and not hints_at_a_secret(self._begun + text):
            self._note_begun(text)
            return data
        lines = filter(None, re.split(r"(?<=[\r\n])", text))
        return "".join(self._line(line) for line in lines).encode("utf-8", "surrogateescape")

    def _line(self, line: str) -> str:
        begun = self._begun
        self._note_begun(line)
        left_out = LEFT_OUT + (line[-1] if line[-1] in "\r\n" else "\n")
        if "-----BEGIN" in line and "PRIVATE KEY" in line:
            self._in_key = True
        if self._in_key:
            self._in_key = "-----END" not in line
            return left_out
        if not hints_at_a_secret(begun + line):
            return line
        if begun or len(line) > self._budget:
            return left_out
        from guardrails.safety.redaction import without_secrets  # most output hints at nothing

        self._budget -= len(line)
        return without_secrets(line)

    def _note_begun(self, text: str) -> None:
        last = text[max(text.rfind("\n"), text.rfind("\r")) + 1 :]
        self._begun = (self._begun + last if last == text else last)[-_CONTEXT:]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")

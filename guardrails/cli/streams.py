"""Where everything that is printed leaves: standard output and standard error, without secrets."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from guardrails.safety.secret_hints import hide, hints_at_a_secret, names_a_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Redacting:
    """A stream that takes secrets out of all that is written to it, and otherwise is the stream behind it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text without secrets. A JSON document stays one."""
        self._stream.write(clean_leaving_text(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write every line without secrets."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def clean_leaving_text(text: str) -> str:
    """The text as it may leave, on a stream or in a file."""
    if not hints_at_a_secret(text):
        return text
    from guardrails.safety.redaction import clean_json, without_secrets  # a passing run has nothing to take out

    document = clean_json(text) if text.startswith(("{", "[")) else None
    return without_secrets(text) if document is None else document


class Guarded:
    """Standard output and error that fit any locale and show no secret, for as long as a command runs."""

    def __enter__(self) -> None:
        _fill_closed()
        self._before = sys.stdout, sys.stderr
        hide(value for name, value in os.environ.items() if _is_secret(name, value))
        for stream in self._before:
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        sys.stdout, sys.stderr = (None if one is None else Redacting(one) for one in self._before)

    def __exit__(self, *error: object) -> None:
        sys.stdout, sys.stderr = self._before


def _fill_closed() -> None:
    """Fill closed standard descriptors, which a pipe would take otherwise."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free


def _is_secret(name: str, value: str) -> bool:
    """Whether a variable of the caller holds a secret: PWD and the path of a key file do not."""
    return names_a_secret(name) and name not in ("PWD", "OLDPWD") and not value.startswith(("/", "~", "./"))

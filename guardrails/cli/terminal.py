"""What a person at a terminal sees and a pipe does not: colour, width, progress."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self, TextIO

    from guardrails.model import PolicyResult, Report


def colour(stream: TextIO) -> bool:
    """Whether to use colour: GUARDRAILS_COLOR, then NO_COLOR and FORCE_COLOR, then whether this is a terminal."""
    wish = os.environ.get("GUARDRAILS_COLOR", "auto")
    if wish in ("always", "never"):
        return wish == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int | None:
    """The columns of the terminal; None when the stream is none, so that lines are left whole."""
    try:
        return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else None
    except (OSError, ValueError):
        return None


def show_report(report: Report, *, quiet: bool = False, verbose: bool = False) -> None:
    """Print the text report as the terminal, or the pipe, likes it."""
    from guardrails.reporters.text_report import TextReport

    style = TextReport(colour=colour(sys.stdout), width=width(sys.stdout), quiet=quiet, verbose=verbose)
    sys.stdout.write(style.render(report))


class Progress:
    """How many policies are judged, on a terminal; nothing elsewhere."""

    def __init__(self, policies: int) -> None:
        self._policies = policies
        self._done = 0
        self._shown = sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("CI")

    def __enter__(self) -> Self:
        self._show("checking …")
        return self

    def heard(self, result: PolicyResult) -> None:
        """Count one more policy."""
        self._done += 1
        self._show(f"checking {self._done}/{self._policies}  {result.policy}")

    def __exit__(self, *error: object) -> None:
        self._show("")

    def _show(self, text: str) -> None:
        if self._shown:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

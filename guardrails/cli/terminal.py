"""What a person at a terminal sees and a pipe does not: colour, width, progress."""

from __future__ import annotations

import os
import sys

from guardrails.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self, TextIO

    from rich.progress import Progress as Bar

    from guardrails.model import PolicyResult, Report


def wants_colour(stream: TextIO) -> bool:
    """Whether to use colour: GUARDRAILS_COLOR, then NO_COLOR and FORCE_COLOR, then whether this is a terminal."""
    wish = os.environ.get("GUARDRAILS_COLOR", "auto")
    if wish in ("always", "never"):
        return wish == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def may_redraw(stream: TextIO | None) -> bool:
    """Whether to draw a bar over itself: only on a terminal whose owner has not asked for plain text."""
    if stream is None or not stream.isatty() or os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        return False
    wish = os.environ.get("GUARDRAILS_COLOR", "auto")
    return wish == "always" or (wish != "never" and not os.environ.get("NO_COLOR"))


def width(stream: TextIO) -> int | None:
    """The columns of the terminal; None when the stream is not one, so that lines are left whole."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None if stream.isatty() else None
    except (OSError, ValueError):
        return None


def show_report(report: Report, *, quiet: bool = False, verbose: bool = False) -> None:
    """Print the text report as the terminal, or the pipe, likes it."""
    from guardrails.reporters.text_report import TextReport

    style = TextReport(colour=wants_colour(sys.stdout), width=width(sys.stdout), quiet=quiet, verbose=verbose)
    text = style.render(report)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from guardrails.reporters.github_report import inert

        text = inert(text)
    sys.stdout.write(text)


def relay(command: Sequence[str], **place: Any) -> tuple[int, str]:
    """Run a command, show what it says as it comes, and give its exit code and all that it said.

    Where this is a terminal, the command has one too, of the same size. `place` is as for `subprocess.Popen`.
    """
    import codecs
    from subprocess import Popen

    ours, theirs = _terminal(sys.stdout.fileno()) if sys.stdout.isatty() else os.pipe()
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    said = []
    try:
        with Popen(command, stdout=theirs, stderr=theirs, **place) as running:
            os.close(theirs)
            while part := _part(ours):
                said.append(decoder.decode(part))
                sys.stdout.write(said[-1])
                sys.stdout.flush()
    finally:
        os.close(ours)
    return running.returncode, "".join(said)


def _terminal(like: int) -> tuple[int, int]:
    """Both ends of a new terminal, as large as the given one."""
    import pty
    import termios

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, termios.tcgetwinsize(like))
    return ours, theirs


def _part(ours: int) -> bytes:
    try:
        return os.read(ours, 1 << 16)
    except OSError:  # how Linux says that nobody has the other end of a terminal open any more
        return b""


class Progress:
    """How far something long has come, as a bar on a terminal; nothing elsewhere."""

    def __init__(self, total: int, what: str = "checking") -> None:
        self._bar: Bar | None = None
        if may_redraw(sys.stderr):
            from rich.console import Console
            from rich.progress import Progress as Bar

            # Without a thread that refreshes it: another worker may have to be forked meanwhile.
            self._bar = Bar(console=Console(stderr=True), transient=True, auto_refresh=False)
            self._task = self._bar.add_task(what, total=total)

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
            self._bar.refresh()
        return self

    def __call__(self, result: PolicyResult) -> None:
        """Count one more policy."""
        self.step(f"checked {result.policy}")

    def step(self, text: str) -> None:
        """Count one step more, and say what it was, or is."""
        if self._bar:
            self._bar.update(self._task, advance=1, description=text, refresh=True)

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.stop()


def read_standard_input(limit: int = -1) -> bytes:
    """Read standard input, up to so many bytes. Raises UsageError when it is closed: then there is no question."""
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    return sys.stdin.buffer.read(limit)

"""The command line: one module per command, and one error boundary."""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # without enumerations, which take 1 ms
import os
import sys

from guardrails import bundle
from guardrails.cli import streams
from guardrails.errors import GuardrailsError, UsageError
from guardrails.exit_codes import INTERRUPTED, REFUSED, UNDECIDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

_heard: list[int] = []  # the signals that were to end this process
_UNDECIDED_OF = {"run": REFUSED}  # of commands that run another one, whose own codes they give


def entry() -> NoReturn:
    """Run as the command `guardrails` once modules are safe, as `guardrails.start` sees to, and end at once.

    Taking the interpreter down would cost 4 ms.
    """
    code = main()
    bundle.renew()
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code. Only a bug of ours gets past here as a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with streams.Guarded():
        try:
            _prepare_signals()
            return _run_bounded(arguments, _UNDECIDED_OF.get(arguments[0], UNDECIDED) if arguments else UNDECIDED)
        except KeyboardInterrupt:
            return _complain("interrupted", INTERRUPTED)


def _run_bounded(arguments: Sequence[str], undecided: int) -> int:
    """Run one command. A user's mistake gives one line, and a code that is no answer."""
    try:
        code = _run(arguments)
        sys.stdout.flush()  # here, so that output which cannot be written is not taken for success
        return code
    except Exception as error:
        if _heard:  # a library took what the signal raised for an error of its own, as pydantic does
            _end_by(_heard[0])
        return _complain_about(error, undecided)


def _complain_about(error: Exception, undecided: int) -> int:
    """Say in one line what went wrong, or all there is to know of a bug of ours."""
    if isinstance(error, GuardrailsError):
        from guardrails.wording.shown_text import visible

        return _complain(visible(str(error)), undecided)
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter complains again at exit
        return undecided
    if isinstance(error, OSError):
        return _complain(f"{error.filename or 'output'}: {error.strerror}", undecided)
    if isinstance(error, MemoryError):
        return _complain("there is not enough memory", undecided)
    import traceback

    return _complain(f"this is a bug in guardrails:\n{''.join(traceback.format_exception(error))}", undecided)


def _prepare_signals() -> None:
    """Hear the signals that end us, and see how children end, even if our parent ignored or blocked these signals."""
    _heard.clear()
    for caught in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(caught, _terminate)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as a shell leaves it for `command &`
        signal.signal(signal.SIGINT, _terminate)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, the kernel forgets how they ended
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _run(arguments: Sequence[str]) -> int:
    if sys.stdout is None:
        raise UsageError("standard output is closed")
    from guardrails.cli import quick_options

    given: Any = quick_options.read_given(arguments)
    code: int = given.handler(given)
    return code


def _complain(text: str, code: int) -> int:
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from guardrails.reporters.github_report import inert

        text = inert(text)
    try:
        print(f"guardrails: {text}", file=sys.stderr)
    except (OSError, ValueError, AttributeError):
        pass  # standard error is closed; the exit code still tells
    return code


def _terminate(number: int, _: object) -> NoReturn:
    """Let `finally` end the workers, then end as the signal would have."""
    _heard.append(number)
    _end_by(number)


def _end_by(number: int) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)

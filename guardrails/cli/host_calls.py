"""A tool call that a host asks about: judged within a second, whatever comes in, and answered as the host wants it.

In every host the call runs when the hook is late, crashes, or ends with 1. So every fault is a refusal, with one
exception: a fault of ours must not stop calls that name no guarded place.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module

from guardrails import config
from guardrails.cli import outputs, terminal
from guardrails.errors import GuardrailsError
from guardrails.request import Request
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any, NoReturn, Self

    from guardrails.calls import Call
    from guardrails.config.settings import Settings

LIMIT = 1.0  # seconds; the least time after which a host lets the call run is several times that
_LOOK = 0.8  # seconds for one look at the world, so that it can still be said which one took too long
_LATE = f"whether it is safe could not be told within {LIMIT:g} s; try it again, or ask a person"


class OutOfTime(BaseException):
    """Raised at any moment. It is no error of ours, so that no handler catches it as one."""


class Deadline:
    """Raises OutOfTime in the block when its time is over, and once more if the block still runs after that."""

    def __enter__(self) -> Self:
        signal.signal(signal.SIGALRM, self._raise_out_of_time)
        signal.setitimer(signal.ITIMER_REAL, LIMIT, LIMIT / 4)
        return self

    def __exit__(self, *error: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _raise_out_of_time(self, *_: object) -> NoReturn:
        raise OutOfTime


def run(given: argparse.Namespace) -> int:
    """Answer the host, and give the exit code that it takes for the answer: 0 for no opinion, 2 for a refusal."""
    host: Any = import_module(f"guardrails.hosts.{given.kind.replace('-', '_')}")
    judging = Judging(given, host)
    try:
        with Deadline():
            reason = judging.judge()
    except OutOfTime:
        reason = f"guardrails refused this: {_LATE}"
        if judging.is_loading:
            _load_for_the_next(given)
    out, err, code = host.answer(reason)
    sys.stdout.write(out)
    outputs.say(err.removesuffix("\n")) if err else None
    answered: int = code
    return answered


class Judging:
    """One tool call that is judged. `is_loading` while the configuration is."""

    def __init__(self, given: argparse.Namespace, host: Any) -> None:
        self._given = given
        self._host = host
        self._settings: Settings | None = None
        self.is_loading = False

    def judge(self) -> str | None:
        """Why the tool call is refused, None when nothing speaks against it."""
        from guardrails.hosts.tool_input import INPUT_LIMIT

        try:
            calls: Sequence[Call] = self._host.calls_in(terminal.read_standard_input(INPUT_LIMIT + 1))
        except GuardrailsError as error:
            return f"guardrails refused this: {error}"
        if not calls:
            return None
        try:
            return self._refusal(calls)
        except Exception as error:
            if not self._given.named and not self._names_a_place(calls):
                return None
            told = str(error) if isinstance(error, GuardrailsError) else f"this is a bug: {error!r}"
            return f"guardrails refused this, since it names a guarded place and cannot be judged: {visible(told)}"

    def _refusal(self, calls: Sequence[Call]) -> str | None:
        self.is_loading = True
        self._settings = _load(self._given)
        self.is_loading = False
        from guardrails.tool_calls import vet

        report = vet(calls, Request(timeout=_LOOK), settings=self._settings, tell=outputs.tell)
        if not report.exit_code:
            return None
        from guardrails.reporters.call_report import refusal

        return refusal(report)

    def _names_a_place(self, calls: Sequence[Call]) -> bool:
        """Whether the calls stand in, or may mean, what is guarded. It is asked when nothing better can be known."""
        words = (word for one in calls for word in (one.folder, one.shell, *(one.argv or ()), one.write) if word)
        text = "\0".join(words)
        environments = self._settings.environments.values() if self._settings else ()
        paths = (path for one in environments for path in (one.repo, one.state_dir) if path)
        return any(path in text or os.path.basename(path) in text for path in paths)


def _load(given: argparse.Namespace) -> Settings:
    """The configuration that the stub names. An empty name is the built-in one, in every folder of the caller."""
    if given.config == "":
        os.environ.pop("GUARDRAILS_CONFIG", None)
        os.chdir("/")
        given.config = None
    return config.load(given.config)


def _load_for_the_next(given: argparse.Namespace) -> None:
    """Validate a changed configuration where nobody waits for it, so that the next call finds it validated."""
    if os.fork():
        return
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):  # a host waits as long as anybody holds them
            os.dup2(null, descriptor)
        _load(given)
    finally:
        os._exit(0)

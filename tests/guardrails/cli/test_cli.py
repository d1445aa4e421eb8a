"""The error boundary: a signal ends the command as the signal would, whatever a library makes of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from guardrails import cli

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (*SIGNALS, signal.SIGCHLD)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def swallowing(number: int) -> int:
    """What pydantic does while it makes a validator: whatever is raised becomes an error of its own."""
    try:
        os.kill(os.getpid(), number)
    except BaseException as error:
        raise ValueError(f"cannot be built: {error!r}") from None
    return 0


@pytest.mark.parametrize("number", SIGNALS)
def test_a_library_that_swallows_a_signal_makes_no_bug_of_it(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_run", lambda _: swallowing(number))
    if number == signal.SIGINT:
        assert cli.main(["policies"]) == 130
        assert capfd.readouterr().err == "guardrails: interrupted\n"
    else:
        with pytest.raises(SystemExit) as ended:
            cli.main(["policies"])
        assert ended.value.code == 128 + number
        assert capfd.readouterr().err == ""


def test_a_bug_is_told_as_one(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli, "_run", lambda _: 1 // 0)
    assert cli.main(["policies"]) == 2
    assert "this is a bug in guardrails:\nTraceback" in capfd.readouterr().err

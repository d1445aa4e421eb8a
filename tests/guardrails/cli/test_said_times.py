"""What people say is read as they mean it, and what may mean several times, or none, is refused."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from guardrails.cli.said_times import ACCEPTED, read_time

SUNDAY = "2026-11-29T09:00:00"


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clocks as in Berlin: two hours ahead of UTC in summer, one in winter."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def said(text: str, at: str = SUNDAY) -> str:
    return read_time(text, datetime.fromisoformat(at).timestamp()).isoformat()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tomorrow", "2026-11-30T09:00:00+01:00"),
        ("Tomorrow 18:00", "2026-11-30T18:00:00+01:00"),
        ("friday 18:00", "2026-12-04T18:00:00+01:00"),
        ("fri 6pm", "2026-12-04T18:00:00+01:00"),
        ("friday", "2026-12-04T00:00:00+01:00"),
        ("friday 18:00 UTC", "2026-12-04T18:00:00+00:00"),
        ("friday 18:00 -05:00", "2026-12-04T18:00:00-05:00"),
        ("in 3 days", "2026-12-02T09:00:00+01:00"),
        ("in two weeks", "2026-12-13T09:00:00+01:00"),
        ("in 36 hours", "2026-11-30T21:00:00+01:00"),
        ("today 18:00", "2026-11-29T18:00:00+01:00"),
        ("2026-12-01", "2026-12-01T00:00:00+01:00"),
        ("2026-12-01 18:00", "2026-12-01T18:00:00+01:00"),
        ("2026-12-01T18:00:00", "2026-12-01T18:00:00+01:00"),
        ("4 december", "2026-12-04T00:00:00+01:00"),
        ("friday, 4 dec 18:00", "2026-12-04T18:00:00+01:00"),
        ("13.12.2026", "2026-12-13T00:00:00+01:00"),
        ("yesterday", "2026-11-28T09:00:00+01:00"),
    ],
)
def test_what_is_understood(text: str, meant: str) -> None:
    assert said(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "12/04/2026",  # April or December
        "4.12.2026",
        "next friday",  # in 5 days or in 12
        "sunday",  # today or in a week
        "sunday 18:00",
        "december",
        "5",
        "2026",
        "18:00",
        "friday at 6",
        "friday 18:00 IST",  # of India, Ireland or Israel
        "tomorrow UTC",  # at which of the two clocks
    ],
)
def test_what_may_mean_several_times(text: str) -> None:
    with pytest.raises(ValueError, match="it may mean several times; write tomorrow, friday 18:00, in 3 days"):
        said(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "never",
        "whenever",
        "friday 25:00",
        "2026-12-04 25:00",
        "in 3 days foo",
        "1796546460",
        "$(date)",
        "٤ december",
    ]
    + ["in " + "9" * 60 + " days", "in 99999999 days", "2026-W49-5", "monday tuesday"],
)
def test_what_means_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="it means no time; write ") as refused:
        said(text)
    assert str(refused.value).endswith(ACCEPTED)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2026-02-30", "2026-02-30 is not a day"),
        ("2026-13-04T18:00:00Z", "2026-13-04 is not a day"),
        ("monday, 4 december", "2026-12-04 is a Friday"),
        ("2027-03-28 02:30", "clocks here never show 2027-03-28 02:30:00"),
        ("2027-10-31 02:30", "clocks here show 2027-10-31 02:30:00 twice"),
    ],
)
def test_what_cannot_be(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        said(text)


@pytest.mark.parametrize("text", [one.strip() for one in ACCEPTED.replace("or ", "").split(",")])
def test_what_a_refusal_names_is_accepted(text: str) -> None:
    from guardrails.cli.commands.waive import _moment

    now = datetime.fromisoformat(SUNDAY).timestamp()
    assert now < _moment(text, now).timestamp() < now + 8 * 86_400


@pytest.mark.parametrize(("text", "loaded"), [("7d", False), ("2026-12-01T10:00:00Z", False), ("tomorrow", True)])
def test_the_library_is_loaded_for_words_alone(text: str, loaded: bool) -> None:
    program = "import sys; from guardrails.cli.commands.waive import _moment as read; read(sys.argv[1], 1.0); "
    program += "print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, text], capture_output=True, text=True, check=True)
    assert ("dateparser" in done.stdout.split()) is loaded

"""Calendars and time spans, beside what systemd-analyze makes of them."""

from __future__ import annotations

import random
import re
import subprocess

import pytest

from guardrails.facts.service.systemd_times import calendar_text, span_seconds
from oracles.systemd_oracle import need_systemd_analyze

CALENDARS = (
    "daily", "DAILY", "weekly UTC", "daily Europe/Berlin", "hourly", "minutely", "monthly", "quarterly", "yearly",
    "semi-annually", "Mon..Fri 9:00", "Mon-Fri 10:00", "Mon,Tue,Wed 10:00", "Sun,Sat 1:00", "Mon  10:00", "Mon",
    "Fri *-*-1..7 18:00:00", "*:0/15", "5-8", "*~1", "*-02~*", "*-*~3..5", "2026-1-1 00:00 UTC", "69-1-1", "1:00 utc",
    "*-2-31", "0..23/2:00", "1/5,3:00", "03:00:00/20", "1:00,2:00", "7..8/27:05", "16..24/3:*", "*-1,7-1",
    "Monday *-*-* 1:2",
)  # fmt: skip
REFUSED = (
    "", " daily", "daily ", "*/2:00", "*-*-*/2", "Sat..Mon 10:00", "10", "1..3", "12:00 Foo", "mon,,tue", "25:00",
    "*-13-1", "8..3:00", "1969-01-01", "*,1:00", "00:60", "0:0:60", "*-*-0", "*-*-*~1", "Mon, Tue 10:00", "18/21:23",
    "8..24:00", "9999999999-1-1", "0..99999999999:00",
    "0 3 * * *", "@daily", "*-*~29", "٣:00",
)  # fmt: skip
NOT_UNDERSTOOD = ("10:00:00.5", "@12345", "*-*~7/1", "*-*~1,2")
SPANS = ("15min", "1h", "1h 30min", "5", "2 days", "1w", "1M", "1month", "1y", "1h30", "1 hr", "3 hours 2", " 7m ", "0")
NO_SPANS = ("", "5x", "-5", "infinity", "h", "1H", "٣min")


def normal(texts: list[str]) -> list[str | None]:
    """What systemd-analyze calls the normalized form of each calendar, None of one that it refuses."""
    found: list[str | None] = []
    for text in texts:
        done = subprocess.run(["systemd-analyze", "calendar", "--", text], capture_output=True, text=True)
        form = re.search(r"Normalized form: (.*)", done.stdout)
        found.append(form[1] if form else text if done.returncode == 0 else None)  # it says nothing of a normal one
    return found


@pytest.mark.parametrize("text", CALENDARS)
def test_a_calendar_is_its_normalized_form(text: str) -> None:
    need_systemd_analyze()
    (form,) = normal([text])
    assert form is not None
    assert calendar_text(text) == calendar_text(form)


@pytest.mark.parametrize("text", REFUSED)
def test_what_systemd_refuses_is_refused(text: str) -> None:
    need_systemd_analyze()
    assert normal([text]) == [None]
    with pytest.raises(ValueError, match=r"systemd|not from|go on|zone"):
        calendar_text(text)


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"systemd|understood"):
        calendar_text(text)


def test_calendars_that_differ_are_told_apart() -> None:
    texts = (
        "daily",
        "daily UTC",
        "weekly",
        "Mon..Fri 00:00",
        "00:00:01",
        "00:01",
        "*-*-01",
        "*-*~01",
        "*-01-*",
        "2026-*-*",
    )
    assert len({calendar_text(text) for text in texts}) == len(texts)


def a_calendar(chosen: random.Random) -> str:
    """A calendar at random, sound or not."""

    def item(low: int, high: int) -> str:
        first, last = (str(chosen.randint(low, high)).zfill(chosen.choice([1, 2])) for _ in range(2))
        repeated = f"/{chosen.randint(0, high + 3)}" if chosen.random() < 0.2 else ""
        return first + chosen.choice(["", "", f"..{last}"]) + repeated

    def field(low: int, high: int) -> str:
        if chosen.random() < 0.4:
            return "*"
        return ",".join(item(low, high) for _ in range(chosen.choice([1, 1, 1, 2, 3])))

    days = ("Mon", "Tue", "Wednesday", "thu", "FRI", "Saturday", "sun")
    parts = []
    if chosen.random() < 0.5:
        end = chosen.choice(["", "", chosen.choice(["..", "-"]) + chosen.choice(days)])
        parts.append(chosen.choice(days) + end + chosen.choice(["", f",{chosen.choice(days)}", ","]))
    if chosen.random() < 0.6:
        year = chosen.choice(["*-", "", f"{field(1970, 2199)}-", f"{chosen.randint(0, 99):02}-"])
        parts.append(year + field(1, 12) + chosen.choice("--~") + field(1, 31))
    if chosen.random() < 0.7 or not parts:
        parts.append(f"{field(0, 24)}:{field(0, 60)}" + chosen.choice(["", f":{field(0, 60)}"]))
    if chosen.random() < 0.2:
        parts.append(chosen.choice(["UTC", "utc", "Europe/Berlin", "Mars/Phobos", "CET"]))
    return chosen.choice([" ", " ", "  "]).join(parts)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.sample(6)
def test_generated_calendars(seed: int) -> None:
    need_systemd_analyze()
    chosen = random.Random(seed)
    texts = [a_calendar(chosen) for _ in range(60)]
    understood = 0
    for text, form in zip(texts, normal(texts), strict=True):
        if form is None or re.search(r"~\S*[,/]", text):  # the second is not understood
            with pytest.raises(ValueError, match=r"systemd|not from|go on|zone|backwards|understood"):
                calendar_text(text)
            continue
        assert calendar_text(text) == calendar_text(form), text
        understood += 1
    assert understood > 10


@pytest.mark.parametrize("text", SPANS)
def test_a_span_is_that_of_systemd(text: str) -> None:
    need_systemd_analyze()
    done = subprocess.run(["systemd-analyze", "timespan", text], capture_output=True, text=True, check=True)
    microseconds = re.search(r"μs: (\d+)", done.stdout)
    assert microseconds
    assert span_seconds(text) * 1_000_000 == int(microseconds[1])


@pytest.mark.parametrize("text", NO_SPANS)
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match="time span"):
        span_seconds(text)

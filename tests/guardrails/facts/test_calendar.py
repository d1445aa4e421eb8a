"""Windows and freezes lie where the clocks of their zones say, whatever these clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guardrails import Calendar, CannotKnow, Window
from guardrails.facts.calendar import time_zone
from guardrails.record import from_plain, plain
from guardrails.testing import gather, world

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
LORD_HOWE, SANTIAGO = "Australia/Lord_Howe", "America/Santiago"


def window(**keys: Any) -> Window:
    """A window from the keys of its table; `opens` stands for `from`."""
    if "opens" in keys:
        keys["from"] = keys.pop("opens")
    made: Window = from_plain(Window, keys)
    return made


def look(at: str, *windows: Window, freezes: tuple[Window, ...] = ()) -> Calendar:
    return gather(Calendar, world(at=datetime.fromisoformat(at).timestamp()), windows, freezes)


def opens(calendar: Calendar, zone: str = "UTC") -> str | None:
    return None if calendar.opening is None else calendar.written(calendar.opening[0], zone)


# The table


def test_the_key_from_is_a_field_like_others() -> None:
    made = window(days=["tue"], opens="22:00", to="02:00", zone=BERLIN)
    assert (made.opens, made.days, plain(made)["from"]) == ("22:00", ("tue",), "22:00")
    assert made == Window(days=("tue",), to="02:00", zone=BERLIN, **{"from": "22:00"})
    assert made.text == "tue 22:00 to 02:00 Europe/Berlin"


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({}, "either start and end, or some of days, from, to and zone"),
        ({"zone": "UTC"}, "either start and end"),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z", "days": ["mon"]}, "either start and end"),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z", "zone": "UTC"}, "either start and end"),
        ({"start": "2026-01-01T00:00:00Z"}, "'' is not a time of RFC 3339"),
        ({"end": "2026-01-01T00:00:00Z"}, "'' is not a time of RFC 3339"),
        ({"start": "2026-01-01T00:00:00", "end": "2026-01-02T00:00:00Z"}, "names no zone"),
        ({"start": "2026-01-01", "end": "2026-01-02"}, "names no zone"),
        ({"start": "2026-01-01T00:00:00+01:00:30", "end": "2026-01-02T00:00:00Z"}, "is not a time"),
        ({"start": "2026-02-29T00:00:00Z", "end": "2026-03-02T00:00:00Z"}, "is not a time of RFC 3339"),
        ({"start": "tomorrow", "end": "2026-03-02T00:00:00Z"}, "'tomorrow' is not a time"),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00+01:00"}, "which is not later"),
        ({"days": ["monday"]}, "'monday' is not a day; days are mon, tue"),
        ({"days": ["Mon"]}, "'Mon' is not a day"),
        ({"from": "7:00", "to": "08:00"}, "'7:00' is not a time of day"),
        ({"from": "07:60", "to": "08:00"}, "'07:60' is not a time of day"),
        ({"from": "07:00", "to": "24:01"}, "'24:01' is not a time of day"),
        ({"from": "0700", "to": "08:00"}, "'0700' is not a time of day"),
        ({"from": "٠٧:00", "to": "08:00"}, "is not a time of day"),
        ({"from": "07:00", "to": "07:00"}, "is empty; a whole day is 00:00 to 24:00"),
        ({"from": "24:00", "to": "07:00"}, "is empty"),
        ({"from": "07:00", "zone": "Europe/Atlantis"}, "'Europe/Atlantis' is not a time zone, such as Europe/Berlin"),
        ({"from": "07:00", "zone": "Europe"}, "'Europe' is not a time zone"),
        ({"from": "07:00", "zone": "../../etc/passwd"}, "is not a time zone"),
        ({"from": "07:00", "zone": "a\0b"}, "is not a time zone"),
    ],
)
def test_a_table_that_is_no_window_is_refused(keys: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        window(**keys)


# Once


def test_a_start_is_in_the_window_and_an_end_is_not() -> None:
    once = window(start="2026-12-20T22:00:00+01:00", end="2026-12-20T23:00:00+01:00")
    assert look("2026-12-20T20:59:59Z", once).window is None
    assert opens(look("2026-12-20T20:59:59Z", once)) == "2026-12-20T21:00:00Z"
    inside = look("2026-12-20T21:00:00Z", once)
    assert (opens(inside), inside.window and inside.window.zone) == ("2026-12-20T21:00:00Z", "+01:00")
    assert look("2026-12-20T21:59:59.999Z", once).window is not None
    assert look("2026-12-20T22:00:00Z", once) == Calendar(at=datetime(2026, 12, 20, 22, tzinfo=UTC).timestamp())


def test_a_window_that_lies_too_far_ahead_is_none() -> None:
    assert look("2025-11-15T00:00:01Z", window(start="2026-12-20T00:00:00Z", end="2026-12-21T00:00:00Z")).opening
    assert not look("2025-11-14T00:00:00Z", window(start="2026-12-20T00:00:00Z", end="2026-12-21T00:00:00Z")).opening


def test_a_moment_is_written_in_either_zone() -> None:
    once = window(start="2026-12-20T22:00:00+05:30", end="2026-12-20T23:00:00+05:30")
    calendar = look("2026-12-20T00:00:00Z", once)
    assert calendar.opening is not None
    assert calendar.written(calendar.opening[0], calendar.opening[1].zone) == "2026-12-20T22:00:00+05:30"


# Again and again


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-24T20:59:59Z", "2026-11-24T21:00:00Z"),  # a Tuesday
        ("2026-11-24T21:00:00Z", "2026-11-24T21:00:00Z"),
        ("2026-11-25T00:59:59Z", "2026-11-25T00:59:59Z"),  # past midnight it is still that of Tuesday
        ("2026-11-25T01:00:00Z", "2026-11-26T21:00:00Z"),
        ("2026-11-27T01:00:00Z", "2026-12-01T21:00:00Z"),
    ],
)
def test_a_window_past_midnight_belongs_to_the_day_on_which_it_starts(at: str, expected: str) -> None:
    assert opens(look(at, window(days=["tue", "thu"], opens="22:00", to="02:00", zone=BERLIN))) == expected


def test_days_alone_are_whole_days() -> None:
    weekend = window(days=["sat", "sun"], zone=BERLIN)
    friday = look("2026-11-27T12:00:00Z", weekend)
    assert opens(friday, BERLIN) == "2026-11-28T00:00:00+01:00"
    sunday = look("2026-11-29T22:59:59Z", weekend)
    assert sunday.window is not None
    assert sunday.written(sunday.window.end, BERLIN) == "2026-11-30T00:00:00+01:00"


def test_the_zone_is_utc_unless_given() -> None:
    assert opens(look("2026-07-01T12:00:00Z", window(opens="22:00", to="23:00"))) == "2026-07-01T22:00:00Z"


def test_a_leap_day_is_a_day() -> None:
    saturday = window(days=["sat"], opens="10:00", to="11:00", zone=BERLIN)
    assert opens(look("2048-02-28T12:00:00Z", saturday), BERLIN) == "2048-02-29T10:00:00+01:00"


@pytest.mark.parametrize(
    ("zone", "day", "configured", "lies"),
    [
        # It starts at a time that clocks skip: at the first moment after it. In Lord Howe they skip half an hour.
        (BERLIN, "2026-03-29", "02:30 04:00", "03:00:00+02:00 04:00:00+02:00"),
        (BERLIN, "2026-03-29", "02:53 04:00", "03:00:00+02:00 04:00:00+02:00"),
        (NEW_YORK, "2026-03-08", "02:00 03:30", "03:00:00-04:00 03:30:00-04:00"),
        (LORD_HOWE, "2026-10-04", "02:15 05:00", "02:30:00+11:00 05:00:00+11:00"),
        (SANTIAGO, "2026-09-06", "00:00 02:00", "01:00:00-03:00 02:00:00-03:00"),
        # It ends at one.
        (BERLIN, "2026-03-29", "01:00 02:30", "01:00:00+01:00 03:00:00+02:00"),
        # Clocks show these times twice: from the first start until the first end.
        (BERLIN, "2026-10-25", "02:15 02:45", "02:15:00+02:00 02:45:00+02:00"),
        (BERLIN, "2026-10-25", "01:00 02:30", "01:00:00+02:00 02:30:00+02:00"),
        (BERLIN, "2026-10-25", "02:30 04:00", "02:30:00+02:00 04:00:00+01:00"),
        (BERLIN, "2026-10-25", "01:00 04:00", "01:00:00+02:00 04:00:00+01:00"),
    ],
)
def test_changes_of_the_clocks(zone: str, day: str, configured: str, lies: str) -> None:
    start, end = configured.split()
    morning = datetime.fromisoformat(day).replace(tzinfo=time_zone(zone))
    calendar = look(
        (morning.astimezone(UTC) - timedelta(minutes=1)).isoformat(), window(opens=start, to=end, zone=zone)
    )
    assert calendar.opening is not None
    times = calendar.opening[0], calendar.opening[1].end
    assert [calendar.written(time, zone) for time in times] == [f"{day}T{time}" for time in lies.split()]


def test_a_window_that_clocks_skip_whole_is_not_there_on_that_day() -> None:
    calendar = look("2026-03-28T12:00:00Z", window(opens="02:10", to="02:50", zone=BERLIN))
    assert opens(calendar, BERLIN) == "2026-03-30T02:10:00+02:00"


def test_a_freeze_lasts_until_the_last_of_two_equal_times() -> None:
    freeze = window(opens="02:15", to="02:45", zone=BERLIN)
    held = look("2026-10-25T00:15:00Z", freezes=(freeze,))
    assert opens(held, BERLIN) == "2026-10-25T02:45:00+01:00"
    assert held.freeze is not None
    assert held.freeze.end - held.freeze.start == 5400


def test_every_moment_of_a_year_is_where_the_clock_on_the_wall_says() -> None:
    """Against the plain reading of a clock; both agree but for the hour that is shown twice."""
    nightly = window(days=["mon", "sun"], opens="22:30", to="03:10", zone=BERLIN)
    zone, at = time_zone(BERLIN), datetime(2026, 1, 1, tzinfo=UTC)
    differing = []
    while at.year < 2027:
        local = at.astimezone(zone)
        clock, day, yesterday = local.strftime("%H:%M"), local.weekday(), (local - timedelta(days=1)).weekday()
        plainly = (clock >= "22:30" and day in (0, 6)) or (clock < "03:10" and yesterday in (0, 6))
        if plainly is not (look(at.isoformat(), nightly).window is not None):
            differing.append(local.isoformat())
        at += timedelta(hours=13, minutes=7)
    assert differing == []


# Freezes


def test_a_freeze_wins_over_overlapping_windows() -> None:
    one = window(start="2026-12-01T08:00:00Z", end="2026-12-01T12:00:00Z")
    other = window(start="2026-12-01T10:00:00Z", end="2026-12-01T14:00:00Z")
    freezes = (
        window(start="2026-12-01T09:00:00Z", end="2026-12-01T11:00:00Z"),
        window(start="2026-12-01T10:30:00Z", end="2026-12-01T13:00:00Z"),
    )
    assert opens(look("2026-12-01T08:59:59Z", one, other, freezes=freezes)) == "2026-12-01T08:59:59Z"
    frozen = look("2026-12-01T09:00:00Z", one, other, freezes=freezes)
    assert opens(frozen) == "2026-12-01T13:00:00Z"
    assert frozen.window is not None
    assert frozen.freeze is not None
    assert frozen.freeze.window == "2026-12-01T09:00:00Z to 2026-12-01T11:00:00Z"
    both = look("2026-12-01T10:45:00Z", one, other, freezes=freezes)
    assert both.freeze is not None
    assert both.freeze.window.endswith("13:00:00Z"), "of two, the one that lasts longer"
    assert opens(look("2026-12-01T13:00:00Z", one, other, freezes=freezes)) == "2026-12-01T13:00:00Z"


def test_without_windows_every_time_outside_a_freeze_is_one() -> None:
    weekend = window(days=["sat", "sun"])
    assert opens(look("2026-11-28T12:00:00Z", freezes=(weekend,))) == "2026-11-30T00:00:00Z"
    assert opens(look("2026-11-27T12:00:00Z", freezes=(weekend,))) == "2026-11-27T12:00:00Z"


def test_a_freeze_without_end_in_sight_leaves_nothing() -> None:
    forever = window(start="2026-01-01T00:00:00Z", end="2036-01-01T00:00:00Z")
    assert look("2026-11-28T12:00:00Z", window(days=["mon"]), freezes=(forever,)).opening is None
    assert look("2026-11-28T12:00:00Z", freezes=(forever,)).opening is None
    daily = window(opens="00:00", to="24:00", zone=BERLIN)
    assert look("2026-11-28T12:00:00Z", window(days=["mon"]), freezes=(daily,)).opening is None


@pytest.mark.parametrize("at", [253_402_300_000.0, 1e18, -1e18])
def test_where_no_calendar_reaches_it_cannot_be_known(at: float) -> None:
    with pytest.raises(CannotKnow, match="cannot be told"):
        gather(Calendar, world(at=at), (window(days=["mon"], zone=BERLIN),), ())

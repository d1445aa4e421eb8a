"""Calendars and time spans of systemd as one text each, so that two can be compared whichever way they are written.

Sources: systemd.time(7) and `systemd-analyze calendar` of systemd 252. Fractions of seconds and `@` with a number of
seconds are not understood here.
"""

from __future__ import annotations

import re

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = {
    "minutely": "*-*-* *:*:00",
    "hourly": "*-*-* *:00:00",
    "daily": "*-*-* 00:00:00",
    "weekly": "Mon *-*-* 00:00:00",
    "monthly": "*-*-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00",
    **dict.fromkeys(("yearly", "annually", "anually"), "*-01-01 00:00:00"),
    **dict.fromkeys(
        ("semiannually", "semi-annually", "biannually", "bi-annually"),
        "*-01,07-01 00:00:00",
    ),
}
_UNITS = {
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
    **dict.fromkeys(("M", "month", "months"), 2_629_800),
    **dict.fromkeys(("y", "year", "years"), 31_557_600),
}
_DAY_NAME = "|".join(f"{day}|{day[:3]}" for day in _DAYS)
_WEEKDAYS = rf"(?:{_DAY_NAME})(?:(?:\.\.|-)(?:{_DAY_NAME}))?"
_FIELD = r"\*|\d+(?:\.\.\d+)?(?:/\d+)?(?:,\d+(?:\.\.\d+)?(?:/\d+)?)*"
_CALENDAR = (
    rf"(?:(?P<weekdays>{_WEEKDAYS}(?:,{_WEEKDAYS})*),?(?:\ +|$))?"
    rf"(?:(?:(?P<year>{_FIELD})-)?(?P<month>{_FIELD})(?P<from>[-~])(?P<day>{_FIELD})(?:\ +|$))?"
    rf"(?:(?P<hour>{_FIELD}):(?P<minute>{_FIELD})(?::(?P<second>{_FIELD}))?)?"
)


def span_seconds(text: str) -> int:
    """A time span such as `1h 30min` in seconds. Raises ValueError for another text, and for fractions of seconds."""
    parts = re.findall(r"\s*(\d+)\s*([a-zA-Z]*)", text)
    if not re.fullmatch(r"(?:\s*\d+\s*[a-zA-Z]*)+\s*", text, re.ASCII) or any(unit not in _UNITS for _, unit in parts):
        raise ValueError(f"{text!r} is not a time span such as 15min, of whole seconds")
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def calendar_text(text: str) -> str:
    """A calendar as its fields, each `*` or all its values. Raises ValueError when it is not understood."""
    body, zone = _zone(text)
    body = _SHORT.get(body.lower(), body)
    found = re.fullmatch(_CALENDAR, body, re.ASCII | re.IGNORECASE)
    if not found or not body:
        raise ValueError(f"{text!r} is not a calendar of systemd such as `Mon..Fri 09:00`")
    fields = [
        _weekdays(found["weekdays"] or ""),
        _values(found["year"] or "*", 1970, 2199, text),
        _values(found["month"] or "*", 1, 12, text),
        _days(found["day"] or "*", text, from_end=found["from"] == "~"),
        _values(found["hour"] or "0", 0, 23, text),
        _values(found["minute"] or "0", 0, 59, text),
        _values(found["second"] or "0", 0, 59, text),
    ]
    return " ".join([*fields, zone]).strip()


def _zone(text: str) -> tuple[str, str]:
    """A calendar without its time zone, and that."""
    body, space, last = text.rpartition(" ")
    if not space or not re.match(r"[A-Za-z]", last) or re.fullmatch(rf"{_WEEKDAYS}(?:,{_WEEKDAYS})*", last, re.I):
        return text, ""
    if last.lower() == "utc":
        return body, "UTC"
    from guardrails.facts.calendar import time_zone

    time_zone(last)
    return body, last


def _weekdays(text: str) -> str:
    names = [day[:3] for day in _DAYS]
    found: set[int] = set()
    for part in text.lower().split(",") if text else ():
        ends = [names.index(day[:3]) for day in re.split(r"\.\.|-", part)]
        if ends[0] > ends[-1]:
            raise ValueError(f"{part!r} runs backwards: systemd takes no such range of weekdays")
        found.update(range(ends[0], ends[-1] + 1))
    return ",".join(names[day] for day in sorted(found)) if 0 < len(found) < 7 else "*"


def _days(text: str, whole: str, *, from_end: bool) -> str:
    """Days of a month; those counted from its end are a day or a range of days alone."""
    if not from_end or text == "*":
        return _values(text, 1, 31, whole)
    if set(text) & set(",/"):
        raise ValueError(f"{whole!r} lists or repeats days from the end of a month, which is not understood here")
    return "~" + _values(text, 1, 28, whole)


def _values(text: str, first: int, last: int, whole: str) -> str:
    if text == "*":
        return text
    found: set[int] = set()
    for part in text.split(","):
        written, _, step = part.partition("/")
        start, *end = (_year(number) if last > 99 else int(number) for number in written.split(".."))
        stop = end[0] if end else last if step else start
        if start > stop or (step and int(step) == 0) or (step and not end and start + int(step) > last):
            raise ValueError(f"{part!r} in {whole!r} does not go on")  # a repetition without an end comes twice
        values = range(start, stop + 1, int(step or 1))
        if start < first or values[-1] > last:
            raise ValueError(f"{part!r} in {whole!r} is not from {first} to {last}")
        found.update(values)
    return "*" if len(found) == last - first + 1 else ",".join(map(str, sorted(found)))


def _year(text: str) -> int:
    year = int(text)
    return year + 2000 if year < 70 else year + 1900 if year < 100 else year

"""A time as a person says it: `tomorrow`, `friday 18:00`, `in 3 days`, `2026-12-01`.

dateparser reads it, in English. It guesses what a text leaves open, so it is asked several times with other guesses,
and only a text that always comes out the same is taken. A day without a time is the moment in which it begins. Where
no zone is named, clocks are those of this machine. Times that programs write are read by `wording.times` alone.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any

ACCEPTED = "tomorrow, friday 18:00, in 3 days, 7d, 2026-12-01, or 2026-12-01T18:00:00+01:00"
_LONGEST = 50  # characters
_DAY = 86_400.0  # seconds
_ZONE = r"(\bUTC|\bGMT|\dZ|[+-][0-9]{2}:?[0-9]{2})$"  # other names, such as IST, have several meanings
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_time(text: str, now: float) -> datetime:
    """The moment that a text means when it is said at `now`, in seconds since the epoch, with its zone.

    Raises ValueError with one clear line for what means nothing, and for what may mean several moments.
    """
    from datetime import datetime

    if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):  # of which dateparser would swap day and month, if need be
        try:
            day = datetime.fromisoformat(text[:10])
        except ValueError:
            raise ValueError(f"{text[:10]} is not a day; write {ACCEPTED}") from None
        if len(text) == len("2026-12-01"):
            return _here(day)
    if not text.isascii() or len(text) > _LONGEST:
        raise ValueError(f"it means no time; write {ACCEPTED}")
    found, *others = dict.fromkeys(_readings(text, now))
    if found is None:
        raise ValueError(f"it means no time; write {ACCEPTED}")
    if others or _is_unclear(text, found, now):
        raise ValueError(f"it may mean several times; write {ACCEPTED}")
    named = [day for day in _DAYS if re.search(rf"\b({day}|{day[:3]})\b", text.lower())]
    if any(day != _DAYS[found.weekday()] for day in named):
        raise ValueError(f"{found.date()} is a {_DAYS[found.weekday()].capitalize()}; write {ACCEPTED}")
    return found if found.tzinfo else _here(found)


def _readings(text: str, now: float) -> Iterator[datetime | None]:
    """Each reading of the text, by every order of day and month, with missing parts filled either way."""
    for order in ("YMD", "DMY", "MDY"):
        for filling in ("first", "last"):
            yield _read(text, now, DATE_ORDER=order, PREFER_DAY_OF_MONTH=filling, PREFER_MONTH_OF_YEAR=filling)


def _read(text: str, now: float, **guesses: Any) -> datetime | None:
    """What dateparser makes of the text; without a zone where the text names none."""
    from datetime import datetime

    import dateparser

    settings = {
        "RELATIVE_BASE": datetime.fromtimestamp(now),
        "PREFER_DATES_FROM": "future",
        "PARSERS": ["relative-time", "absolute-time"],
        **guesses,
    }
    return dateparser.parse(text, languages=["en"], settings=settings)


def _is_unclear(text: str, found: datetime, now: float) -> bool:
    """Whether people differ on what the text means, though dateparser reads it one way.

    `next friday` is the coming one or the one after it. A weekday said on that day is today or in a week. A day in
    another zone is counted from a clock there, and dateparser counts from the one here.
    """
    from datetime import timedelta

    if re.search(r"\bnext\b", text.lower()):
        return True
    yesterday = _read(text, now - _DAY, DATE_ORDER="YMD")
    if found.tzinfo:
        return yesterday != found or not re.search(_ZONE, text)
    return yesterday not in (found, found - timedelta(days=1))


def _here(naive: datetime) -> datetime:
    """A time that the clocks of this machine show, as a moment. Raises ValueError if they show it twice or never."""
    moment = naive.astimezone()
    if moment.replace(tzinfo=None) != naive:
        raise ValueError(f"clocks here never show {naive}, as they are put forward then")
    if naive.replace(fold=1).astimezone().utcoffset() != moment.utcoffset():
        raise ValueError(f"clocks here show {naive} twice, as they are put back then")
    return moment

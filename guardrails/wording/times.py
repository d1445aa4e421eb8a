"""The one reader of times: a time is RFC 3339 with its zone, wherever it stands.

Readers differ on when a date alone or a time without a zone is, so neither is a time. The many other forms of ISO 8601
(weeks, numbered days, hours alone) are not either.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

_DATE, _CLOCK = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
_TIME = rf"{_DATE}{_CLOCK}([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})"
_WITHOUT_ZONE = rf"{_DATE}({_CLOCK})?"


def moment(value: Any) -> datetime:
    """The moment that a text, or a time of TOML, names, with its offset as written.

    Raises ValueError with one clear line.
    """
    from datetime import UTC, date, datetime

    text = value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date too
    if re.fullmatch(_WITHOUT_ZONE, text):
        raise ValueError(f"{text!r} names no zone, as RFC 3339 wants it: write a time such as 2026-02-01T10:00:00Z")
    try:
        if re.fullmatch(_TIME, text):
            found = datetime.fromisoformat(text.upper())
            found.astimezone(UTC)  # the calendar ends before the last hours of some zones
            return found
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{text!r} is not a time of RFC 3339, such as 2026-02-01T10:00:00Z")


def seconds_of(value: Any) -> float:
    """The same moment in seconds since the epoch. Raises ValueError with one clear line."""
    return moment(value).timestamp()

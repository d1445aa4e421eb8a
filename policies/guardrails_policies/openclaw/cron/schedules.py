"""Schedules of cron jobs as one text each, so that two can be compared and shown.

A text is a cron expression (`0 9 * * 1-5`), an interval (`every 30m`) or a moment in UTC (`2027-01-15T08:00:00Z`).
"""

from __future__ import annotations

import time

from guardrails_policies.openclaw.cron.croner import normalise_spaces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}  # milliseconds
_CRON_SIGNS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*/,-?#+")


def stored_schedule(schedule: Mapping[str, Any]) -> tuple[str, str]:
    """The schedule of a stored job as text, and its time zone, which is empty when the job names none.

    The kinds are those of OpenClaw 2026.1.30 (at with atMs, every, cron), 2026.2.9 (at as ISO text) and 2026.9.6
    (on-exit and stream, which name a command instead of a time). Raises ValueError on anything else.
    """
    kind = schedule.get("kind")
    if kind == "cron":
        expression, zone = schedule.get("expr"), schedule.get("tz") or ""
        if not isinstance(expression, str) or not isinstance(zone, str):
            raise ValueError(f"cron expression {expression!r} in the zone {zone!r}")
        return _known(normalise_spaces(expression), "an empty cron expression"), zone.strip()
    if kind == "every":
        return every_text(schedule.get("everyMs")), ""
    if kind == "at":
        return moment_text(schedule.get("at", schedule.get("atMs"))), ""
    if kind in ("on-exit", "stream"):
        command = schedule.get("command", "")
        words = [command] if isinstance(command, str) else command
        return " ".join([kind, *(str(word) for word in words)]).strip(), ""
    raise ValueError(f"schedule of kind {kind!r}, which is not known")


def written_schedule(text: str) -> str:
    """A schedule as a person writes it, in the form of `stored_schedule`. Raises ValueError when it is not one."""
    text = text.strip()
    words = text.split()
    if words[:1] == ["every"] and len(words) == 2:
        number = words[1].rstrip("dhms")
        unit = words[1][len(number) :]
        if number.isdecimal() and unit in _UNITS:
            return every_text(int(number) * _UNITS[unit])
    elif is_moment(text):
        return moment_text(text, zone_needed=True)
    elif text.startswith("@") or len(words) in (5, 6, 7):
        return cron_text(text)
    raise ValueError(f"{text!r} is neither a cron expression, nor like `every 30m`, nor an RFC 3339 time")


def _known(text: str, otherwise: str) -> str:
    if not text:
        raise ValueError(otherwise)
    return text


def is_moment(schedule: str) -> bool:
    """Whether a schedule is a single moment, so that a job with it vanishes or is disabled once it ran."""
    return schedule[:4].isdecimal() and schedule[4:5] == "-"


def is_cron(schedule: str) -> bool:
    """Whether a schedule is a cron expression."""
    return bool(schedule) and not is_moment(schedule) and not schedule.startswith(("every ", "on-exit", "stream"))


def is_same_schedule(one: str, other: str) -> bool:
    """Whether two texts say the same: `MON` is `mon`, though `1` is another text."""
    return one.upper() == other.upper()


def cron_text(expression: str) -> str:
    """A cron expression with single spaces, as a person writes it. Raises ValueError on foreign characters."""
    text = normalise_spaces(expression)
    if not text or not _CRON_SIGNS.issuperset(text.replace(" ", "").removeprefix("@")):
        raise ValueError(f"{expression!r} is not a cron expression")
    return text


def every_text(milliseconds: Any) -> str:
    """An interval in the largest unit that divides it. Raises ValueError unless it is a positive whole number."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int) or milliseconds <= 0:
        raise ValueError(f"interval of {milliseconds!r}, not a positive number")
    unit, size = next((unit, size) for unit, size in _UNITS.items() if milliseconds % size == 0)
    return f"every {milliseconds // size}{unit}"


def time_text(seconds: float) -> str:
    """A time in seconds since the epoch as RFC 3339 in UTC, in whole seconds. Raises ValueError as `moment_text`."""
    return moment_text(round(seconds) * 1000)


def moment_text(moment: Any, *, zone_needed: bool = False) -> str:
    """A moment as RFC 3339 in UTC, from milliseconds since the epoch or from ISO text.

    Text without a zone means UTC, as it does to OpenClaw, unless `zone_needed`. Raises ValueError on anything else.
    """
    if isinstance(moment, str):
        from datetime import UTC, datetime

        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None and zone_needed:
            raise ValueError(f"{moment!r} names no zone: end it with Z or an offset such as +01:00")
        moment = round(parsed.replace(tzinfo=parsed.tzinfo or UTC).timestamp() * 1000)
    if isinstance(moment, bool) or not isinstance(moment, int):
        raise ValueError(f"time of {moment!r}, neither milliseconds nor ISO text")
    try:
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment // 1000))
    except (OverflowError, OSError):
        raise ValueError(f"time of {moment!r}, which no calendar reaches") from None
    fraction = f".{moment % 1000:03}" if moment % 1000 else ""
    return f"{text}{fraction}Z"

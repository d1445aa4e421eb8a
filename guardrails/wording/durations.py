"""How long, as people write it (`15m`, `7d`, `1.5h`) and as they say it (`3 hours ago`, `in 5 days`)."""

from __future__ import annotations

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_SPOKEN = (("year", 31_557_600), ("day", 86_400), ("hour", 3600), ("minute", 60))  # seconds of each


def seconds(text: str, option: str = "") -> float:
    """A duration in seconds. Raises ValueError with one clear line, which names the option, for another text."""
    number = text.rstrip("dhmsw")
    unit = _SECONDS.get(text[len(number) :])
    digits = number.replace(".", "", 1)
    if unit is None or not (digits.isascii() and digits.isdecimal()) or len(digits) > 9 or not float(number):
        raise ValueError(f"{option and f'{option}: '}{text!r} is not a duration such as 30s, 15m, 24h or 7d")
    return float(number) * unit


def say_duration(length: float) -> str:
    """A length of time in seconds, as it is said: whole units of the largest kind of which there are at least two.

    The rest is dropped, so that 47 hours are "47 hours", and two days and a half "2 days".
    """
    for unit, size in _SPOKEN:
        if length >= 2 * size:
            return f"{int(length // size)} {unit}s"
    return "1 second" if int(length) == 1 else f"{int(length)} seconds"


def relative(at: float, now: float) -> str:
    """A time as seen from another one, both in seconds since the epoch: "3 hours ago", "in 5 days" or "just now".

    It belongs into messages alone: what a finding observed is part of its fingerprint, and must not grow older.
    """
    if abs(now - at) < 1:
        return "just now"
    return f"{say_duration(now - at)} ago" if at < now else f"in {say_duration(at - now)}"

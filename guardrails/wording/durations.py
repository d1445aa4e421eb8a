"""How long, as people write it: `15m`, `7d`, `1.5h`."""

from __future__ import annotations

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


def seconds(text: str, option: str = "") -> float:
    """A duration in seconds. Raises ValueError with one clear line, which names the option, when the text is none."""
    number = text.rstrip("dhmsw")
    unit = _SECONDS.get(text[len(number) :])
    digits = number.replace(".", "", 1)
    if unit is None or not (digits.isascii() and digits.isdecimal()) or len(digits) > 9 or not float(number):
        raise ValueError(f"{option and f'{option}: '}{text!r} is not a duration such as 30s, 15m, 24h or 7d")
    return float(number) * unit

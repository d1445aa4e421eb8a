"""What a cron expression means to croner, the library by which OpenClaw reads it: 9.1 or 10.0, by OpenClaw's version.

No library for Python means the same. croner takes a list with `*` in it for a restriction, `?` for the time at which it
looks (9.1) or for a `*` that restricts (10.0), `5L` for every Friday (9.1) or the last one (10.0), and forgives much.
Expressions, with what both versions made of them, are recorded beside the tests, which also ask croner itself.
"""

from __future__ import annotations

import re

from guardrails_policies.openclaw.cron.patterns import EVERY, LAST, Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

OLDER, NEWER = "9.1", "10.0"

_SPACES = "[ \t\n\v\f\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+"  # of JavaScript
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",  # not known to 9.1
    "@hourly": "0 * * * *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SIGNS = "/*0-9,\\-"
_OTHER_SIGNS = {OLDER: {5: "#L"}, NEWER: {3: "WwLl", 5: "#Ll"}}  # of days and weekdays


# The seven fields; Sunday is 0 and may be written 7.
SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY, YEAR = FIELDS = range(7)
_NAMES = ("second", "minute", "hour", "day", "month", "weekday", "year")
_LIMITS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7), (1, 9999))
_STEPS = (60, 60, 24, 31, 12, 7, 10_000)  # the greatest that croner takes


def parse(expression: str, version: str, now: datetime | None = None) -> Pattern:
    """Read an expression as that version of croner does. `now` is what the clock shows, which only a `?` asks for.

    Raises ValueError when croner refuses it.
    """
    try:
        return _Reader(expression, version, now).pattern()
    except ValueError as error:
        raise ValueError(f"croner {version} refuses the cron expression {expression!r}: {error}") from None


def normalise_spaces(expression: str) -> str:
    """An expression with one space between its fields; the same characters count as space as in croner."""
    if expression.isascii() and expression.isprintable():  # then it is " " alone, and a store is read 10 % sooner
        return " ".join(expression.split())
    return re.sub(_SPACES, " ", expression).strip(" ")


class _Reader:
    """Reads one expression; the steps and their order are croner's, since they show in what comes out."""

    def __init__(self, expression: str, version: str, now: datetime | None) -> None:
        self.newer = version != OLDER
        text = normalise_spaces(expression)
        if ":" in text[1:]:
            raise ValueError("with a colon it is taken for a moment")
        if nickname := _NICKNAMES.get(text.lower()):
            if text.lower() == "@midnight" and not self.newer:
                raise ValueError("it is no nickname")
            text = nickname
        fields = text.split(" ")
        if not 5 <= len(fields) <= (7 if self.newer else 6):
            raise ValueError(f"it has {len(fields)} fields")
        fields = ["0", *fields] if len(fields) == 5 else fields
        self.texts = dict(zip(FIELDS, [*fields, "*"][:7], strict=True))
        self.now = now

    def pattern(self) -> Pattern:
        """What the expression means."""
        texts = self.texts
        last_weekday = self.newer and texts[DAY].upper() == "LW"
        last_day = not last_weekday and ("L" in (texts[DAY].upper() if self.newer else texts[DAY]))
        if last_weekday or last_day:
            texts[DAY] = re.sub("(?i)l", "", texts[DAY]) if self.newer else texts[DAY].replace("L", "", 1)
            texts[DAY] = "" if last_weekday else texts[DAY]
        texts[MONTH] = _numbered(texts[MONTH], _MONTHS, 1)
        texts[WEEKDAY] = _numbered(texts[WEEKDAY], _WEEKDAYS, 0)
        both = self.newer and texts[WEEKDAY].startswith("+")
        texts[WEEKDAY] = texts[WEEKDAY][both:]
        stars = {field for field, text in texts.items() if text == "*"}
        self._fill_in(stars)
        self._refuse_other_signs()
        values = {field: frozenset(self._values(field)) for field in (SECOND, MINUTE, HOUR, MONTH)}
        days = list(self._days(may_be_empty=last_day or last_weekday))
        weekdays = list(self._weekdays())
        return Pattern(
            tuple(sorted(values[SECOND])),
            tuple(sorted(values[MINUTE])),
            tuple(sorted(values[HOUR])),
            frozenset(day for day, nearest in days if not nearest),
            values[MONTH],
            tuple(frozenset().union(*(which for day, which in weekdays if day % 7 == one)) for one in range(7)),
            nearest=frozenset(day for day, nearest in days if nearest),
            last_day=last_day,
            last_weekday=last_weekday,
            both=both or DAY in stars,
            any_weekday=WEEKDAY in stars,
            years=None if YEAR in stars else frozenset(self._values(YEAR)),
        )

    def _fill_in(self, stars: set[int]) -> None:
        """Replace `?`: by `*`, which is not counted as one, or to 9.1 by what the clock shows, once in a field."""
        if self.newer:
            self.texts = {field: text.replace("?", "*") for field, text in self.texts.items()}
            return
        if self.now is None:
            return
        shown = (self.now.second, self.now.minute, self.now.hour, self.now.day, self.now.month)
        for field, number in zip(FIELDS, (*shown, self.now.isoweekday() % 7), strict=False):
            if field not in (DAY, WEEKDAY) or field not in stars:
                self.texts[field] = self.texts[field].replace("?", str(number), 1)

    def _refuse_other_signs(self) -> None:
        others = _OTHER_SIGNS[NEWER if self.newer else OLDER]
        for field, text in self.texts.items():
            if re.search(f"[^{_SIGNS}{others.get(field, '')}]", text):
                raise ValueError(f"the {_NAMES[field]} {text!r} has a foreign character")

    def _values(self, field: int) -> Iterator[int]:
        for part in self.texts[field].split(","):
            yield from self._numbers(field, part, part)

    def _days(self, *, may_be_empty: bool) -> Iterator[tuple[int, bool]]:
        """The days of the month, and of each whether the nearest weekday is meant."""
        for part in self.texts[DAY].split(","):
            if not part and may_be_empty:
                continue
            nearest = "W" in part.upper()
            if nearest and ("-" in part or "/" in part):
                raise ValueError("W belongs to a single day")
            yield from ((day, nearest) for day in self._numbers(DAY, part, part))

    def _weekdays(self) -> Iterator[tuple[int, frozenset[int]]]:
        """The days of the week, and which of a month's are meant."""
        for part in self.texts[WEEKDAY].split(","):
            head, sign, which = part.partition("#")
            if not sign and self.newer and part.upper().endswith("L"):
                head, which = part[:-1], "L"
            which = which.split("#")[0]
            if which == "L" or (self.newer and which == "l"):
                meant = frozenset({LAST})
            elif not which:
                meant = EVERY
            elif which.isdecimal() and 0 < int(which) < 6:
                meant = frozenset({int(which)})
            else:
                raise ValueError(f"a month has no {which!r} of a day of the week")
            yield from ((day, meant) for day in self._numbers(WEEKDAY, head, part))

    def _numbers(self, field: int, text: str, part: str) -> Iterator[int]:
        """The values of one part of a list; `text` is the part without what follows a day of the week."""
        low, high = _LIMITS[field]
        if not part:
            raise ValueError(f"the {_NAMES[field]} is empty")
        if part == "*":
            numbers = range(low, high + 1)
        elif "-" in part and "/" in part:
            found = re.fullmatch(r"(\d+)-(\d+)/(\d+)", text)
            if found is None:
                raise ValueError(f"{part!r} is no range with a step")
            numbers = self._range(field, *(int(number) for number in found.groups()))
        elif "-" in part:
            numbers = self._range(field, *self._two(text, "-"), 1)
        elif "/" in part:
            numbers = self._step(field, text)
        else:
            numbers = range(self._number(text), self._number(text) + 1)
        if numbers and not low <= numbers[0] <= numbers[-1] <= high:
            raise ValueError(f"{part!r} is no {_NAMES[field]}")
        yield from numbers

    def _two(self, text: str, sign: str) -> tuple[int, int]:
        first, *rest = text.split(sign)
        if len(rest) != 1:
            raise ValueError(f"{text!r} is not two numbers")
        return self._number(first), self._number(rest[0])

    def _range(self, field: int, first: int, last: int, step: int) -> range:
        if first > last or not 0 < step <= _STEPS[field]:
            raise ValueError(f"the range of the {_NAMES[field]} goes from {first} to {last} by {step}")
        return range(first, last + 1, step)

    def _step(self, field: int, text: str) -> range:
        """From `*`, or to 9.1 from a number on: one that it cannot read leaves nothing."""
        start, *rest = text.split("/")
        if len(rest) != 1 or (self.newer and start != "*"):
            raise ValueError(f"{text!r} is no step")
        step = self._number(rest[0])
        if not 0 < step <= _STEPS[field]:
            raise ValueError(f"the step {step} does not fit a {_NAMES[field]}")
        end = (6 if field == WEEKDAY else _LIMITS[field][1]) + 1
        if start in ("*", ""):
            return range(0 if field == YEAR else _LIMITS[field][0], end, step)
        return range(self._number(start), end, step) if start[0].isdecimal() else range(0)

    def _number(self, text: str) -> int:
        """The digits that a text begins with; what follows them is forgiven."""
        found = re.match(r"\d+", text)
        if found is None:
            raise ValueError(f"{text!r} is not a number")
        return int(found[0])


def _numbered(text: str, names: tuple[str, ...], first: int) -> str:
    """Names of months or days as their numbers, wherever they stand; a Sunday that ends a range is 7."""
    numbers = {name: str(number) for number, name in enumerate(names, first)} | {"-sun": "-7"}
    sought = "|".join(("-sun", *names))
    return re.sub(sought, lambda found: numbers[found[0].lower()], text, flags=re.IGNORECASE | re.ASCII)

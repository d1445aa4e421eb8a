"""When a cron expression fires, once it is read: as croner, the library of OpenClaw, walks through the calendar."""

from __future__ import annotations

from guardrails import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

CYCLE = 146_097  # days after which the calendar repeats: what does not fire in these never does
LAST = 0  # the last weekday of its kind in a month, beside the first to the fifth
EVERY = frozenset({1, 2, 3, 4, 5, LAST})


class Pattern(Record):
    """A cron expression as what a clock on the wall shows when it fires.

    `nearest` are days of the month, of each of which the nearest weekday is meant (`15W`). `weekdays` says of each day
    of the week, Sunday 0, which of a month's are meant. A day must be of the month `and` of the week if `both`, else
    one of the two is enough; `any_weekday` leaves the week out. `years` is None for all.
    """

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: tuple[frozenset[int], ...]
    nearest: frozenset[int] = frozenset()
    last_day: bool = False
    last_weekday: bool = False
    both: bool = False
    any_weekday: bool = False
    years: frozenset[int] | None = None

    def walls(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """What the clock shows at each fire from `first` to `last`, in order; both are without a zone."""
        from datetime import datetime

        for day in self._days(first.date(), last.date()):
            if first.date() < day.replace(day=1) and self._is_passed_over(day):
                continue
            begun = day == first.date()
            for hour in self.hours:
                for minute in self.minutes if not begun or hour >= first.hour else ():
                    if begun and (hour, minute) < (first.hour, first.minute):
                        continue
                    for second in self.seconds:
                        wall = datetime(day.year, day.month, day.day, hour, minute, second)
                        if wall > last:
                            return
                        if wall >= first:
                            yield wall

    def _days(self, first: date, last: date) -> Iterator[date]:
        """The days on which it fires; years and months without any are passed over at once."""
        number, end = first.toordinal(), last.toordinal()
        while number <= end:
            day = first.fromordinal(number)
            if self.years is not None and day.year not in self.years:
                number = day.replace(month=12, day=31).toordinal() + 1
            elif day.month not in self.months:
                number += _length(day) - day.day + 1
            else:
                if self.includes(day):
                    yield day
                number += 1

    def fires_after(self, moment: datetime) -> bool:
        """Whether it fires at all from that moment on: `0 0 31 2 *` does not."""
        from datetime import datetime, timedelta

        end = datetime.fromordinal(min(moment.toordinal() + CYCLE, datetime.max.toordinal() - 1))
        if self.years is not None:
            end = datetime.max
        return next(self.walls(moment + timedelta(seconds=1), end), None) is not None

    def includes(self, day: date) -> bool:
        """Whether it fires on that day of one of its months and years, at some time."""
        length = _length(day)
        of_month = (
            day.day in self.days
            or (self.last_day and day.day == length)
            or (self.last_weekday and day.day == length - max(0, day.replace(day=length).weekday() - 4))
            or any(day.day == _nearest_weekday(day, one, length) for one in self.nearest)
        )
        return self._is_meant(day.day, day.isoweekday() % 7, length, of_month=of_month)

    def _is_meant(self, number: int, weekday: int, length: int, *, of_month: bool) -> bool:
        """Whether a day is meant, with that number in a month of that length."""
        if self.any_weekday:
            return of_month
        meant = self.weekdays[weekday]
        of_week = (number + 6) // 7 in meant or (LAST in meant and number + 7 > length)
        return (of_month and of_week) if self.both else (of_month or of_week)

    def _is_passed_over(self, day: date) -> bool:
        """Whether croner, on its way through February, takes the 30th or 31st of it for a day after this one in March.

        `0 0 1,30 * *` fires on no first of March.
        """
        if day.month != 3 or day.day > 2 or 2 not in self.months:
            return False
        length = _length(day.replace(month=2))
        for number in range(length + 1, 32):
            weekday = day.replace(day=number - length).isoweekday() % 7
            if self._is_meant(number, weekday, length, of_month=number in self.days):
                return day.day < number - length
        return False


def _nearest_weekday(month: date, day: int, length: int) -> int | None:
    """The weekday that is nearest to that day and in the same month; None when the month has no such day."""
    if day > length:
        return None
    weekday = month.replace(day=day).isoweekday()
    if weekday == 6:
        return day - 1 if day > 1 else day + 2
    if weekday == 7:
        return day + 1 if day < length else day - 2
    return day


def _length(month: date) -> int:
    """How many days a month has."""
    leap = month.year % 4 == 0 and (month.year % 100 != 0 or month.year % 400 == 0)
    return 28 + leap if month.month == 2 else 30 if month.month in (4, 6, 9, 11) else 31

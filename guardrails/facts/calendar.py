"""Announced windows and freezes as intervals of real time, whatever clocks do in between.

This module has real annotations, since the table of options in it is validated by them at run time.
"""

from types import MappingProxyType

from guardrails.errors import CannotKnow
from guardrails.policy import Fact
from guardrails.record import Record
from guardrails.wording.times import moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, tzinfo

    from guardrails.policy import World

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON = 400  # days ahead that are looked at: whatever recurs by the week, and once a year, is in there
_BEFORE = 2  # days back: a window of yesterday may last until tonight


class _Times(Record):
    start: str = ""
    end: str = ""
    days: tuple[str, ...] = ()
    to: str = ""
    zone: str = ""


class Window(_Times):
    """A time in which something may happen, or, as a freeze, may not.

    Either once, from `start` to `end`, both RFC 3339 with a zone; or again and again, on `days` (`mon` to `sun`, none
    for every day), `from` one time of day `to` another (00:00 to 24:00), in an IANA `zone` (UTC). When `to` is not
    later than `from`, it is of the next day: the window belongs to the day on which it starts.
    """

    empty = MappingProxyType(
        {
            "start": "judged: it recurs",
            "end": "judged: it recurs",
            "days": "judged: of every day",
            "from": "judged: from midnight",
            "to": "judged: to midnight",
            "zone": "judged: in UTC",
        }
    )

    # `from` is a word of Python, so it can be no annotated attribute; it is the key in the configuration all the same.
    # Records are made and read by name, `Window(**{"from": "22:00"})`, so this says all that the usual form would.
    __annotations__ = {"from": str}
    vars()["from"] = ""

    @property
    def opens(self) -> str:
        """The time of day at which it starts."""
        return self.__dict__["from"] or "00:00"

    @property
    def closes(self) -> str:
        """The time of day at which it is over."""
        return self.to or "24:00"

    @property
    def text(self) -> str:
        """The window in words, as in a report."""
        if self.start:
            return f"{self.start} to {self.end}"
        return f"{', '.join(self.days) or 'daily'} {self.opens} to {self.closes} {self.zone or 'UTC'}"

    def __post_init__(self) -> None:
        """Raise ValueError when the keys do not make one window."""
        once, recurs = self.start or self.end, self.days or self.__dict__["from"] or self.to
        if bool(once) == bool(recurs) or (once and self.zone):
            raise ValueError("a window has either start and end, or some of days, from, to and zone")
        if once:
            if moment(self.end) <= moment(self.start):
                raise ValueError(f"the window from {self.start} ends at {self.end}, which is not later")
            return
        if unknown := [day for day in self.days if day not in DAYS]:
            raise ValueError(f"{unknown[0]!r} is not a day; days are {', '.join(DAYS)}")
        if _minutes(self.opens) == _minutes(self.closes) or _minutes(self.opens) == 24 * 60:
            raise ValueError(f"the window from {self.opens} to {self.closes} is empty; a whole day is 00:00 to 24:00")
        time_zone(self.zone or "UTC")


class Interval(Record):
    """A window or freeze as it lies in time: from `start` until before `end`, in seconds since the epoch.

    `window` says it in words. `zone` is that of whoever announced it: an IANA name, or an offset such as +01:00.
    """

    start: float
    end: float
    window: str
    zone: str


class Calendar(Fact):
    """What is announced for now and next. `at` is now, in seconds since the epoch.

    `window` and `freeze` are those that `at` is in; of several, the one that ends last. `opening` is the first moment
    from `at` on that is in a window and in no freeze, with that window; it is `at` itself when it is both. It is None
    when there is none in the next 400 days. Without windows every moment is in one.
    """

    at: float
    window: Interval | None = None
    freeze: Interval | None = None
    opening: tuple[float, Interval] | None = None

    @classmethod
    async def gather(
        cls, world: "World", windows: tuple[Window, ...] = (), freezes: tuple[Window, ...] = ()
    ) -> "Calendar":
        """Lay the windows and freezes out around the time of the check. Raises CannotKnow where no calendar reaches."""
        try:
            closed = _lay_out(freezes, world.at, until_last=True)
            opened = _lay_out(windows, world.at, until_last=False)
        except (OverflowError, OSError, ValueError) as error:
            raise CannotKnow(f"the windows around the time {world.at} cannot be told: {error}") from None
        if not windows:
            opened = [Interval(world.at, world.at + HORIZON * 86_400, "whenever there is no freeze", "UTC")]
        return cls(world.at, _around(world.at, opened), _around(world.at, closed), _opening(world.at, opened, closed))

    @staticmethod
    def written(at: float, zone: str = "UTC") -> str:
        """A moment in RFC 3339, in the time of an IANA zone or offset."""
        from datetime import datetime

        text = datetime.fromtimestamp(at, time_zone(zone)).isoformat(timespec="seconds")
        return text.replace("+00:00", "Z") if zone == "UTC" else text


def time_zone(name: str) -> "tzinfo":
    """The zone of an IANA name, or of an offset such as +01:00. Raises ValueError when there is none of that name."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        if name[:1] in ("+", "-"):
            offset = datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo
            assert offset is not None
            return offset
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # KeyError: not found; OSError: a folder of zones, such as Europe
        raise ValueError(f"{name!r} is not a time zone, such as Europe/Berlin") from None


def _minutes(text: str) -> int:
    """A time of day, from 00:00 to 24:00, in minutes."""
    hour, colon, minute = text.partition(":")
    digits = hour + minute
    if len(hour) == len(minute) == 2 and colon and digits.isascii() and digits.isdecimal():
        minutes = int(hour) * 60 + int(minute)
        if minutes <= 24 * 60 and int(minute) < 60:
            return minutes
    raise ValueError(f"{text!r} is not a time of day, from 00:00 to 24:00")


def _lay_out(windows: "Sequence[Window]", at: float, *, until_last: bool) -> list[Interval]:
    """All of them that have not ended before `at` and start in the next 400 days, the earliest first."""
    found = [one for window in windows for one in (_once(window) if window.start else _daily(window, at, until_last))]
    near = [one for one in found if at < one.end and one.start <= at + HORIZON * 86_400]
    return sorted(near, key=lambda one: one.start)


def _once(window: Window) -> "Iterator[Interval]":
    start = moment(window.start)
    yield Interval(start.timestamp(), moment(window.end).timestamp(), window.text, start.isoformat()[-6:])


def _daily(window: Window, at: float, until_last: bool) -> "Iterator[Interval]":  # noqa: FBT001  # of a private function
    from datetime import datetime, timedelta

    name = window.zone or "UTC"
    zone, wanted = time_zone(name), [DAYS.index(day) for day in window.days]
    opens, closes = _minutes(window.opens), _minutes(window.closes)
    today = datetime.fromtimestamp(at, zone).date()
    for number in range(-_BEFORE, HORIZON + 1):
        day = today + timedelta(days=number)
        if wanted and day.weekday() not in wanted:
            continue
        start = _instant(day, opens, zone)
        end = _instant(day, closes if closes > opens else closes + 24 * 60, zone, last=until_last)
        if start < end:  # not so when both are skipped by one change of the clocks
            yield Interval(start, end, window.text, name)


def _instant(day: "date", minutes: int, zone: "tzinfo", *, last: bool = False) -> float:
    """When a clock in the zone shows that time. Shown twice, it is the first moment, or the `last`; never, the jump."""
    from datetime import UTC, datetime, timedelta

    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # what the clock shows
    once, again = (wall.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
    if once <= again:
        return again if last else once
    before, after = again, once  # a skipped time lies between these: one as if before the jump, one as if after it
    offset = datetime.fromtimestamp(before, zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, UTC).astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _around(at: float, intervals: "Sequence[Interval]") -> Interval | None:
    """Of those that have begun, the one that ends last; none has ended."""
    return max((one for one in intervals if one.start <= at), key=lambda one: one.end, default=None)


def _opening(at: float, opened: "Sequence[Interval]", closed: "Sequence[Interval]") -> tuple[float, Interval] | None:
    """The first moment from `at` on in one interval of `opened` and in none of `closed`; both sorted by start."""
    for window in sorted(opened, key=lambda one: max(one.start, at)):
        moment = max(window.start, at)
        for freeze in closed:
            if freeze.start <= moment < freeze.end:
                moment = freeze.end
        if moment < min(window.end, at + HORIZON * 86_400):
            return moment, window
    return None

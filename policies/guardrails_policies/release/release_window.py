"""Production changes only in an announced window and outside every freeze."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import (
    Calendar,
    Effect,
    Finding,
    MomentInQuestion,
    Note,
    NothingAsked,
    Policy,
    Severity,
    Window,
    a_look,
    ask,
)


class ReleaseWindow(Policy):
    """A change of production at a time that was not announced for it, or while a freeze holds.

    Why it matters
        People who rely on production plan around the announced times, and those who mend it are awake then. A time
        without its zone moves by hours for half of the team, and twice a year for all of it.
    Example
        windows = [{ days = ["tue", "thu"], from = "22:00", to = "02:00", zone = "Europe/Berlin" }]
        freezes = [{ start = "2026-12-20T00:00:00+01:00", end = "2027-01-04T00:00:00+01:00" }]
    Instead
        Wait for the next allowed time, which the finding and `guardrails plan` name, or announce another window.
        `guardrails check --at TIME` shows what would hold at that time.

    A window starts at `from` and is over at `to`; one that goes past midnight belongs to the day on which it starts. A
    freeze wins over every window. Where the clocks jump over a time, the first moment after it counts; where they show
    it twice, both begin at the first, a window ends at the first and a freeze at the last. `zone` is UTC unless given.
    With freezes alone, every other time is allowed.
    """

    id = "release-window"
    title = "It is an announced time, and there is no freeze"
    source = "deployment-rules release plan 1"
    severity = Severity.MEDIUM
    guards = ("*release window*", "*freeze window*")
    stricter = MappingProxyType({"freezes": "more"})
    empty = MappingProxyType(
        {
            "windows": "judged: every time outside the freezes is allowed; skipped without freezes",
            "freezes": "judged: every window is open; skipped without windows",
        }
    )

    windows: tuple[Window, ...] = ()
    freezes: tuple[Window, ...] = ()

    def evaluate(
        self, moment: MomentInQuestion, calendar: Calendar = ask("windows", "freezes")
    ) -> Iterator[Finding | Note | Effect]:
        """Say when it is next allowed, and whether that is now."""
        if not self.windows and not self.freezes:
            raise NothingAsked("no windows are announced (options windows and freezes)")
        now = Note(f"it is {calendar.written(calendar.at)}")  # apart from the finding, which stays the same until then
        if calendar.opening is None:
            yield now
            yield self._finding(
                calendar,
                "no allowed time within the next 400 days",
                _look(moment, "announce another window, in the option windows"),
            )
            return
        at, window = calendar.opening
        yield Effect("allowed", calendar.written(at), window.window)
        if at != calendar.at:
            yield now
            expected = f"next allowed: {_in_both(calendar, at, window.zone)}, in the window {window.window}"
            yield self._finding(calendar, expected, _what_if(moment, calendar.written(at)))

    def _finding(self, calendar: Calendar, expected: str, remediation: str) -> Finding:
        message, observed = "It is no announced time", "a time outside every announced window"
        if freeze := calendar.freeze:
            until = _in_both(calendar, freeze.end, freeze.zone)
            message, observed = "A freeze holds", f"a time in the freeze {freeze.window}, until {until}"
        return Finding(message=message, observed=observed, expected=expected, remediation=remediation)


def _in_both(calendar: Calendar, at: float, zone: str) -> str:
    """A moment in UTC, and in the zone in which it was announced."""
    if zone == "UTC":
        return calendar.written(at)
    name = "" if zone[0] in "+-" else f" {zone}"
    return f"{calendar.written(at)} ({calendar.written(at, zone)}{name})"


def _look(moment: MomentInQuestion, then: str) -> str:
    return a_look(moment.guardrails.line("config", "show"), then)


def _what_if(moment: MomentInQuestion, time: str) -> str:
    operation = ("--op", moment.operation) if moment.operation else ()
    candidate = ("--candidate", moment.candidate) if moment.candidate else ()
    command = moment.guardrails.line("check", "--env", moment.environment, *operation, *candidate, "--at", time)
    return a_look(f"{command} || true", "what will hold then; wait for it")  # a denial is an answer here

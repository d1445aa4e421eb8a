"""The verdicts of the audit log as they are shown: one bar for each, one line where something changed."""

from __future__ import annotations

from guardrails.record import Record
from guardrails.reporters.page.plain_values import number, table, tables, text, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

BAR, HEIGHT = 4, 28  # units of a drawing: how wide a verdict is with its gap, and how high the highest
_HEIGHTS = {"allow": 12, "deny": 28, "undecided": 20}


class Row(Record):
    """Verdicts on one moment that follow each other and say the same: of `first` to `last`, `count` of them.

    `new` block now and did not in the verdict before on that moment, `gone` did.
    """

    first: str
    last: str
    count: int
    moment: str
    state: str
    commit: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    errors: tuple[str, ...] = ()
    is_this: bool = False


class Difference(Record):
    """What differs from the verdict before on the same moment: at `at`, when it was `state`."""

    at: str
    state: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    still: tuple[str, ...]
    commit: tuple[str, str] | None
    policy_set: bool


class Timeline(Record):
    """The verdicts that a page shows: `rows` the newest first, the path of the bars of each state, and the counts."""

    rows: tuple[Row, ...]
    bars: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, int], ...]
    shown: int
    total: int
    problem: str
    first: str = ""
    last: str = ""

    @property
    def width(self) -> int:
        """The width of the drawing."""
        return BAR * self.shown


def state_of(verdict: Any, exit_code: Any) -> str:
    """What a verdict comes to: allow, deny or undecided. What says two things is no allow."""
    if exit_code == 2:
        return "undecided"
    return "allow" if verdict == "allow" and exit_code in (0, None) else "deny"


def timeline_of(data: dict[str, Any]) -> Timeline | None:
    """The timeline of a page's data, None where nobody looked at a log."""
    if not isinstance(data.get("log"), dict):
        return None
    log = table(data, "log")
    verdicts = tables(log, "verdicts")
    states = [state_of(one.get("verdict"), one.get("exit_code")) for one in verdicts]
    order = ("allow", "deny", "undecided")
    return Timeline(
        rows=_rows(verdicts, states, number(data, "record")),
        bars=tuple((state, _bars(states, state)) for state in order if state in states),
        counts=tuple((state, states.count(state)) for state in order if state in states),
        shown=len(verdicts),
        total=max(number(log, "total") or 0, len(verdicts)),
        problem=text(log, "problem"),
        first=text(verdicts[0], "at") if verdicts else "",
        last=text(verdicts[-1], "at") if verdicts else "",
    )


def _bars(states: Sequence[str], state: str) -> str:
    """The path of the bars of one state, as SVG draws it."""
    high = _HEIGHTS[state]
    return "".join(
        f"M{BAR * place} {HEIGHT - high}h{BAR - 1}v{high}h-{BAR - 1}z"
        for place, one in enumerate(states)
        if one == state
    )


def _rows(verdicts: Sequence[dict[str, Any]], states: Sequence[str], this: int | None) -> tuple[Row, ...]:
    rows: list[Row] = []
    blocked: dict[str, tuple[str, ...]] = {}  # by moment, as of the verdict before
    for one, state in zip(verdicts, states, strict=True):
        moment, blocking = text(one, "moment"), texts(one, "blocking")
        before = blocked.get(moment, ())
        blocked[moment] = blocking
        row = Row(
            first=text(one, "at"),
            last=text(one, "at"),
            count=1,
            moment=moment,
            state=state,
            commit=text(one, "candidate") or text(one, "commit"),
            new=tuple(name for name in blocking if name not in before),
            gone=tuple(name for name in before if name not in blocking),
            errors=texts(one, "errors")[:3],
            is_this=this is not None and number(one, "number") == this,
        )
        last = rows[-1] if rows else None
        if last and not (row.new or row.gone) and _about(last) == _about(row):
            rows[-1] = last.replaced(last=row.last, count=last.count + 1, is_this=row.is_this)
        else:
            rows.append(row)
    return tuple(reversed(rows))


def _about(row: Row) -> tuple[object, ...]:
    return row.moment, row.state, row.commit, row.errors


def earlier_verdicts(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The verdicts on the same moment before the one of the page, the newest first."""
    this, moment = number(data, "record"), text(data, "moment")
    found = [one for one in tables(table(data, "log"), "verdicts") if text(one, "moment") == moment]
    return [one for one in reversed(found) if this is None or (number(one, "number") or 0) < this]


def difference(data: dict[str, Any], blocking: Sequence[str]) -> Difference | None:
    """What differs from the verdict before, given the policies that block now; None where there is none before."""
    before = next(iter(earlier_verdicts(data)), None)
    if before is None:
        return None
    report = table(data, "report")
    had, subject = texts(before, "blocking"), table(report, "subject")
    commits = text(before, "commit"), text(subject, "commit")
    set_before, set_now = text(before, "policy_set"), text(table(report, "policy_set"), "digest")
    return Difference(
        at=text(before, "at"),
        state=state_of(before.get("verdict"), before.get("exit_code")),
        new=tuple(name for name in blocking if name not in had),
        gone=tuple(name for name in had if name not in blocking),
        still=tuple(name for name in blocking if name in had),
        commit=commits if all(commits) and commits[0] != commits[1] else None,
        policy_set=bool(set_before and set_now and set_before != set_now),
    )


def blocked_since(data: dict[str, Any], policy: str) -> str:
    """When the first of the verdicts was that a policy has blocked ever since, without a break; empty for this one."""
    since = ""
    for one in earlier_verdicts(data):
        if policy not in texts(one, "blocking"):
            break
        since = text(one, "at")
    return since

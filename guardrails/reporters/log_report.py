"""The audit log for people: one line for each record, and the records of one run under one headline.

The records of one process hold the same `run`. Those of earlier versions hold none; there a run is its checks, what was
saved and recorded in between, and its end.
"""

from __future__ import annotations

from guardrails.record import Record
from guardrails.wording.shown_text import visible
from guardrails.wording.wrapped_lines import wrap_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Logged = dict[str, Any]

_INDENT = 4  # of a run's records under its headline
_HASH = 12  # characters of a commit
_LABELS = {"blocking": "blocking", "waivers": "waived", "left_out": "left out", "errors": "error", "moves": "moves"}
_IN_A_RUN = ("run", "step", "rescue", "deployment")


class Entry(Record):
    """What belongs together: the records of one run, or one record by itself."""

    records: tuple[Logged, ...]

    @property
    def is_run(self) -> bool:
        """Whether it is a guarded run."""
        return any(one.get("kind") in ("run", "step") for one in self.records)


def entries(records: Iterable[Logged]) -> list[Entry]:
    """The records in their order, those of one run together at the place of the first."""
    groups: list[list[Logged]] = []
    by_run: dict[str, list[Logged]] = {}
    older: list[Logged] = []  # the run of an earlier version that has not ended yet
    for record in records:
        run = record.get("run")
        if isinstance(run, str):
            group = by_run.setdefault(run, [])
        else:
            group = older if _continues(older, record) else []
            if record.get("kind") == "run":
                older = group
        if not group:
            groups.append(group)
        group.append(record)
    return [Entry(tuple(group)) for group in groups]


def _continues(run: Sequence[Logged], record: Logged) -> bool:
    """Whether a record without an id belongs to this run of an earlier version."""
    if not run or run[0].get("kind") != "run" or record.get("kind") not in _IN_A_RUN:
        return False
    if "ended" in run[-1] or (_word(run[-1].get("verdict")) == "deny" and not _is_after(run[-1])):
        return False
    if record.get("environment") != run[0].get("environment"):
        return False
    if record.get("kind") == "run" and record.get("operation") != run[0].get("operation"):
        return False
    is_first_check = "verdict" in record and not _is_after(record)
    return not is_first_check or (len(run) == 1 and not _is_after(run[0]))


def render(
    shown: Sequence[Entry], *, width: int | None, name_of: Callable[[Any], str], now: float | None = None
) -> str:
    """The entries as lines, wrapped to a width when there is one.

    `name_of` gives the name of a user by the number. With `now`, in seconds since the epoch, each says how long ago it
    was.
    """
    heads, number = _aligned([_headline(entry, name_of, now) for entry in shown])
    lines = []
    for entry, head in zip(shown, heads, strict=True):
        lines += wrap_line(head, number + 2 + _INDENT, width)
        if entry.is_run or len(entry.records) > 1:
            lines += _parts(entry, number + _INDENT, width)
        else:
            lines += _details(entry.records[0], number + 2, width)
    return "".join(f"{line}\n" for line in lines)


def _aligned(rows: Sequence[Sequence[str]]) -> tuple[list[str], int]:
    """The rows as lines with their cells below each other, the first to the right; and how wide the first column is."""
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)] or [0]
    lines = []
    for head, *cells in rows:
        padded = (cell.ljust(size) for cell, size in zip(cells, others, strict=True))
        lines.append("  ".join([head.rjust(first), *padded]))
    return lines, first


def _headline(entry: Entry, name_of: Callable[[Any], str], now: float | None) -> list[str]:
    """Number, when, how long ago, environment, kind, operation, outcome, who, and from which commit to which."""
    first, last = entry.records[0], entry.records[-1]
    numbers = str(first["number"]) if first is last else f"{first['number']}-{last['number']}"
    kind = "run" if entry.is_run else _word(first.get("kind"))
    operation = next((_word(one["operation"]) for one in entry.records if one.get("operation")), "")
    who = "@".join(filter(None, (name_of(first["user"]) if "user" in first else "", _word(first.get("host")))))
    when = _day_and_time(first.get("at"))
    if first is not last:
        when += f" to {_day_and_time(last.get('at')).removeprefix(when[:11])}"
    outcome = _run_outcome(entry.records) if entry.is_run else _outcome(last)
    about = operation or _word(first.get("moment"))
    age = () if now is None else (_age(last.get("at"), now),)
    found = (numbers, when, *age, _word(first.get("environment")), kind, about, outcome, who, _commits(entry.records))
    return [visible(cell) or "-" for cell in found]


def _parts(entry: Entry, indent: int, width: int | None) -> list[str]:
    """The records of a run, one below the other."""
    rows, number = _aligned(
        [(str(one["number"]), _clock(one.get("at")), _stage(one), _part_outcome(one)) for one in entry.records]
    )
    start = indent + number + 2
    lines = []
    for record, row in zip(entry.records, rows, strict=True):
        about = visible(_word(record.get("words") or record.get("ref")))
        lines += wrap_line(f"{' ' * indent}{row}  {about}", start + _INDENT, width)
        lines += _details(record, start, width)
    return lines


def _details(record: Logged, indent: int, width: int | None) -> list[str]:
    """What else a record says, one thing a line."""
    found = []
    for name, label in _LABELS.items():
        said = record.get(name)
        if isinstance(said, list) and name == "errors":
            found += [(label, _word(one)) for one in said]
        elif isinstance(said, list) and said:
            found.append((label, ", ".join(map(_word, said))))
    if isinstance(torn := record.get("torn"), dict):
        found.append(("kept", f"the torn line is in {_word(torn.get('kept'))}"))
    if record.get("output") and record.get("exit_code") != 0:
        found.append(("output", _word(record["output"])))
    if record.get("canary"):
        found.append(("canary", f"{_word(record['canary'])} by way of {_word(record.get('channel'))}"))
    if record.get("reason"):
        found.append(("reason", _word(record["reason"])))
    if record.get("to"):
        found.append(("to", _word(record["to"])))
    lines = []
    for label, text in found:
        head = f"{' ' * indent}{label:<8}  "
        lines += wrap_line(head + visible(text), len(head), None if label == "output" else width)
    return lines


def _stage(record: Logged) -> str:
    """Which part of a run a record is."""
    kind = _word(record.get("kind"))
    if kind == "step":
        return visible(f"step {_word(record.get('step'))}/{_word(record.get('steps'))}")
    if kind == "run" and "verdict" in record:
        return "after" if _is_after(record) else "before"
    return "end" if "ended" in record else visible(kind)


def _part_outcome(record: Logged) -> str:
    if record.get("kind") == "step":
        return "done" if record.get("exit_code") == 0 else visible(f"status {_word(record.get('exit_code'))}")
    return visible(_ended(record["ended"]) if "ended" in record else _outcome(record))


def _run_outcome(records: Sequence[Logged]) -> str:
    """How a run ended; one that was killed, or goes on, has no end."""
    for record in reversed(records):
        if "ended" in record:
            return _ended(record["ended"])
        if _word(record.get("verdict")) == "deny":
            return "refused"
    return "no end yet"


def _ended(code: Any) -> str:
    return "done" if code == 0 else f"failed with {_word(code)}"


def _outcome(record: Logged) -> str:
    """What one record came to."""
    if "verdict" in record:
        undecided = record.get("exit_code") == 2
        return _word(record["verdict"]) + (", undecided" if undecided else "")
    named = {
        "refusal": "refused",
        "mended": "mended",
        "deployment": "recorded",
        "canary": "announced",
        "acceptance": "accepted",
    }
    return _word(record.get("did")) or named.get(_word(record.get("kind")), "")


def _commits(records: Sequence[Logged]) -> str:
    """From which commit to which, as far as it is on the record."""
    for one in reversed(records):
        pins = one.get("pins")
        if isinstance(pins, dict):
            return _arrow(pins.get("head"), pins.get("target"))
        if one.get("kind") == "deployment":
            return _arrow(one.get("previous"), one.get("commit"))
    return next((_arrow(one["commit"], one.get("candidate")) for one in records if one.get("commit")), "")


def _arrow(start: Any, end: Any) -> str:
    return " → ".join(_word(one)[:_HASH] for one in (start, end) if isinstance(one, str))


def _is_after(record: Logged) -> bool:
    return _word(record.get("moment")).startswith("after ")


def _day_and_time(at: Any) -> str:
    """An RFC 3339 time of UTC in whole seconds, `2026-01-31 23:59:59Z`; whatever else stands there as it is."""
    text = _word(at)
    return f"{text[:10]} {text[11:19]}Z" if text[10:11] == "T" and text.endswith("Z") else text


def _age(at: Any, now: float) -> str:
    """How long ago that was, as people say it; empty when it is no time."""
    from guardrails.wording.durations import relative
    from guardrails.wording.times import seconds_of

    try:
        return relative(seconds_of(at), now)
    except ValueError:
        return ""


def _clock(at: Any) -> str:
    return visible(_day_and_time(at)[11:])


def _word(said: Any) -> str:
    return "" if said is None else str(said)

"""Where in HEAD's reflog guarding began: with the first record of the environment in the audit log.

Each record says where the reflog stood when it was written. Those of earlier versions do not. Then the time of the
record decides, and the commit that it judged, since the times in a reflog can be made up.
"""

from __future__ import annotations

from guardrails.facts.past.logged import Stood, stood_of, time_of
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.facts.past.reflogs import Reflogs


class First(Record):
    """What the first record says: when it was written, in seconds since the epoch, the commit that HEAD was at, None
    where it judged none, and where the reflog stood, None where it does not say.
    """

    at: float
    commit: str | None = None
    stood: Stood | None = None


def first_of(record: dict[str, Any]) -> First:
    """The first record, in these words; what does not make sense is left out."""
    commit = record.get("commit")
    judged = record.get("kind") in ("check", "run") and isinstance(commit, str)
    return First(time_of(record), commit if judged else None, stood_of(record))


def lines_before(reflogs: Reflogs, first: First) -> int | None:
    """How many lines of the reflog were there when guarding began; None when it does not go back so far."""
    there = reflogs.lines_at(first.stood) if first.stood else _by_time(reflogs, first)
    if there and first.commit and reflogs.head[there - 1].new != first.commit:
        return next((place for place in range(there, 0, -1) if reflogs.head[place - 1].new == first.commit), None)
    return there or None


def _by_time(reflogs: Reflogs, first: First) -> int:
    """The place of the first move that is not before the record; reflogs know whole seconds alone.

    What led to the commit of the record within its second was before it too.
    """
    entries, second = reflogs.head, int(first.at)
    place = next((at for at, entry in enumerate(entries) if entry.at >= second), len(entries))
    if place and entries[place - 1].new == first.commit:
        return place
    within = range(place, len(entries))
    led = (at for at in within if entries[at].new == first.commit and entries[at].at == second)
    return next(led, place - 1) + 1

"""What is missing in the past: holes in a reflog, lines that were taken out of it, records without their move."""

from __future__ import annotations

from guardrails.audit.chain import digest
from guardrails.facts.past.logged import stood_of, time_of
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from guardrails.facts.past.logged import GuardedRun
    from guardrails.facts.past.moves import Hole
    from guardrails.facts.past.reflogs import Reflogs


class Gap(Record):
    """What is missing, in words: of the audit `log`, of the `deployments`, of a `reflog`, or the move of a `record`.

    `at` is where in time, in seconds since the epoch, None for what is about all of it. `record` is the id of the
    record that has no move, `place` that of the move before which a hole is.
    """

    kind: str
    text: str
    at: float | None = None
    record: str | None = None
    place: int | None = None


def of_reflogs(reflogs: Reflogs, place: int | None) -> Iterator[Gap]:
    """Why the reflogs cannot tell, and that HEAD's does not go back to its first lines, which then have no place.

    One that begins with a commit that came from none is that of another repository in the same place: its first move
    is one that nobody guarded.
    """
    yield from (Gap("reflog", problem) for problem in reflogs.problems)
    if place is None and reflogs.head and reflogs.head[0].old:
        since = reflogs.head[0].at
        yield Gap("reflog", "the reflog of HEAD does not go back to where it must: its entries have expired", since)


def of_holes(holes: Iterable[tuple[int, Hole]], missing: Sequence[GuardedRun]) -> Iterator[Gap]:
    """Each hole by the place of the move after it; where a record says what is missing, that record is the gap."""
    for place, hole in holes:
        if not any((run.previous, run.commit) == (hole.start, hole.end) for run in missing):
            ends = [end[:12] or "nothing" for end in (hole.start, hole.end)]
            text = f"the reflog was at {ends[0]} and goes on at {ends[1]}: what was between is missing"
            yield Gap("reflog", text, hole.before.at, place=place)


def of_runs(missing: Iterable[GuardedRun]) -> Iterator[Gap]:
    """Each record whose move no reflog has."""
    for run in missing:
        text = f"{run.operation} led from {run.previous[:12]} to {run.commit[:12]}, and no reflog tells of that"
        yield Gap("record", text, run.at, run.record)


def of_lines(reflogs: Reflogs, records: Iterable[dict[str, Any]]) -> Iterator[Gap]:
    """What HEAD's reflog had when something was recorded, and has no more; and the commits that it never had.

    Each record says how long it was, and its last line. Expiry takes the first lines away, so that a line moves to the
    front; of two lines, the later one moves further only when something between them was taken out. Records of earlier
    versions do not say where it stood. Each commit is missed that HEAD was at when it was checked and of which no line
    tells that was there then.
    """
    places, since = _places(reflogs.lines), _commits(reflogs)
    furthest = float("inf")  # bytes by which the lines of the records so far have moved to the front, at most
    for record in records:
        stood, commit = stood_of(record), record.get("commit")
        place = len(reflogs.lines)
        if stood:
            moved = {stood.size - end: at for at, end in places.get(stood.last, ()) if stood.size - end <= furthest}
            if not moved:
                text = "HEAD's reflog had a line that is gone: something was taken out of it since"
                yield Gap("reflog", text, time_of(record))
                return
            furthest = max(moved)  # equal lines stand for one another
            place = moved[furthest]
        judged = record.get("kind") in ("check", "run") and record.get("operation") != "tool-call"
        if judged and "verdict" in record and isinstance(commit, str) and since.get(commit, place) >= place:
            since[commit] = 0
            text = f"HEAD was at {commit[:12]} when it was checked, and no reflog tells of that"
            yield Gap("reflog", text, time_of(record))


def _places(lines: Iterable[bytes]) -> dict[str, list[tuple[int, int]]]:
    """By the digest of a line, for each that has it: how many lines there are up to its end, and how many bytes."""
    found: dict[str, list[tuple[int, int]]] = {}
    end = 0
    for at, line in enumerate(lines, 1):
        end += len(line) + 1
        found.setdefault(digest(line), []).append((at, end))
    return found


def _commits(reflogs: Reflogs) -> dict[str, int]:
    """Each commit that HEAD's reflog tells of, and how many lines are before the first that does."""
    found: dict[str, int] = {}
    for before, entry in enumerate(reflogs.head):
        found.setdefault(entry.old, before)
        found.setdefault(entry.new, before)
    return found

"""Where in a reflog guarding began, by what the first record says."""

from __future__ import annotations

import pytest

from guardrails.audit.chain import digest
from guardrails.facts.git.reflog import Entry
from guardrails.facts.past.beginning import First, first_of, lines_before
from guardrails.facts.past.logged import Stood
from guardrails.facts.past.reflogs import Reflogs


def reflogs(text: str) -> Reflogs:
    """Entries such as `a>b@5`."""
    lines, entries = [], []
    for word in text.split():
        move, _, at = word.partition("@")
        old, _, new = move.partition(">")
        lines.append(word.encode())
        entries.append(Entry(old, new, int(at)))
    return Reflogs(tuple(lines), tuple(entries))


def stood(text: str) -> Stood:
    lines = reflogs(text).lines
    return Stood(sum(len(line) + 1 for line in lines), digest(lines[-1]))


@pytest.mark.parametrize(
    ("then", "now", "lines"),
    [
        (">a@1", ">a@1 a>b@1", 1),
        (">a@1 a>b@1 b>a@1", ">a@1 a>b@1 b>a@1 a>b@1 b>a@1", 3),
        (">a@1 x>a@1 a>a@1", "x>a@1 a>a@1 a>b@1", 2),
        (">a@1 x>a@1", "a>b@1", None),
        (">a@1", "", None),
    ],
)
def test_where_the_reflog_stood(then: str, now: str, lines: int | None) -> None:
    assert lines_before(reflogs(now), First(9.0, "a", stood(then))) == lines


def test_a_move_between_the_look_and_its_record_counts() -> None:
    assert lines_before(reflogs(">a@1 a>b@1"), First(9.0, "a", stood(">a@1 a>b@1"))) == 1
    assert lines_before(reflogs(">b@1"), First(9.0, "a", stood(">b@1"))) is None


@pytest.mark.parametrize(
    ("now", "lines"),
    [
        (">a@1 a>b@20", 1),
        (">a@1 a>b@2 b>a@3 a>b@20", 3),
        (">a@10 a>b@10", 1),
        (">a@1 a>b@10 b>a@10", 1),
        (">a@1 a>b@1", 1),
        (">a@20", None),
        ("", None),
    ],
)
def test_without_that_its_time_and_its_commit(now: str, lines: int | None) -> None:
    assert lines_before(reflogs(now), First(10.5, "a")) == lines


def test_the_first_record() -> None:
    record = {"kind": "check", "at": "1970-01-01T00:00:09Z", "commit": "a", "reflog": {"bytes": 5, "last": "x"}}
    assert first_of(record) == First(9.0, "a", Stood(5, "x"))
    assert first_of({**record, "kind": "rescue", "reflog": None}) == First(9.0)

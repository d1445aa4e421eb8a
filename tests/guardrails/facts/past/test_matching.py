"""Which run made which move, and which moves a person has settled."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from guardrails.facts.git.reflog import Entry
from guardrails.facts.past.logged import Acceptance, GuardedRun
from guardrails.facts.past.matching import match_acceptances, match_runs
from guardrails.facts.past.moves import Made


def moves(text: str) -> list[Made]:
    """Moves such as `a>b@5`; one that begins with `-` is of the branch alone."""
    found = []
    for word in text.split():
        move, _, at = word.removeprefix("-").partition("@")
        old, _, new = move.partition(">")
        found.append(Made(Entry(old, new, int(at or 0)), not word.startswith("-")))
    return found


def runs(text: str) -> list[GuardedRun]:
    """Runs such as `a>b@5`."""
    return [
        GuardedRun(one.entry.at, "op", one.entry.old, one.entry.new, "me", str(number), "allow")
        for number, one in enumerate(moves(text))
    ]


def matched(given: str, by: str, ends: Sequence[int | None] = ()) -> dict[int, str]:
    own = runs(by)
    return {place: run.record for place, run in match_runs(moves(given), own, ends or [None] * len(own)).items()}


@pytest.mark.parametrize(
    ("given", "by", "found"),
    [
        ("a>b b>c", "a>b b>c", {0: "0", 1: "1"}),
        ("a>b b>c", "b>c", {1: "0"}),
        ("a>b", "a>c", {}),
        ("a>x x>b", "a>b", {0: "0", 1: "0"}),
        ("a>x y>b", "a>b", {}),
        ("a>b@1 b>a@2 a>b@9", "a>b@2", {0: "0"}),
        ("a>b@1 b>a@2 a>b@9", "a>b@8", {2: "0"}),
        ("a>b@1 b>a@2 a>b@1", "a>b@1 b>a@2", {0: "0", 1: "1"}),
        ("b>c a>b", "a>b b>c", {0: "1"}),
        ("t>u -x>u", "t>u", {0: "0", 1: "0"}),
        ("-x>u t>u", "t>u", {0: "0", 1: "0"}),
        ("-x>v t>u", "t>u", {1: "0"}),
        ("t>u b>c -x>u", "t>u", {0: "0"}),
        ("", "a>b", {}),
    ],
)
def test_by_order_and_then_by_time(given: str, by: str, found: dict[int, str]) -> None:
    assert matched(given, by) == found


def test_where_the_reflog_stood_says_more_than_times() -> None:
    given = "a>b@0 b>a@0 a>b@5 b>a@0 a>b@0"
    assert matched(given, "a>b@5", [1]) == {0: "0"}
    assert matched(given, "a>b@0", [3]) == {2: "0"}
    assert matched(given, "a>b@0 a>b@0", [3, 5]) == {2: "0", 4: "1"}
    assert matched(given, "a>b@0 b>a@0", [1, 1]) == {0: "0"}, "the second had made no move then"
    assert matched(given, "a>b@0", [0]) == {}


def test_each_move_is_settled_once_and_by_one() -> None:
    one, other = Entry("a", "b", 5), Entry("b", "a", 5)
    first, second = (Acceptance(at, "me", "b", "why", (one, other)) for at in (6, 7))

    assert match_acceptances(dict(enumerate([one, other, one, other])), [first]) == {0: first, 1: first}
    assert match_acceptances({2: one, 3: other}, [first]) == {2: first, 3: first}, "a guarded one needs none"
    both = match_acceptances(dict(enumerate([one, other, one])), [first, second])
    assert both == {0: first, 1: first, 2: second}
    assert match_acceptances({0: Entry("a", "b", 4)}, [first]) == {}

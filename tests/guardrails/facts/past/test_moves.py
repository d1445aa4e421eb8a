"""Two reflogs as one list: what both have once, the order of each, and holes."""

from __future__ import annotations

import random

import pytest

from guardrails.facts.git.reflog import Entry
from guardrails.facts.past.moves import holes, joined, merged


def entries(text: str) -> list[Entry]:
    """Moves such as `a>b@5`, `>b` from nothing; without a time, at 0."""
    found = []
    for word in text.split():
        move, _, at = word.partition("@")
        old, _, new = move.partition(">")
        found.append(Entry(old, new, int(at or 0)))
    return found


def shown(found: list[Entry]) -> str:
    return " ".join(f"{one.old}>{one.new}" for one in found)


@pytest.mark.parametrize(
    ("given", "moves"),
    [
        (">a a>b b>c", ">a a>b b>c"),
        ("a>a a>b b>b", "a>b"),
        ("a> >a", ""),
        ("a> >a a>b", "a>b"),
        ("a>b b> >b b> >c", "a>b b>c"),
        ("", ""),
    ],
)
def test_what_moves_nothing_is_left_out(given: str, moves: str) -> None:
    assert shown(joined(entries(given))) == moves


def test_a_hole_is_where_an_entry_begins_elsewhere() -> None:
    [hole] = holes(entries(">a a>b c>d d>e"))
    assert (hole.start, hole.end, hole.before.new) == ("b", "c", "d")
    assert holes(entries("a>b")) == holes([]) == []


@pytest.mark.parametrize(
    ("head", "branch", "order"),
    [
        (">a a>b", ">a a>b", ">a a>b"),
        (">a a>t t>a a>b", ">a a>b", ">a a>t t>a a>b"),
        (">a a>t@1 t>a@5", ">a a>x@2 x>y@3", ">a a>t a>x x>y t>a"),
        (">a a>b", ">a a>x x>a a>b", ">a a>x x>a a>b"),
        ("", ">a a>b", ">a a>b"),
        (">a a>b", "", ">a a>b"),
        ("a>b b>a a>b", "a>b b>a a>b b>a a>b", "a>b b>a a>b b>a a>b"),
    ],
)
def test_what_both_have_stands_there_once_in_the_order_of_each(head: str, branch: str, order: str) -> None:
    assert shown([one.entry for one in merged(entries(head), entries(branch))]) == order


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_and_each_order_is_kept(seed: int) -> None:
    chance = random.Random(seed)
    words = [f"{chance.choice('abc')}>{chance.choice('abc')}@{chance.randrange(3)}" for _ in range(12)]
    head, branch = (entries(" ".join(word for word in words if chance.random() < 0.7)) for _ in range(2))
    made = merged(head, branch)

    assert [one.entry for one in made if one.of_head] == head
    left = iter(one.entry for one in made)
    assert all(one in left for one in branch), "a subsequence"
    assert len(made) <= len(head) + len(branch)

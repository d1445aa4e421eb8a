from __future__ import annotations

import pytest

from guardrails.facts.tool_call.patterns import alternatives


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a*", ("a*",)),
        ("a{b,c}", ("ab", "ac")),
        ("{a,{b,c}}d", ("ad", "bd", "cd")),
        ("a{1..9}", ("a*",)),
        ("@(a|b)c", ("*c",)),
        ("a{b", ("a{b",)),
    ],
)
def test_the_words_that_a_pattern_stands_for(pattern: str, expected: tuple[str, ...]) -> None:
    assert set(alternatives(pattern)) == set(expected)


def test_a_bomb_of_braces_is_taken_for_anything() -> None:
    assert alternatives("/srv/" + "{a,b}" * 400) == ("/srv/**",)

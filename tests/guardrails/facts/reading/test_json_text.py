"""The parts of a JSON text, with where each stands: what Python's own reader says of it, and JSON5 beside that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.errors import CannotKnow
from guardrails.facts.reading.json_text import Part, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_it_says_what_pythons_own_reader_says(value: Any, indent: Any, ascii_only: Any) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    part = parse(f" {text}\n", "f")
    assert part.plain() == value
    assert f" {text}\n"[part.start : part.end] == text


def spans(part: Part, text: str) -> list[str]:
    return [text[item.at : item.end] for item in part.items]


def test_each_part_knows_where_it_and_its_key_stand() -> None:
    text = '{ // a remark\n "a" : [1, {"b": "}"}] , /* { */ \'c\': 2, bare: x,}'
    part = parse(text, "f")
    assert spans(part, text) == ['"a" : [1, {"b": "}"}]', "'c': 2", "bare: x"]
    assert part.plain() == {"a": [1, {"b": "}"}], "c": 2, "bare": "x"}
    there = part.below("a")
    assert there
    assert spans(there, text) == ["1", '{"b": "}"}']
    assert part.below("a", "b") is None
    assert parse('{"a": 1, "a": 2}', "f").plain() == {"a": 2}, "the last counts, as in JavaScript"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1",
        '{"a" 1}',
        '{"a": }',
        '{"a": 1} x',
        '"a',
        '"\\x"',
        "{a: 1 b: 2}",
        "[" * 200 + "]" * 200,
        "\ufeff{}",
        "/* ",
    ],
)
def test_what_is_no_json_is_said_with_its_line(text: str) -> None:
    with pytest.raises(CannotKnow, match=r"^f:1: is no JSON"):
        parse(text, "f")
    with pytest.raises(CannotKnow, match=r"^f:3: "):
        parse(f"\n\n{text}" if text else "\n\n", "f")

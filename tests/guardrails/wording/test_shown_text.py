"""Text stays what it says, and nothing in it can move a cursor."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.wording.shown_text import listed, storable, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31m", "\\x9b31m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\r\nb\tc\x00", "a\\r\\nb\\tc\\x00"),
        ("\u202eevil\u2066\u200f", "\\u202eevil\\u2066\\u200f"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028para\u2029", "line\\u2028para\\u2029"),
        ("no\u00a0break", "no\\xa0break"),
        ("\x85\x7f", "\\x85\\x7f"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("plain text, Grüße, 漢字, 😀", "plain text, Grüße, 漢字, 😀"),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_visible_text_is_one_line_that_any_terminal_takes(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    shown.encode("utf-8")
    assert visible(shown) == shown


@given(st.text(st.characters()))
def test_storable_text_is_utf8_and_says_the_same(text: str) -> None:
    kept = storable(text)
    assert json.loads(json.dumps(kept)) == kept
    kept.encode("utf-8")
    if not any(0xD800 <= ord(one) <= 0xDFFF for one in text):
        assert kept == text


@pytest.mark.parametrize(
    ("things", "line"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b", "c"), "a, b, c"),
        (tuple("abcd"), "a, b, c and 1 more"),
        ((1, None), "1, None"),
    ],
)
def test_many_things_in_one_line(things: tuple[object, ...], line: str) -> None:
    assert listed(things, most=3) == line

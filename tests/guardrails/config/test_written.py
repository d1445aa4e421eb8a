"""Values written as TOML read back the same, and nothing in them is hidden from who reads the file."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.config.written import toml, toml_key

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.recursive(TEXTS | st.booleans() | st.integers(), lambda one: st.lists(one) | st.dictionaries(TEXTS, one)))
def test_any_value_reads_back(value: object) -> None:
    written = f"value = {toml(value)}"
    assert written.isprintable()
    assert tomllib.loads(written) == {"value": value}


@given(TEXTS)
def test_any_key_reads_back(key: str) -> None:
    assert tomllib.loads(f"{toml_key(key)} = 1") == {key: 1}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('a "quoted" \\ text', r'"a \"quoted\" \\ text"'),
        ("two\nlines", r'"two\nlines"'),
        ("\0\x7f\x85\u202e", r'"\u0000\u007f\u0085\u202e"'),
        ("\U000e0001", r'"\U000e0001"'),
        ("ключ 鍵 🔑", '"ключ 鍵 🔑"'),
    ],
)
def test_what_does_not_show_is_written_by_number(text: str, written: str) -> None:
    assert toml(text) == written

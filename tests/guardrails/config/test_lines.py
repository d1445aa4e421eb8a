"""Every key of a configuration is found on the line where it stands, however it is written."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.config.lines import line_of
from guardrails.config.written import toml, toml_key

TEXT = '''\
extends = ["openclaw"] # [no.header]
"quoted.key".x = """
[no.header]
no = "key"
"""
literal = \'\'\'
[no.header]\'\'\'
[policies."two words".deep]
when = { prod = ["standing", "="], dev = [
  "release" ] }
jobs = [
  { name = "a", inner.zone = "UTC" },
  # { name = "commented" }
  { name = "b", many = [[1], [{ last = 2 }]] },
]
at = 1979-05-27 07:32:00
[[table]]
x = 1
  [[ table ]]
x = 2.5 ; y
[table.sub]
'k' = 1
'''.replace(" ; y", "")

PLACES: dict[tuple[str | int, ...], int | None] = {
    ("extends",): 1,
    ("quoted.key",): 2,
    ("quoted.key", "x"): 2,
    ("literal",): 6,
    ("policies",): 8,
    ("policies", "two words", "deep"): 8,
    ("policies", "two words", "deep", "when", "prod"): 9,
    ("policies", "two words", "deep", "when", "dev"): 9,
    ("policies", "two words", "deep", "jobs"): 11,
    ("policies", "two words", "deep", "jobs", 0, "inner", "zone"): 12,
    ("policies", "two words", "deep", "jobs", 1): 14,
    ("policies", "two words", "deep", "jobs", 1, "many", 1, 0, "last"): 14,
    ("policies", "two words", "deep", "at"): 16,
    ("table", 0): 17,
    ("table", 0, "x"): 18,
    ("table", 1): 19,
    ("table", 1, "x"): 20,
    ("table", 1, "sub", "k"): 22,
    ("policies", "two words", "deep", "missing"): 8,
    ("policies", "two words", "deep", "jobs", 1, "missing"): 14,
    ("table", 1, "missing"): 19,
    ("no", "header"): None,
    ("missing",): None,
    (): None,
}


def test_the_text_is_valid() -> None:
    assert tomllib.loads(TEXT)["table"][1] == {"x": 2.5, "sub": {"k": 1}}


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)) or "nothing")
def test_a_key_or_what_is_nearest_around_it(path: tuple[str | int, ...]) -> None:
    assert line_of(TEXT, path) == PLACES[path]


def test_lines_end_where_toml_ends_them() -> None:
    assert line_of("a = 1\r\nb = '\u2028\x85'\r\nc = 3", ("c",)) == 3  # splitlines would see two more


KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
VALUES = st.recursive(
    st.one_of(st.integers(), st.booleans(), KEYS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_keys_and_values(table: dict[str, Any]) -> None:
    """Each key stands on its own line, and all that is in its value on the same one."""
    text = "".join(f"{toml_key(name)} = {toml(value)}\n" for name, value in table.items())
    assert tomllib.loads(text) == table
    for number, (name, value) in enumerate(table.items(), start=1):
        for path in _paths(value, (name,)):
            assert line_of(text, path) == number


def _paths(value: Any, at: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, one in inside for path in _paths(one, (*at, key)))]

"""Words and settings as systemd splits them."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.facts.service.unit_syntax import SEPARATOR, read, read_assignments, split_words, unescape


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a  b\tc", ["a", "b", "c"]),
        ("'a b' \"c\"d e'f'", ["a b", "cd", "ef"]),
        ("a ; b \\; ';'", ["a", SEPARATOR, "b", ";", ";"]),
        ("\\x41\\101\\u00e4\\s\\q", ["AAä \\q"]),
        ("a\u00a0b", ["a\u00a0b"]),
        ("''", [""]),
        ("", []),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert split_words(text, "x") == found


def test_long_lines_are_read_quickly() -> None:
    assert len(split_words("a " * 200_000, "x")) == 200_000
    assert split_words("\\" * 9, "x") == ["\\\\\\\\\\"]


def test_a_quote_that_is_not_closed() -> None:
    with pytest.raises(CannotKnow, match="quote"):
        split_words("'a", "x")


def test_settings_of_one_section() -> None:
    text = "A=0\n[One]\nA = 1 \n# A=2\nB=x\\\n# between\n y\n[Two]\nA=3\n[One]\nC=4"
    assert list(read_assignments(text, "x", "One")) == [("A", "1"), ("B", "x  y"), ("C", "4")]


def test_parts_of_names() -> None:
    assert unescape("a-b\\x2dc\\xff") == "a/b-c\udcff"


def test_masked_files_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to("/dev/null")
    assert read(str(tmp_path / "x")) == ""

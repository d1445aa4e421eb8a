"""What follows a function in its list is no part of it: it runs when the definition has."""

from __future__ import annotations

import pytest

from readings import lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a || f() { b; } && c", ["/w: a", "/w: c", "/w: b"]),
        ("true || f() { b; } && cd d || true; c", ["/w: true", "/w: cd d", "/w/d: c", "/w: c"]),
        ("f() { b; } > o && cd d; g", ["/w: cd d", "/w/d: g", "/w: g", "/w: b"]),
        ("a | f() { b; } && cd d; c", ["/w: a", "/w: cd d", "/w/d: c", "/w: c", "/w: b"]),
        ("f() { b; } | c && d", ["/w: c", "/w: d", "/w: b"]),
        ("time f() { b; } && c", ["/w: c", "/w: b"]),
        ("f() { b; } && g() { d; } && c; f", ["/w: c", "/w: b", "/w: d"]),
        ("f() { b; } && cd d & c", ["/w: cd d", "/w: c", "/w: b"]),
    ],
)
def test_a_function_ends_with_its_body(text: str, expected: list[str]) -> None:
    assert lines(text) == expected

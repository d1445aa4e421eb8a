"""Which way an option is stricter; whatever is not known to be tighter counts as looser."""

from __future__ import annotations

from typing import Any

import pytest

from guardrails.config.ratchet import is_tighter


@pytest.mark.parametrize(
    ("way", "old", "new", "tighter"),
    [
        ("more", ["a"], ["b", "a"], True),
        ("more", ["a", "b"], ["a"], False),
        ("more", ["a"], ["b"], False),
        ("more", {"test": "x"}, {"test": "x", "build": "y"}, True),
        ("more", {"test": "x"}, {"test": "true", "build": "y"}, False),
        ("more", [{"name": "a"}], [{"name": "a"}, {"name": "b"}], True),
        ("more", ["a"], "a", False),
        ("fewer", ["a", "b"], ["a"], True),
        ("fewer", ["a"], ["b"], False),
        ("fewer", ["a"], [], True),
        ("fewer", ["a"], None, False),
        ("shorter", "7d", "1w", True),
        ("shorter", "7d", "6d", True),
        ("shorter", "7d", "8d", False),
        ("shorter", "7d", "", False),
        ("shorter", "", "7d", False),
        ("shorter", "7d", None, False),
        ("longer", "30m", "1h", True),
        ("longer", "30m", "29m", False),
        ("true", False, True, True),
        ("true", True, False, False),
        ("true", True, 1, False),
        ("false", True, False, True),
        (None, ["a"], ["a", "b"], False),
        (None, "x", "y", False),
        ("sideways", 1, 2, False),
    ],
)
def test_which_way_is_stricter(way: str | None, old: Any, new: Any, tighter: bool) -> None:
    assert is_tighter(way, old, new) is tighter

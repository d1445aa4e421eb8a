"""Redirects with wildcards."""

from __future__ import annotations

import pytest

from guardrails.facts.pages.redirects import Pattern, has_wildcard


@pytest.mark.parametrize(
    ("source", "destination", "address", "to"),
    [
        ("/a/:slug", "/b/:slug", "a/x", "/b/x"),
        ("/a/:slug", "/b/:slug", "a/x/y", None),
        ("/a/:slug*", "/b/:slug*", "a/x/y", "/b/x/y"),
        ("/a/*", "/b/*", "a/x/y", "/b/x/y"),
        ("/a-*", "/b-*", "a-x", "/b-x"),
        ("/:v/:page", "/:page/:v", "1/x", "/x/1"),
        ("/*/to/*", "/*-*", "a/to/b", "/a-b"),
        ("/a.b/*", "/*", "axb/c", None),
    ],
)
def test_patterns(source: str, destination: str, address: str, to: str | None) -> None:
    assert Pattern(source, destination).apply(address) == to


def test_wildcards() -> None:
    assert [has_wildcard(one) for one in ("/a", "/a/:b", "/a-*", "/a:1")] == [False, True, True, False]

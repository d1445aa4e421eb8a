"""A page is read in its order, with the snippets that it shows."""

from __future__ import annotations

import pytest

from guardrails import CannotKnow
from guardrails.facts.pages.markdown import Page
from guardrails.facts.pages.page_walk import INCLUDED
from guardrails.facts.pages.snippets import Snippet

NOTE = Snippet("# Twice\n\n[x](./y)\n", {})


def test_a_snippet_stands_where_it_is_shown() -> None:
    page = Page("# Twice\n\n<Note />\n\n# Twice", mdx=True, snippets={"Note": NOTE})
    assert page.anchors == ["twice", "twice-2", "twice-3"]
    assert page.links == [["./y", 3]]


def test_what_is_not_shown_is_no_part_of_the_page() -> None:
    page = Page("`<Note />` {/* <Note /> */}", mdx=True, snippets={"Note": NOTE})
    assert (page.anchors, page.links) == ([], [])


def test_snippets_are_bounded() -> None:
    with pytest.raises(CannotKnow, match="snippets"):
        Page("<Note />\n\n" * (INCLUDED + 1), mdx=True, snippets={"Note": NOTE})

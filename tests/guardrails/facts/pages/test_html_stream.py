"""HTML of a page is one stream, whatever Markdown stands between its parts."""

from __future__ import annotations

from guardrails.facts.pages.markdown import Page


def test_a_heading_goes_on_over_blocks() -> None:
    assert Page("<h2>\n\nA *b*\n\n</h2>\n\n# C", mdx=False).anchors == ["a-b", "c"]


def test_a_comment_hides_what_stands_in_it() -> None:
    page = Page('<!--\n\n<h2 id="own">A</h2> [x](/y)\n\n-->\n\n# B', mdx=False)
    assert (page.anchors, page.links) == (["b"], [])

"""The ids that Mintlify gives headings and components, held against its own package."""

from __future__ import annotations

import pytest

from guardrails.facts.pages.markdown import Page
from guardrails.facts.pages.mintlify import clean_id
from oracles.renderers import mintlify, pages, recorded

PRINTED = "\u2018\u2019\u201c\u201d\u2014\u2026"  # what only the published site makes of quotes, dashes and dots


def differs(text: str, ids: list[str]) -> bool:
    ours = Page(text, mdx=True).anchors
    return bool(set(ids) - set(ours)) or any(one not in ids and not set(one) & set(PRINTED) for one in ours)


def test_recorded_pages_have_the_ids_of_mintlify() -> None:
    assert [text for text, ids in recorded()["mintlify"] if differs(text, ids)] == []


@pytest.mark.sample(2)
@pytest.mark.parametrize("seed", [2, 3])
def test_pages_have_the_ids_of_mintlify(seed: int) -> None:
    asked = pages(400, seed)
    answers = zip(asked, mintlify(asked), strict=True)
    assert [text for text, ids in answers if ids is not None and differs(text, ids)] == []


@pytest.mark.parametrize(
    ("text", "anchors"),
    [
        ("## What's new", ["whats-new", "what\u2019s-new"]),
        ('## Say "hi"', ["say-hi", "say-\u201chi\u201d"]),
        ("## Step 1: Go", ["step-1-go"]),
        ("## A\n\n## A", ["a", "a-2"]),
        ("## A {#own}\n\n## A", ["own", "a"]),
        ("## \U0001f680 Launch", ["-launch"]),
        ("##### Deep", []),
        ("<h2>\nSecond one\n</h2>", ["second-one"]),
        ("<h2>1. Install</h2>", ["1-install"]),
        ('<Step title="x">\n</Step>', []),
        ('<Steps titleSize="h3">\n<Step title="x">\n</Step>\n</Steps>', ["x"]),
        ("---\nmode: custom\n---\n\n## A", []),
        ('<Card id="own" title="x"/>', []),
        ("{/* ## A */}", []),
    ],
)
def test_ids(text: str, anchors: list[str]) -> None:
    assert Page(text, mdx=True).anchors == anchors


def test_a_broken_escape_stays() -> None:
    assert clean_id("100%1") == "100%1"
    assert clean_id("%ff%41") == "%ff%41"

"""What may stand after `#` in a link, and what it finds on GitHub. For Mintlify see test_mintlify.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.facts.pages.anchors import Anchors, github_slug, resolves
from oracles.renderers import github, headings, recorded


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Overview", "overview"),
        ("Two Words", "two-words"),
        ("What's new? (2026)", "whats-new-2026"),
        ("a & b", "a--b"),
        ("`--flag`", "--flag"),
        ("under_score", "under_score"),
        ("Post\u2011deploy", "postdeploy"),
        ("Übersicht", "übersicht"),
        ("Откат", "откат"),
        ("日本語", "日本語"),
        ("100%", "100"),
        ("a/b.c", "abc"),
        ("✓ done", "-done"),
    ],
)
def test_headings_on_github(text: str, slug: str) -> None:
    assert github_slug(text) == slug


def anchors_of(*headings: str) -> list[str]:
    anchors = Anchors(mintlify=False)
    for heading in headings:
        anchors.add_named("", heading, {}, level=2)
    return anchors.all()


def test_equal_headings_are_numbered() -> None:
    assert anchors_of("A", "A", "A") == ["a", "a-1", "a-2"]
    assert anchors_of("A", "A-1", "A") == ["a", "a-1", "a-2"]


def same_as_on_github(headings: list[str], slugs: list[str]) -> bool:
    return sorted(anchors_of(*headings)) == sorted(slugs)


def test_recorded_headings_get_the_anchors_of_github() -> None:
    assert [asked for asked, slugs in recorded()["github"] if not same_as_on_github(asked, slugs)] == []


def test_headings_get_the_anchors_of_github() -> None:
    """Generated headings, and every letter of scripts that have got none since github-slugger was made."""
    codes = [*range(0x20, 0x870), *range(0x2000, 0x2C00), *range(0x3000, 0x9FFD), *range(0xAC00, 0xD800)]
    asked = [*headings(500, seed=2), *([f"{chr(code)}x"] for code in codes)]
    answers = zip(asked, github(asked), strict=True)
    assert [texts for texts, slugs in answers if not same_as_on_github(texts, slugs)] == []


def test_a_prefix_of_github_may_be_written() -> None:
    assert resolves("user-content-setup", ("setup",), mintlify=False)
    assert not resolves("user-content-none", ("setup",), mintlify=False)
    assert not resolves("user-content-setup", ("setup",), mintlify=True)


@pytest.mark.parametrize("mintlify", [True, False])
def test_punctuation_counts(mintlify: bool) -> None:
    assert not resolves("step-1:-do", ("step-1-do",), mintlify=mintlify)


@given(headings=st.lists(st.text(max_size=12), max_size=8))
def test_every_heading_can_be_linked_to_and_no_two_share_an_anchor(headings: list[str]) -> None:
    found = anchors_of(*headings)
    assert all(resolves(github_slug(heading), found, mintlify=False) for heading in headings)
    assert len(found) == len(headings)

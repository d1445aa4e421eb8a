"""What may stand after `#`, on GitHub and on a site of Mintlify."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.facts.anchors import Anchors, github_slug, mintlify_slug, resolves


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


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Overview", "overview"),
        ("Two  Words", "two-words"),
        ("a & b", "a-%26-b"),
        ("What's new", "what's-new"),
        ("Session overrides (/exec)", "session-overrides-(%2Fexec)"),
        ("a/b.c", "a%2Fb-c"),
        ("under_score", "under_score"),
        ("Откат", "откат"),
    ],
)
def test_headings_on_mintlify(text: str, slug: str) -> None:
    anchors = Anchors(mintlify=True)
    anchors.heading(text, 2)
    assert resolves(slug, anchors.all(), mintlify=True)


def anchors_of(*headings: str, mintlify: bool = False) -> list[str]:
    anchors = Anchors(mintlify=mintlify)
    for heading in headings:
        anchors.heading(heading, 2)
    return anchors.all()


def test_equal_headings_are_numbered() -> None:
    assert anchors_of("A", "A", "A") == ["a", "a-1", "a-2"]
    assert anchors_of("A", "A-1", "A") == ["a", "a-1", "a-2"]
    assert anchors_of("A", "A", "A", mintlify=True) == ["a", "a-1", "a-2", "a-3"]  # both ways of counting


def test_deep_headings_have_no_anchor_of_mintlify() -> None:
    anchors = Anchors(mintlify=True)
    anchors.heading("a & b", 5)
    assert anchors.all() == ["a--b"]


@pytest.mark.parametrize(
    ("name", "attributes", "expected"),
    [
        ("Tab", {"title": "Linux & macOS"}, ["linux-&-macos"]),
        ("Accordion", {"title": "How: this"}, ["how-this"]),
        ("Accordion", {"title": "Cafés & bars"}, ["cafes-and-bars"]),
        ("Accordion", {"title": "Use `x`"}, ["use-x"]),
        ("View", {"title": "One"}, ["one"]),
        ("Step", {"title": "Do it"}, ["do-it"]),
        ("Update", {"label": "v1.2"}, ["v1-2"]),
        ("ParamField", {"path": "userId"}, ["param-user-id"]),
        ("ParamField", {"name": "no"}, []),
        ("ResponseField", {"name": "HTTPServer"}, ["param-http-server"]),
        ("Card", {"title": "no"}, []),
        ("Tab", {"title": "x", "id": "own"}, []),
        ("Tab", {}, []),
    ],
)
def test_components(name: str, attributes: dict[str, str], expected: list[str]) -> None:
    anchors = Anchors(mintlify=True)
    anchors.component(name, attributes)
    assert anchors.all() == expected
    plain = Anchors(mintlify=False)
    plain.component(name, attributes)
    assert plain.all() == []


def test_equal_components_are_numbered() -> None:
    anchors = Anchors(mintlify=True)
    for name in ("Accordion", "Accordion", "Tab", "Tab"):
        anchors.component(name, {"title": "x"})
    assert anchors.all() == ["x", "x-1", "x-2"]


@pytest.mark.parametrize(
    ("fragment", "found"),
    [
        ("setup", True),
        ("Setup", False),
        ("%C3%BC", True),
        ("ü", True),
        ("", True),
        ("top", True),
        ("TOP", True),
        (":~:text=x", True),
        ("setup:~:text=x", True),
        ("nowhere", False),
        ("nowhere:~:text=x", False),
        ("set(up)", False),
        ("%ff", False),
    ],
)
def test_fragments(fragment: str, found: bool) -> None:
    assert resolves(fragment, ("setup", "ü"), mintlify=False) is found


def test_mintlify_overlooks_punctuation() -> None:
    assert resolves("set(up)", ("setup",), mintlify=True)
    assert resolves("setup", ("set'up",), mintlify=True)
    assert not resolves("set-up", ("setup",), mintlify=True)


@given(headings=st.lists(st.text(max_size=12), max_size=8), mintlify=st.booleans())
def test_every_heading_can_be_linked_to_and_no_two_share_an_anchor(headings: list[str], mintlify: bool) -> None:
    found = anchors_of(*headings, mintlify=mintlify)
    assert all(resolves(github_slug(heading), found, mintlify=mintlify) for heading in headings)
    if mintlify:
        assert all(resolves(mintlify_slug(heading), found, mintlify=True) for heading in headings)
    else:
        assert len(found) == len(headings)

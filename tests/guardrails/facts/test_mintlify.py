"""The ids that Mintlify gives headings and components, held against its own package."""

from __future__ import annotations

import json
import subprocess

import pytest

from guardrails.facts.emoji import EMOJI
from guardrails.facts.markdown import Page
from guardrails.facts.mintlify import cleaned
from needs import need
from renderers import mintlify, pages, recorded

PRINTED = "\u2018\u2019\u201c\u201d\u2014\u2026"  # what only the published site makes of quotes, dashes and dots


def differs(text: str, ids: list[str]) -> bool:
    ours = Page(text, mdx=True).anchors
    return bool(set(ids) - set(ours)) or any(one not in ids and not set(one) & set(PRINTED) for one in ours)


def test_recorded_pages_have_the_ids_of_mintlify() -> None:
    assert [text for text, ids in recorded()["mintlify"] if differs(text, ids)] == []


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
    assert cleaned("100%1") == "100%1"
    assert cleaned("%ff%41") == "%ff%41"


def test_pictures_are_those_of_a_program_that_knows_them() -> None:
    """Node may know a newer or older Unicode than the list, which differ in what they reserve."""
    need("node")
    program = r"""
        const emoji = /\p{Emoji_Modifier}|\p{Emoji_Modifier_Base}|\p{Emoji_Presentation}|\p{Extended_Pictographic}/u;
        const codes = [...Array(0x20000).keys()].filter((code) => code >> 11 !== 27); // no halves of pairs
        console.log(JSON.stringify(codes.filter((code) => emoji.test(String.fromCodePoint(code)))));"""
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True, timeout=60)
    known = set(json.loads(done.stdout))
    ours = {code for code in range(0x20000) if EMOJI.match(chr(code))} - {0x200D, 0xFE0E, 0xFE0F}
    assert {code for code in known ^ ours if code < 0x1F000} == set()
    assert len(known ^ ours) < 200

"""Which characters are pictures, held against a program that knows."""

from __future__ import annotations

import json
import subprocess

from guardrails.facts.pages.emoji import EMOJI
from needs import need


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

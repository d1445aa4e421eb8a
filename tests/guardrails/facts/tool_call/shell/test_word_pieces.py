"""Quotes and braces, as bash itself prints them."""

from __future__ import annotations

import subprocess

import pytest

from guardrails.facts.tool_call.shell.word_pieces import ansi_c
from readings import words

TEXTS = r"""
a'b'\''c' \'d "e\"f\\g\h\$i\`j" '\n' "" '' k\ l
{a,b} {a,b}{c,d} x{a,{b,c}}y {a,} {,a} {} {a} {'a,b',c} \{a,b} {a\,b,c} '{a,b}' {a,b\}} }{ {a,{b}
{1..3} {3..1} {01..3} {-1..1} {1..6..2} {6..1..2} {a..c} {c..a} {a..1} {1..} {..2} {1..2..} {A..C..2} {1..3..0}
a{b,c}{1..2} {{a,b},c} {,}x x{,} ,{a,b}, {a,b},{c $'{a,b}' {a..c}{,} {x,y}{} {a,b}} {{a,b} a{,b{,c}}
$'\x41\101\u0041\n\t\\\'\"\?\e\cA\z\x' $'a\0b'c $'\U00000041' $'\xc3\xa9' $'\1234'
a#b #c d
a"b"'c'd\e "a'b" 'a"b'
$"a b" '$x' "a!b" \~ '~' "~" a~ a=b
""".strip().split("\n")


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_what_bash_makes_of_them(text: str) -> None:
    done = subprocess.run(["bash", "-c", f"printf '%s\\0' {text}"], capture_output=True, check=True, cwd="/")
    assert [*words(f"echo {text}"), ""] == done.stdout.decode().split("\0")


def test_a_letter_by_its_number_is_unknown_where_the_locale_decides() -> None:
    assert words(r"echo $'\u00e9' $'\U1F600'") == ["?", "?"]


def test_braces_that_would_be_too_many_words_are_unknown() -> None:
    assert words("rm {1..1000000} a") == ["?", "a"]
    assert words("rm " + "{a,b}" * 40) == ["?"]


def test_an_escape_at_the_end_stays() -> None:
    assert ansi_c("a\\") == "a\\"
    assert ansi_c(r"\xff") == "\udcff"

"""Which calls of an interpreter bring code, and what is known of it."""

from __future__ import annotations

import pytest

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.shell.interpreters import code_of


def code(text: str, script: str | None = None) -> str | None:
    words = [Word((one,)) for one in text.split(" ")]
    return code_of(words, None if script is None else Word((script,)), fed=script is not None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python3 -c x", "x"),
        ("/usr/bin/python3.11 -B -X dev -Wd -Icx", "x"),
        ("python3 -m x -c y", None),
        ("python3 -Bm x", None),
        ("python3 x.py -c y", None),
        ("python3.13t -c x", "x"),
        ("perl -lne x", "x"),
        ("perl -I lib -Mstrict -e x", "x"),
        ("perl x.pl -e y", None),
        ("ruby -Ilib -e x", "x"),
        ("node -e x", "x"),
        ("node --print=x", "x"),
        ("node -r y -p x", "x"),
        ("node --test x.js", None),
        ("php -r x", "x"),
        ("deno eval x y", "x y"),
        ("deno test", None),
        ("osascript -e x", "x"),
        ("awk {print}", None),
        ("gawk BEGIN{system(x)}", "BEGIN{system(x)}"),
        ('awk {print|"sh"}', '{print|"sh"}'),
        ("awk {print>$1}", "{print>$1}"),
        ("awk $1>5", None),
        ("sed s/a/b/g", None),
        ("sed s/a/b/ge", "s/a/b/ge"),
        ("sed -n /x/e", "/x/e"),
        ("sed /e/d", None),
        ("ls -c x", None),
    ],
)
def test_code_is_told_from_the_name_of_a_file(text: str, expected: str | None) -> None:
    assert code(text) == expected


def test_code_may_be_fed() -> None:
    assert code("python3 -", "x") == "x"
    assert code("python3", "x") == "x"
    assert code("python3 y.py", "x") is None
    assert code("python3") is None

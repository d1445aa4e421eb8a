from __future__ import annotations

import pytest

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.programs.arguments import after, parse


def words(text: str) -> list[Word]:
    return [Word((one,)) for one in text.split()]


@pytest.mark.parametrize(
    ("text", "options", "operands"),
    [
        ("-rf a b", [("r", None), ("f", None)], ["a", "b"]),
        ("a -r", [("r", None)], ["a"]),
        ("-t dir a", [("t", "dir")], ["a"]),
        ("-tdir a", [("t", "dir")], ["a"]),
        ("--target dir a", [("target", "dir")], ["a"]),
        ("--target=dir a", [("target", "dir")], ["a"]),
        ("--targ dir a", [("targ", "dir")], ["a"]),
        ("-i.bak a", [("i", ".bak")], ["a"]),
        ("-ni a", [("n", None), ("i", "")], ["a"]),
        ("-- -r a", [], ["-r", "a"]),
        ("- a", [], ["-", "a"]),
        ("-t", [("t", None)], []),
    ],
)
def test_options_and_operands(text: str, options: list[tuple[str, str | None]], operands: list[str]) -> None:
    found = parse(words(text), ("t", "target"), "i")
    assert [(name, None if value is None else value.known) for name, value in found.options] == options
    assert [word.text for word in found.operands] == operands


def test_long_options_may_be_cut() -> None:
    found = parse(words("--recurs --no"))
    assert found.has("recursive")
    assert not found.has("no-verify")


def test_the_rest_of_a_word_keeps_what_is_unknown() -> None:
    assert after(Word(("of=/srv/", None, "b")), 3) == Word(("/srv/", None, "b"))
    assert after(Word((None, "b")), 1) == Word(("b",))
    assert parse([Word(("--output=", None))]).values("output") == (Word((None,)),)


def test_options_end_at_the_first_operand_where_they_may_not_be_mixed() -> None:
    found = parse(words("-u script.py -c x"), ("c",), mixed=False)
    assert found.values("c") == ()
    assert [word.text for word in found.operands] == ["script.py", "-c", "x"]

"""A command line is the words that a shell makes of it, and nothing else decides whether two are equal."""

from __future__ import annotations

import random
import subprocess

import pytest

from guardrails.wording.command_lines import command_words, quote_words, split_line

_PIECES = (
    "a",
    "bc",
    " ",
    "  ",
    "'",
    '"',
    "\\ ",
    "\\'",
    '\\"',
    "\\\\",
    "é",
    "=",
    "-x",
    "'q w'",
    '"q w"',
    "''",
    "{candidate}",
)


def _of_the_shell(text: str) -> tuple[str, ...] | None:
    """What sh makes of a text without expansions; None when it cannot read it."""
    script = f"printf '%s\\0' x {text}\n"
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=False)
    return tuple(done.stdout.decode().split("\0")[1:-1]) if done.returncode == 0 else None


def test_words_are_those_of_the_shell() -> None:
    dice = random.Random(10)
    for _ in range(300):
        text = "".join(dice.choices(_PIECES, k=dice.randrange(1, 9)))
        expected = _of_the_shell(text)
        if expected is None:
            with pytest.raises(ValueError, match="is no command line"):
                split_line(text)
        else:
            assert split_line(text) == expected, text


def test_a_line_splits_into_the_words_that_it_was_made_of() -> None:
    dice = random.Random(11)
    for _ in range(300):
        made = tuple("".join(dice.choices([*_PIECES, "\n", "$(x)", "&&", ";"], k=dice.randrange(4))) for _ in range(4))
        assert split_line(quote_words(made)) == made
        assert _of_the_shell(quote_words(made)) == made


@pytest.mark.parametrize("text", ["a && b", "a | b", "a > b", "a ; b", "a &"])
def test_what_only_a_shell_understands_is_no_command(text: str) -> None:
    with pytest.raises(ValueError, match="means something to a shell only"):
        command_words(text)
    assert command_words(f"sh -c '{text}'") == ("sh", "-c", text)

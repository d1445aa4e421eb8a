"""Long lines are broken between words alone, and never between the two halves of a secret."""

from __future__ import annotations

import pytest

from guardrails.wording.wrapped_lines import wrap_line


def test_a_line_that_fits_or_has_no_width_stays_as_it_is() -> None:
    assert wrap_line("  one two", 4, None) == ["  one two"]
    assert wrap_line("  one two", 4, 9) == ["  one two"]


def test_further_lines_are_indented_as_told_and_the_first_as_it_was() -> None:
    assert wrap_line("  one two three four five six", 4, 24) == ["  one two three four", "    five six"]


@pytest.mark.parametrize("line", ["    /srv/" + "x" * 40, "  do git-rebase--interactive-and-more-of-it-than-fits"])
def test_a_word_is_never_broken(line: str) -> None:
    assert [word for one in wrap_line(line, 4, 30) for word in one.split()] == line.split()
    assert wrap_line(line, 4, 30)[0].startswith("  ")


def test_some_columns_are_left_on_the_narrowest_terminal() -> None:
    assert wrap_line("one two three four five", 16, 22) == ["one two three four", "  five"]


def test_a_secret_of_two_words_is_taken_out_before_it_could_be_broken() -> None:
    line = "the header that was sent is Authorization: Bearer 0123456789abcdef0123456789abcdef"
    assert "0123456789abcdef" not in "".join(wrap_line(line, 2, 50))

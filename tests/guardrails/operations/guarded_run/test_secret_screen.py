"""Lines leave without secrets, however they are cut into parts."""

import pytest

from guardrails.operations.guarded_run.secret_screen import LEFT_OUT, SecretScreen

TOKEN = b"ghp_" + b"a1B2" * 9


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_parts_of_any_length_make_no_difference(size: int) -> None:
    text = b"plain\nwith " + TOKEN + b" in it\r\n\xff and more\rlast"
    screen = SecretScreen()
    parts = [screen.take(text[start : start + size]) for start in range(0, len(text), size)]
    assert b"".join(parts) + screen.rest() == text.replace(TOKEN, b"***")


def test_a_started_line_leaves_unless_it_hints_at_a_secret() -> None:
    screen = SecretScreen()
    assert screen.take(b"working") == b""
    assert screen.started_line() == b"working"
    assert screen.take(b" ... done\n") == b" ... done\n"
    assert screen.take(b"password: ") + screen.started_line() == b""
    assert screen.is_waiting


def test_the_rest_of_a_started_line_is_looked_at_with_its_start() -> None:
    screen = SecretScreen()
    screen.take(b"pass")
    assert screen.started_line() == b"pass"
    assert screen.take(b"word: hunter2hunter2\nnext\n") == f"{LEFT_OUT}\nnext\n".encode()


def test_beyond_the_budget_lines_that_hint_are_left_out() -> None:
    screen = SecretScreen(budget=60)
    line = b"with " + TOKEN + b"\n"
    assert screen.take(line * 2 + b"plain\n") == b"with ***\n" + f"{LEFT_OUT}\n".encode() + b"plain\n"


def test_a_private_key_is_left_out_from_its_first_line_to_its_last() -> None:
    screen = SecretScreen()
    said = screen.take(b"-----BEGIN PRIVATE KEY-----\n") + screen.take(b"abc/def\n") + screen.started_line()
    said += screen.take(b"-----END PRIVATE KEY-----\nafter\n")
    assert said == f"{LEFT_OUT}\n".encode() * 3 + b"after\n"


def test_a_long_line_is_looked_at_in_pieces_with_what_came_before() -> None:
    screen = SecretScreen()
    said = screen.take(b"x " * 40000 + b"ghp") + screen.take(b"_" + b"a1B2" * 9 + b"\n")
    assert b"a1B2" not in said

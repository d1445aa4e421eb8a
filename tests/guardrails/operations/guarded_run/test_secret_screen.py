"""Lines leave without secrets, however they are cut into parts."""

import time

import pytest

from guardrails.operations.guarded_run.secret_screen import LEFT_OUT, SecretScreen

TOKEN = b"ghp_" + b"a1B2" * 9


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_parts_of_any_length_make_no_difference(size: int) -> None:
    text = b"plain\nwith " + TOKEN + b" in it\r\n\xff and more\rlast"
    screen = SecretScreen()
    parts = [screen.take(text[start : start + size]) for start in range(0, len(text), size)]
    assert b"".join(parts) + screen.take_rest() == text.replace(TOKEN, b"***")


def test_a_started_line_leaves_unless_it_hints_at_a_secret() -> None:
    screen = SecretScreen()
    assert screen.take(b"working") == b""
    assert screen.take_started_line() == b"working"
    assert screen.take(b" ... done\n") == b" ... done\n"
    assert screen.take(b"password: ") == b""
    assert screen.is_waiting
    assert screen.take_started_line() == b""
    assert not screen.is_waiting, "it is not looked at over and over"
    assert screen.take_rest() == b"password: "


def test_the_rest_of_a_started_line_is_looked_at_with_its_start() -> None:
    screen = SecretScreen()
    screen.take(b"pass")
    assert screen.take_started_line() == b"pass"
    assert screen.take(b"word: hunter2hunter2\nnext\n") == f"{LEFT_OUT}\nnext\n".encode()


def test_beyond_the_budget_lines_that_hint_are_left_out() -> None:
    screen = SecretScreen(budget=60)
    line = b"with " + TOKEN + b"\n"
    assert screen.take(line * 2 + b"plain\n") == b"with ***\n" + f"{LEFT_OUT}\n".encode() + b"plain\n"


def test_a_private_key_is_left_out_from_its_first_line_to_its_last() -> None:
    screen = SecretScreen()
    said = screen.take(b"-----BEGIN PRIVATE KEY-----\n") + screen.take(b"abc/def\n") + screen.take_started_line()
    said += screen.take(b"-----END PRIVATE KEY-----\nafter\n")
    assert said == f"{LEFT_OUT}\n".encode() + b"after\n"


@pytest.mark.parametrize(
    "line", [b"a=1\n", b"\nx --y\n", b"--\n\n\n\n", b"token=abcd\r", b"-----BEGIN PRIVATE KEY\n\n\n\n"]
)
def test_short_lines_that_hint_take_bounded_time_and_grow_little(line: bytes) -> None:
    screen, part, began, size = SecretScreen(), line * (65536 // len(line)), time.process_time(), 0
    for _ in range(64):
        size += len(screen.take(part))
    assert time.process_time() - began < 15
    assert size < 6 << 20


def test_a_long_line_is_looked_at_in_pieces_with_what_came_before() -> None:
    screen = SecretScreen()
    said = screen.take(b"x " * 40000 + b"ghp") + screen.take(b"_" + b"a1B2" * 9 + b"\n")
    assert b"a1B2" not in said


def test_a_certificate_is_no_secret() -> None:
    text = b"-----BEGIN CERTIFICATE-----\nabc/def\n"
    assert SecretScreen().take(text) == text

"""The lines that git gives to pre-push and pre-receive; whatever else comes is one clear refusal."""

from __future__ import annotations

import pytest

from guardrails import RefUpdate
from guardrails.errors import UsageError
from guardrails.facts.operation.ref_updates import parse

OLD, NEW, NONE = "a" * 40, "b" * 40, "0" * 40


def test_pre_push_names_the_local_ref_first() -> None:
    assert parse(f"refs/heads/x {NEW} refs/heads/main {OLD}\n".encode()) == (
        RefUpdate("refs/heads/main", OLD, NEW, "refs/heads/x"),
    )


def test_pre_receive_names_no_local_ref() -> None:
    assert parse(f"{OLD} {NEW} refs/heads/main\n".encode()) == (RefUpdate("refs/heads/main", OLD, NEW),)


def test_what_the_pusher_calls_it_may_hold_spaces() -> None:
    (update,) = parse(f"main@{{1 day ago}} {NEW} refs/heads/main {OLD}\n".encode())
    assert update.local == "main@{1 day ago}"


def test_a_deletion_and_a_new_ref() -> None:
    deleted, new = parse(f"(delete) {NONE} refs/heads/x {OLD}\nHEAD {NEW} refs/tags/v1 {NONE}\n".encode())
    assert (deleted.new, new.old, new.local) == (NONE, NONE, "HEAD")


def test_nothing_to_push_is_no_update() -> None:
    assert parse(b"") == ()


def test_ids_of_sha256_repositories() -> None:
    assert parse(f"{'a' * 64} {'b' * 64} refs/heads/main\n".encode())[0].new == "b" * 64


@pytest.mark.parametrize(
    "line",
    [
        "nonsense\n",
        "\n",
        f"{OLD} {NEW} main\n",
        f"{OLD} {NEW[1:]} refs/heads/main\n",
        f"{OLD} {'b' * 64} refs/heads/main\n",
        f"{OLD} {NEW.upper()} refs/heads/main\n",
        f"{OLD} {NEW} refs/heads/main",
    ],
)
def test_a_line_that_git_would_not_write_is_refused(line: str) -> None:
    with pytest.raises(UsageError):
        parse(line.encode())

"""Programs that start others: their options, and what is left of the command."""

from __future__ import annotations

import shlex

import pytest

from guardrails_policies.openclaw.shell.calls import Call, find_started, split_assignments, split_options


def started(line: str, **variables: str | None) -> Call | None:
    return find_started(Call(tuple(shlex.split(line)), "/folder", variables))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nohup x -a", "x -a"),
        ("nice x", "x"),
        ("nice -n 5 -- x -n", "x -n"),
        ("nice --adjustment=5 x", "x"),
        ("nice -5 x", "x"),
        ("timeout -k 3 -s TERM 5 x 6", "x 6"),
        ("timeout --kill-after 3 --foreground 5 x", "x"),
        ("ionice -c2 -n 3 x", "x"),
        ("stdbuf -o L -eL x", "x"),
        ("chrt -r 5 x", "x"),
        ("taskset -c 0,1 x", "x"),
        ("caffeinate -dis -t 5 x", "x"),
        ("exec -a name x y", "x y"),
        ("command -p x", "x"),
        ("env", ""),
        ("nohup", ""),
    ],
)
def test_what_is_left(line: str, words: str) -> None:
    found = started(line, A="1")
    assert found is not None
    assert (" ".join(found.words), found.folder, dict(found.variables), found.doubt) == (
        words,
        "/folder",
        {"A": "1"},
        "",
    )


@pytest.mark.parametrize("line", ["x", "command -v x", "sudo x", "./environment x"])
def test_other_programs(line: str) -> None:
    assert started(line) is None


@pytest.mark.parametrize(
    ("line", "words", "variables", "folder"),
    [
        ("env A=2 x B=3", "x B=3", {"A": "2"}, "/folder"),
        ("env -u A -C sub x", "x", {}, "/folder/sub"),
        ("env -iC/other B=1 x", "x", {"B": "1"}, "/other"),
        ("env - x", "x", {}, "/folder"),
        ("env -S 'B=$A C=${A} x' y", "x y", {"A": "1", "B": "$A", "C": "1"}, "/folder"),
        ("env -vS '-u A x # no'", "x", {}, "/folder"),
        ("exec -c x", "x", {}, "/folder"),
    ],
)
def test_variables_and_folders(line: str, words: str, variables: dict[str, str], folder: str) -> None:
    found = started(line, A="1")
    assert found is not None
    assert (" ".join(found.words), dict(found.variables), found.folder, found.doubt) == (words, variables, folder, "")


@pytest.mark.parametrize("line", ["env -S 'x ${UNKNOWN}'", r"env -S 'x\_y'", "env -S 'x \"y'"])
def test_words_that_cannot_be_told(line: str) -> None:
    found = started(line)
    assert found is not None
    assert found.doubt


def test_options_and_assignments() -> None:
    assert split_options(["-abc", "d", "--x=1", "--y", "2", "z", "-q"], ("c", "--y")) == (
        [("-a", ""), ("-b", ""), ("-c", "d"), ("--x", "1"), ("--y", "2")],
        ["z", "-q"],
    )
    assert split_assignments(["A=1", "B=a=b\nc", "x", "C=3"]) == ({"A": "1", "B": "a=b\nc"}, ["x", "C=3"])

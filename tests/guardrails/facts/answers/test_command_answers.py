"""Real commands, each answering badly in a way of its own, asked as a service is asked for its health."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, CommandAnswers, DoesNotApply, Environment, Table, World
from guardrails.facts.answers import retries
from guardrails.facts.answers.command_answers import CommandAnswer
from guardrails.testing import gather
from progress import elapsed

CALLER = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


@pytest.fixture(autouse=True)
def _one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause that does not fit: what is tried again, and when, is tested in test_tries.py."""
    monkeypatch.setattr(retries, "PAUSE", 60.0)


def answers(
    repo: Path,
    command: str,
    *,
    json: dict[str, Any] | None = None,
    contains: str = "",
    times: int = 1,
    within: str = "10s",
    caller: dict[str, str] | None = None,
    **rest: Any,
) -> CommandAnswers:
    prod = Environment("prod", str(repo), **rest)
    variables = CALLER if caller is None else caller
    world = World(prod, {"prod": prod}, at=time.time(), home="/home/me", variables=variables)
    return gather(CommandAnswers, world, command, Table(json or {}), contains, times, within)


def last(repo: Path, command: str, **rest: Any) -> CommandAnswer:
    return answers(repo, command, **rest).answers[-1]


def script(folder: Path, text: str, name: str = "ask") -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return f"./{name}"


def test_a_command_answers_from_the_repository(tmp_path: Path) -> None:
    assert last(tmp_path, script(tmp_path, "pwd; echo no >&2")) == CommandAnswer(0, f"{tmp_path}\n".encode(), b"no\n")


def test_a_command_has_the_variables_of_the_environment_and_few_of_the_caller(tmp_path: Path) -> None:
    caller = {"PATH": "/usr/bin:relative::/bin", "LANG": "de_DE.UTF-8", "TOKEN": "x", "LD_PRELOAD": "y", "STATE": "no"}
    variables = {"STATE": "{state_dir}", "REPO": "{repo}/x", "AT_HOME": "~/x"}
    answer = last(tmp_path, "/usr/bin/env", caller=caller, variables=variables, state_dir="/state")
    assert sorted(answer.output.decode().split()) == [
        "AT_HOME=/home/me/x",
        "HOME=/home/me",
        "LANG=de_DE.UTF-8",
        "PATH=/usr/bin:/bin",
        f"REPO={tmp_path}/x",
        "STATE=/state",
    ]


def test_words_are_words_and_nothing_is_a_shell(tmp_path: Path) -> None:
    command = "printf '%s|' 'a b' \"c'd\" $HOME '$(id)' ~/x {repo} {state_dir}/y '{ print }' '*'"
    answer = last(tmp_path, command, state_dir="/st ate")
    assert answer.output.decode() == f"a b|c'd|$HOME|$(id)|/home/me/x|{tmp_path}|/st ate/y|{{ print }}|*|"


def test_the_line_to_type_sets_what_the_command_was_given(tmp_path: Path) -> None:
    found = answers(tmp_path, "ls 'a b'", variables={"STATE": "{state_dir}", "API_TOKEN": "hunter2"}, state_dir="/s t")
    assert found.line == f"cd {tmp_path} && STATE='/s t' ls 'a b'"


def test_a_missing_program_is_said_at_once(tmp_path: Path) -> None:
    started = time.monotonic()
    for command in ("no-such-program --json", "./no-such-program", "{repo}/no", "/etc", "/etc/passwd"):
        answer = last(tmp_path, command)
        assert answer.problem.startswith("there is no program ")
        assert answer.differs({}, "") == answer.problem
    assert elapsed(started) < 1


def test_no_program_is_found_in_a_relative_folder_of_the_path(tmp_path: Path) -> None:
    script(tmp_path, "echo mine", "id")
    assert b"mine" not in last(tmp_path, "id", caller={"PATH": ".::/usr/bin:/bin"}).output
    assert last(tmp_path, "id", caller={"PATH": "."}).problem
    assert b"uid" in last(tmp_path, "id", caller={}).output


@pytest.mark.parametrize(
    ("text", "difference"),
    [
        ("exit 3", "exit status 3"),
        ("echo broken >&2; exit 1", "exit status 1: broken"),
        ("echo said; exit 1", "exit status 1: said"),
        ("printf 'a\\n\\n b  c\\n' >&2; echo said; exit 1", "exit status 1: a ⏎ b c; on its output: said"),
        ("seq 9; exit 1", "exit status 1: 5 ⏎ 6 ⏎ 7 ⏎ 8 ⏎ 9"),
        ("kill -9 $$", "exit status -9"),
        ("echo 'token=hunter2hunter2' >&2; exit 1", "exit status 1: token=***"),
        ("sleep 100", "ask gave no answer within 0.4 s"),
        ("sleep 2 & exit 0", "ask gave no answer within 0.4 s"),
        ("trap '' TERM; while :; do sleep 1; done", "ask gave no answer within 0.4 s"),
        ("exec yes", "ask wrote more than 1 MiB"),
        ("exec yes >&2", "ask wrote more than 1 MiB"),
    ],
)
def test_a_command_that_fails(tmp_path: Path, text: str, difference: str) -> None:
    within = "400ms" if "within" in difference else "10s"
    assert last(tmp_path, script(tmp_path, text), within=within).differs({}, "") == difference


def test_a_secret_that_is_cut_in_two_is_not_shown(tmp_path: Path) -> None:
    for padding in range(250, 300, 7):
        answer = CommandAnswer(1, b"", b"token=" + b"s3cr" * 10 + b" " + b"x" * padding)
        assert "s3cr" not in answer.differs({}, "")


@pytest.mark.parametrize(
    ("output", "difference"),
    [
        (b'{"ok": false}', "ok = false"),
        (b'{"ok": 1}', "ok = 1"),
        (b'{"ok": "true"}', 'ok = "true"'),
        (b"{}", "output without ok"),
        (b"[]", "output without ok"),
        (b"", "the output is not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        (b'{"ok": true} Done.', "the output is not valid JSON: Extra data"),
        (b'{"ok": true, "ok": true}', "the output is not valid JSON: the key 'ok' stands twice"),
        (b'{"ok": true, "n": NaN}', "the output is not valid JSON: NaN"),
        (b"{ok: true}", "the output is not valid JSON"),
        (b"[" * 100_000, "the output is nested too deeply"),
        (b'{"ok": true, "x": "\xff"}', "output that is not UTF-8"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_output_with_another_value(output: bytes, difference: str) -> None:
    assert CommandAnswer(0, output).differs({"ok": True}, "").startswith(difference)


def test_output_as_it_should_be() -> None:
    answer = CommandAnswer(0, b'{"ok": true, "facts": [{"rows": 12}]}\n', b"\xff a warning")
    assert answer.differs({"ok": True, "facts.0.rows": 12}, "facts") == ""
    assert answer.differs({}, "") == ""
    assert answer.differs({}, "Memory") == """output without 'Memory': {"ok": true, "facts": [{"rows": 12}]}"""
    assert CommandAnswer(0, b"\xff").differs({}, "") == ""
    assert CommandAnswer(0, b"\xff").differs({}, "x") == "output that is not UTF-8"
    assert CommandAnswer(0, b'{"token": "hunter2"}').differs({"token": "x"}, "") == "token = (not shown)"


def test_a_command_that_needs_its_time_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "PAUSE", 0.05)
    command = script(tmp_path, f"echo . >> {tmp_path}/tries; echo '{{\"n\":' $(wc -l < {tmp_path}/tries) '}}'")
    assert last(tmp_path, command, json={"n": 3}).output == b'{"n": 3 }\n'
    assert len((tmp_path / "tries").read_text().splitlines()) == 3


def test_a_command_is_asked_as_often_as_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "PAUSE", 0.05)
    command = script(tmp_path, f"echo . >> {tmp_path}/tries; echo fine")
    found = answers(tmp_path, command, contains="fine", times=3)
    assert [answer.output for answer in found.answers] == [b"fine\n"] * 3
    assert len((tmp_path / "tries").read_text().splitlines()) == 3


def test_what_is_not_configured_or_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(DoesNotApply, match="no command"):
        answers(tmp_path, "  ")
    with pytest.raises(DoesNotApply, match="prod has no state_dir"):
        answers(tmp_path, "ls {state_dir}")
    with pytest.raises(CannotKnow, match=r"cannot run '(/usr)?/bin/ls'"):
        answers(tmp_path / "no-repository", "ls")
    (tmp_path / "garbage").write_bytes(os.urandom(64))
    (tmp_path / "garbage").chmod(0o755)
    with pytest.raises(CannotKnow, match="cannot run"):
        answers(tmp_path, "./garbage")


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("echo 'a", "No closing quotation"),
        ("ls {statedir}", r"\{statedir\} stands for nothing"),
        ("curl x | grep y", r"command: \| means something to a shell only"),
        ("make && ls", "command: && means"),
        ("ls > x", "command: > means"),
    ],
)
def test_a_command_that_cannot_be_meant(command: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        CommandAnswers.check(command, {}, "10s", 1)


def test_a_quoted_sign_is_only_text() -> None:
    with pytest.raises(ValueError, match="not a dotted name"):
        CommandAnswers.check("ls", {"a..b": 1}, "10s", 1)
    CommandAnswers.check("grep 'a|b' {repo}/x", {"a.b": 1}, "10s", 1)

"""A printed line is one line, whatever text it holds, and names the configuration that is in force."""

from __future__ import annotations

import shlex

import pytest

from guardrails import Guardrails, a_look, commented
from guardrails.remedies import split_comment

HERE = Guardrails("/my world/guardrails.toml", environment="prod", operations=(("previous", "go back"),))


@pytest.mark.parametrize("world", ["a\nrm -rf ~", "a\r\nreboot", "a\u2028reboot"])
def test_no_text_of_the_world_gets_out_of_a_comment(world: str) -> None:
    for line in (commented("true", world), a_look("true", world)):
        assert line.splitlines() == [line]
        assert shlex.split(line, comments=True) == ["true"]


def test_a_look_says_that_it_is_one() -> None:
    assert a_look("git log", "which is it?") == "git log   # a look: which is it?"


@pytest.mark.parametrize(
    "command",
    ["true", "rm 'a   # b'", 'echo "it\'s   # \\" \'"', "echo a#b \\#c", "cat 'x'\"'\"'   # y'", "echo '\n   # '"],
)
def test_a_comment_is_taken_off_where_a_shell_would_take_it_for_one(command: str) -> None:
    assert split_comment(command) == (command, "")
    assert split_comment(commented(command, "it's   # \" so")) == (command, "it's   # \" so")


@pytest.mark.parametrize("words", ["see issue #12", "do it # by hand", "don't   # do it", "# by hand", ""])
def test_words_that_are_no_command_stay_whole(words: str) -> None:
    assert split_comment(words) == (words, "")


def test_the_configuration_stands_in_the_line() -> None:
    assert HERE.line("check", "--env", "p q") == "guardrails check --env 'p q' --config '/my world/guardrails.toml'"
    line = HERE.line("attest", "test", "--env", "dev", "--", "sh", "-c", "a && b")
    assert line == "guardrails attest test --env dev --config '/my world/guardrails.toml' -- sh -c 'a && b'"
    assert Guardrails().line("check") == "guardrails check"


def test_rules_of_a_ref_are_read_again_where_they_were() -> None:
    trusted = Guardrails(ref="abc", folder="/a b")
    assert trusted.line("check", "--env", "prod") == "cd '/a b' && guardrails check --env prod --config-ref abc"
    assert trusted.line("rescue", "save") == "cd '/a b' && guardrails rescue save"


def test_an_operation_is_known_by_its_end() -> None:
    assert HERE.run("previous") == "guardrails run 'go back' --env prod --config '/my world/guardrails.toml'"
    assert HERE.run("upstream") == ""

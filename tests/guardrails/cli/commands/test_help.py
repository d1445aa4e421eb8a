"""`guardrails`, `guardrails help`, and the help of a command and of one thing that it does."""

from __future__ import annotations

import pytest

from guardrails.cli import main
from guardrails.cli.commands import COMMANDS
from guardrails.cli.parser import parser_of


def helped(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_help_is_what_guardrails_alone_prints(capsys: pytest.CaptureFixture[str]) -> None:
    alone = helped(capsys)
    assert alone.startswith("usage: guardrails ")
    assert helped(capsys, "help") == alone
    with pytest.raises(SystemExit):
        main(["--help"])
    assert capsys.readouterr().out == alone


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_its_own(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert helped(capsys, "help", command) == parser_of(command).format_help()


def test_help_of_one_thing_that_a_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    text = helped(capsys, "help", "hook", "install")
    assert "{install} KIND" in text
    assert "run guardrails there" in text
    assert "guardrails hook install pre-push" in text
    assert "guardrails hook uninstall pre-push" not in text
    assert "put back" not in text


def test_every_word_has_its_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    words = {
        (command, str(word), action.help)
        for command in COMMANDS
        for action in parser_of(command)._actions
        if not action.option_strings
        for word in action.choices or ()
    }
    assert len(words) > 15
    for command, word, whole in words:
        text = helped(capsys, "help", command, word)
        if command != "completion":  # whose words are names of shells
            assert str(whole) not in " ".join(text.split()), f"{command} {word}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("chek", "no command chek; did you mean check?"),
        ("hook instal", "guardrails hook takes no word instal; did you mean install?"),
        ("log x", "guardrails log takes no word x; known: show, verify"),
        ("init x", "guardrails init takes no word x; see guardrails init --help"),
        ("hook install pre-push", "help takes a command and one word of it, and no pre-push"),
    ],
)
def test_help_of_what_is_not_there(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", *words.split()]) == 2
    assert capsys.readouterr().err == f"guardrails: {said}\n"

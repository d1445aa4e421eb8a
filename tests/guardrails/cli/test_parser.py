"""What is wrong with arguments is one line that names what was meant, and every argument says what it is."""

from __future__ import annotations

import pytest

from guardrails.cli import main
from guardrails.cli.commands import COMMANDS
from guardrails.cli.parser import parser_of, parser_of_all


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("chek", "no command chek; did you mean check?"),
        ("polices --format json", "no command polices; did you mean policies?"),
        ("xyz", "no command xyz; guardrails help lists them"),
        ("check --envv prod", "no option --envv; did you mean --env?"),
        ("check --envv=prod", "no option --envv; did you mean --env?"),
        ("check -env prod", "no option -env; did you mean --env?"),
        ("check --xyz", "no option --xyz; see guardrails check --help"),
        ("waive --polcy tidy", "no option --polcy; see guardrails waive --help"),
        ("waive --reasn why", "no option --reasn; did you mean --reason?"),
        ("--vers", "no option --vers; did you mean --version?"),
        ("hook instal pre-push", "argument action: no instal; did you mean install?; see guardrails hook --help"),
        ("hook install pre-psh", "argument KIND: no pre-psh; did you mean pre-push?; see guardrails hook --help"),
        ("config shwo", "argument what: no shwo; did you mean show?; see guardrails config --help"),
        ("check --format jsn", "argument --format: no jsn; did you mean json?; see guardrails check --help"),
        ("log show --format xyz", "argument --format: no xyz; known: text, json; see guardrails log --help"),
    ],
)
def test_what_was_meant_is_named(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    assert capsys.readouterr() == ("", f"guardrails: {said}\n")


def test_a_run_that_was_not_understood_did_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "promote", "--evn", "prod", "--", "true", "--never-an-option-of-ours"]) == 125
    assert capsys.readouterr().err == "guardrails: no option --evn; did you mean --env?\n"


def test_a_value_that_begins_with_a_dash_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    for value in ("-- see below", "-1"):
        assert main(["waive", "tidy", "--reason", value]) == 2
        assert "the following arguments are required: --env, --expires" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_says_what_it_is(command: str) -> None:
    for action in parser_of(command)._actions:
        told = action.help or ""
        assert told.strip(), f"{command} {action.dest}"
        if action.choices and not action.option_strings:
            assert [word for word in action.choices if word not in told] == [], f"{command} {action.dest}: {told}"


def test_every_command_has_examples_and_is_listed_with_what_it_does() -> None:
    whole = parser_of_all().format_help()
    for command, does in COMMANDS.items():
        assert f"    {command}" in whole
        assert does.split(",")[0] in " ".join(whole.split())
        assert f"  guardrails {command}" in (parser_of(command).epilog or "")

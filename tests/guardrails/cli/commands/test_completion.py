"""The completion scripts are taken by the shells themselves."""

import subprocess
import sys
from pathlib import Path

import pytest

from guardrails import reporters
from guardrails.cli import main
from guardrails.cli.commands import COMMANDS
from needs import need


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


def completed(text: str, *words: str) -> list[str]:
    """What a real bash offers for the last of the words."""
    ask = f"COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; _guardrails\n"
    command = ["bash", "--norc", "-c", text + ask + 'printf "%s\\n" "${COMPREPLY[@]}"']
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def test_bash_offers_commands_and_options(capsys: pytest.CaptureFixture[str]) -> None:
    text = script("bash", capsys)

    assert completed(text, "guardrails", "po") == ["policies"]
    assert completed(text, "guardrails", "check", "--ca") == ["--candidate"]
    assert completed(text, "guardrails", "config", "sc") == ["schema"]
    assert set(completed(text, "guardrails", "")) == {*COMMANDS, "--help", "--version"}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_the_syntax(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "completion"
    path.write_text(script(shell, capsys))
    need(shell)

    subprocess.run([shell, "--no-execute" if shell == "fish" else "-n", str(path)], check=True)


def test_an_unknown_shell_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert capsys.readouterr().err.startswith("guardrails: argument shell: no tcsh; known: bash, zsh, fish")


def test_bash_offers_values_and_never_runs_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "$(touch${IFS}ran)"
    (tmp_path / "guardrails.toml").write_text(
        'extends = ["openclaw"]\n'
        f'[policies."{hostile}"]\nuse = "clean-worktree"\n[environments."{hostile}"]\nrepo = "x"\n'
        f'[operations."{hostile}"]\n'
    )
    command = tmp_path / "bin/guardrails"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m guardrails "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    text = script("bash", capsys)

    assert completed(text, "guardrails", "check", "--env", "") == ["dev", "prod"]
    assert completed(text, "guardrails", "check", "--op", "pro") == ["promote"]
    assert completed(text, "guardrails", "check", "--format", "") == list(reporters.FORMATS)
    assert completed(text, "guardrails", "explain", "clean") == ["clean-worktree"]
    assert not (tmp_path / "ran").exists()

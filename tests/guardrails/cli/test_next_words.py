"""What may come next, as the parsers declare it, whatever a shell makes of the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrails import reporters
from guardrails.cli.commands import COMMANDS
from guardrails.cli.next_words import next_words


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a configuration of its own."""
    (tmp_path / "guardrails.toml").write_text('[environments.prod]\nrepo = "x"\n[environments.dev]\nrepo = "y"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("GUARDRAILS_ENV", raising=False)


def texts(*line: str) -> list[str] | None:
    found = next_words(line)
    return None if found is None else [one.text for one in found]


@pytest.mark.parametrize("line", [[], [""]])
def test_without_anything_it_is_a_command(line: list[str]) -> None:
    assert texts(*line) == [*COMMANDS, "--help", "--version"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("xyz |", []),
        ("check --env |", ["prod", "dev"]),
        ("check --env p|", ["prod"]),
        ("check --env=p|", ["--env=prod"]),
        ("check --env = p|", ["prod"]),  # as bash splits it
        ("check --env =|", ["prod", "dev"]),
        ("check --at 2026-02-01T10:00:00Z --env p|", ["prod"]),
        ("check --quiet --env p|", ["prod"]),
        ("check --env prod --env|", []),  # given already
        ("check --policy x --polic|", ["--policy"]),  # may be given again
        ("hook |", ["install", "uninstall", "status", "run"]),
        ("hook install pre-p|", ["pre-push"]),
        ("log --env prod v|", ["verify"]),
        ("rescue list |", ["--help", "--env", "--config", "--ignored", "--bundle", "--to", "--branch", "--into"]),
        ("rescue --into d|", ["dev"]),
        ("waive x --reason |", []),
        ("history acc|", ["accept"]),
        ("history accept main --reason |", []),
        ("check --nonsense p|", []),
        ("help lo|", ["log"]),
        ("help log |", ["show", "verify"]),
        ("help log show |", ["--help"]),
    ],
)
def test_what_comes_next(line: str, found: list[str]) -> None:
    assert texts(*line.removesuffix("|").split(" ")) == found


@pytest.mark.parametrize(
    "line",
    ["verify |", "check --config |", "check --config=a|", "check --output |", "run x -- git |", "attest x -- p|"],
)
def test_a_file_may_come_next(line: str) -> None:
    assert texts(*line.removesuffix("|").split(" ")) is None


def test_a_word_says_what_it_means() -> None:
    assert {one.text: one.about for one in next_words(["log", ""]) or ()} == {
        "show": "print the records, oldest first",
        "verify": "say whether all records are there, as they were written",
    }
    assert [one.about for one in next_words(["check", "--quiet"]) or ()] == ["print the verdict alone"]
    assert [one.text for one in next_words(["check", "--format", ""]) or ()] == list(reporters.FORMATS)

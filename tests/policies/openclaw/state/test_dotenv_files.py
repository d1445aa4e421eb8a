"""Files called `.env`: what is expected here is what the package `dotenv` 17 makes of the same texts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails_policies.openclaw.state.dotenv_files import open_secrets, read_dotenv


def read(folder: Path, text: str) -> dict[str, str]:
    (folder / ".env").write_text(text, newline="")
    return read_dotenv(str(folder / ".env"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1\nB = two words  # comment\nexport C=3\n", {"A": "1", "B": "two words", "C": "3"}),
        ("A='x # y' # z\nB=\"a\\nb\"\nC='a\\nb'\nD=`q'\"`", {"A": "x # y", "B": "a\nb", "C": "a\\nb", "D": "q'\""}),
        ('A="two\nlines"\nB=1', {"A": "two\nlines", "B": "1"}),
        ("A: yaml\nB:no\n# C=1\n  D=4\r\nE=5\rF=", {"A": "yaml", "D": "4", "E": "5", "F": ""}),
        ("A=1\nA=2", {"A": "2"}),
        ("A=$HOME/x\nnothing\n=1\n", {"A": "$HOME/x", "nothing": "1"}),
        ('A="x\\n\nB=\n"b"\nC:\n\nc', {"A": '"x\n', "B": "b", "C": ""}),
        ("", {}),
    ],
)
def test_variables(tmp_path: Path, text: str, found: dict[str, str]) -> None:
    assert read(tmp_path, text) == found


def test_what_is_no_file(tmp_path: Path) -> None:
    assert read_dotenv(str(tmp_path / "none")) == {}
    (tmp_path / ".env").mkdir()
    assert read_dotenv(str(tmp_path / ".env")) == {}
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(CannotKnow, match="FIFO"):
        read_dotenv(str(tmp_path / "fifo"))


def test_secrets_that_others_may_read(tmp_path: Path) -> None:
    read(tmp_path, "OPENCLAW_GATEWAY_TOKEN=x\n")
    path = tmp_path / ".env"
    path.chmod(0o644)
    assert open_secrets([str(path), str(tmp_path / "none")]) == ((str(path), 0o644),)
    path.chmod(0o600)
    assert open_secrets([str(path)]) == ()
    path.write_text("PORT=1\nEMPTY_TOKEN=\n")
    path.chmod(0o644)
    assert open_secrets([str(path)]) == ()

"""`guardrails explain` gives the reasons of a policy, its options and its places."""

import fcntl
import os
import pty
import struct
import sys
import termios
from pathlib import Path

import pytest

from guardrails.cli import main
from guardrails.plugins import loader
from progress import run_to_its_end


@pytest.fixture(autouse=True)
def no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("GUARDRAILS_CONFIG", raising=False)


@pytest.mark.parametrize("policy", sorted(loader.load().policies))
def test_every_policy_can_be_explained(policy: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", policy]) == 0

    printed = capsys.readouterr().out
    for part in ("Why it matters", "Example", "Instead", "source     ", "severity", "facts", "applies"):
        assert part in printed


def test_an_instance_shows_its_own_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "guardrails.toml").write_text(
        '[environments.prod]\nrepo = "."\n[policies.full]\nuse = "clean-worktree"\ndepth = "full"\n'
    )

    assert main(["explain", "full"]) == 0
    assert 'depth = "full"      # text; default "auto"' in capsys.readouterr().out


def test_a_policy_that_is_not_listed_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "guardrails.toml").write_text('[environments.prod]\nrepo = "."\n')

    assert main(["explain", "clean-worktree"]) == 0
    assert "nowhere: no configuration lists it" in capsys.readouterr().out


def test_an_operation_says_what_is_asked_before_and_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "promote"]) == 0

    printed = capsys.readouterr().out.splitlines()
    assert printed[:4] == [
        "promote",
        "  where      prod",
        "  candidate  a commit of dev",
        "  HEAD       must be at the candidate commit afterwards",
    ]
    before, after = (
        next(at for at, line in enumerate(printed) if label in line) for label in ("before it", "after it")
    )
    assert "  steps      1. git merge --ff-only --no-overwrite-ignore {candidate}" in printed
    assert not any(" in dev " in line for line in printed)
    assert any("fast-forward-only in prod (hard-mandatory)" in line for line in printed[before:after])
    assert any("expected-head in prod (hard-mandatory)" in line for line in printed[after:])


def test_an_operation_that_saves_first_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "recover"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[3:5] == [
        "  saves      what its reset would lose, once all else allows it",
        "  carries    that to dev, as the branch rescue/ID",
    ]


def test_an_operation_may_ask_for_nothing_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "push"]) == 0
    assert "after it   nothing is asked" in capsys.readouterr().out


@pytest.mark.parametrize(
    "operation", ["release", "promote", "update", "recover", "start", "verify", "rollback", "push"]
)
def test_every_operation_of_the_document_can_be_explained(operation: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", operation]) == 0
    assert capsys.readouterr().out.startswith(f"{operation}\n")


def test_an_unknown_policy_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "clean-wortree"]) == 2
    assert (
        capsys.readouterr().err
        == "guardrails: unknown policy or operation clean-wortree; did you mean clean-worktree?\n"
    )


def test_a_terminal_gets_lines_of_its_width() -> None:
    """A real terminal of 60 columns."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 60, 0, 0))
    command = [sys.executable, "-P", "-m", "guardrails", "explain", "clean-worktree"]
    assert run_to_its_end(command, stdout=child).returncode == 0
    os.close(child)
    out = os.read(parent, 1 << 16).decode()
    os.close(parent)
    assert "Instead" in out
    assert max(map(len, out.splitlines())) <= 60

"""How GitPython starts git; what a repository is that it looks at is in test_looking.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dirty.dirty_repository import script
from guardrails.facts.git.object_model import OwnGit, Refused
from guardrails.facts.git.object_model import git as gitpython
from guardrails.facts.git.reader import find_git
from guardrails.facts.programs.side_by_side import Command


class _Git(OwnGit):
    """Commands of git that say what they are given."""

    def _prepare(self, words: list[str]) -> Command:
        return Command(["/bin/sh", "-c", words[-1], "git"], {"ONLY": "this"}, timeout=0.5)


def test_a_process_has_the_environment_that_it_is_given(tmp_path: Path) -> None:
    commands = _Git(str(tmp_path))
    assert commands.show("echo $ONLY $HOME") == "this"
    process = commands.show("echo $ONLY $HOME", as_process=True)
    assert process.stdout.read() == b"this\n"
    assert process.wait() == 0


def test_what_warns_has_failed(tmp_path: Path) -> None:
    commands = _Git(str(tmp_path))
    for command in ("echo careful >&2", "exit 3"):
        with pytest.raises(gitpython.GitCommandError):
            commands.show(command)
        with pytest.raises(gitpython.GitCommandError):
            commands.show(command, as_process=True).wait()
    assert commands.show("echo x; echo y >&2; exit 3", with_exceptions=False, with_extended_output=True) == (
        3,
        "x",
        "y",
    )
    commands.warnings_fail = False
    assert commands.show("echo careful >&2") == ""
    assert commands.show("echo careful >&2", as_process=True).wait() == 0


def test_a_process_that_is_read_is_ended_in_time(tmp_path: Path) -> None:
    process = _Git(str(tmp_path)).show("exec sleep 60", as_process=True)
    with pytest.raises(gitpython.GitCommandError):
        process.wait()
    assert not process.renew()


def test_bytes_are_kept(tmp_path: Path) -> None:
    commands = _Git(str(tmp_path))
    assert commands.show("printf 'a\\377\\n'", stdout_as_string=False) == b"a\xff"
    assert commands.show("printf 'a\\377\\n'", strip_newline_in_stdout=False) == "a\udcff\n"


def test_nothing_but_git(tmp_path: Path) -> None:
    commands = _Git(str(tmp_path))
    for command in ("git status", ["status"], [str(tmp_path / "git")]):
        with pytest.raises(Refused):
            commands.execute(command)


def test_gitpython_asks_our_git_for_its_version(tmp_path: Path) -> None:
    script(tmp_path / "git", "touch ran", "echo git version 2.39.5")
    program = (
        "import os; from guardrails.facts.git.object_model import git; "
        "print(git.Git.GIT_PYTHON_GIT_EXECUTABLE, os.environ.get('GIT_PYTHON_GIT_EXECUTABLE'))"
    )
    for more in ({}, {"GIT_PYTHON_GIT_EXECUTABLE": str(tmp_path / "git")}):
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env={"PATH": f".:{tmp_path}", **more},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == [find_git(), str(more.get("GIT_PYTHON_GIT_EXECUTABLE"))]
    assert not (tmp_path / "ran").exists()

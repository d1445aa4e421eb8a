"""A program is waited for so long and no longer, and leaves nothing that runs, and no lock of git."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from dirty.dirty_repository import ENVIRONMENT, git, script
from guardrails.canaries.bounded import ended_within
from guardrails.errors import CannotKnow
from guardrails.facts.programs.command import Command, GivenUp
from progress import come_true


def shell(text: str, stdin: bytes = b"") -> Command:
    return Command(["/bin/sh", "-c", text], {"PATH": os.environ["PATH"]}, stdin=stdin, folder="/")


def test_what_ends_is_given_whole() -> None:
    done = ended_within(shell("pwd; cat; echo oh >&2; exit 3", b"given"), 60)
    assert (done.status, done.stdout, done.stderr) == (3, b"/\ngiven", b"oh\n")


def test_nobody_waits_for_what_is_left_in_the_background() -> None:
    started = time.monotonic()
    done = ended_within(shell("sleep 600 & echo $!"), 300)
    psutil.Process(int(done.stdout)).kill()
    assert time.monotonic() - started < 300


@pytest.mark.parametrize("text", ["sleep 600", "trap '' TERM; sleep 600; sleep 600"])
def test_what_does_not_end_is_made_to_with_all_of_its_group(text: str, tmp_path: Path) -> None:
    noted = tmp_path / "pids"
    with pytest.raises(GivenUp, match=r"gave no answer within 1 s"):
        ended_within(shell(f"sleep 600 & echo $! $$ >{noted}; {text}"), 1)
    pids = [int(one) for one in noted.read_text().split()]
    come_true(lambda: not any(psutil.pid_exists(one) for one in pids))


def test_git_takes_back_its_locks(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "--template=", "repo")
    repo = tmp_path / "repo"
    git(repo, "commit", "-q", "--allow-empty", "-m", "one")
    script(repo / ".git/hooks/reference-transaction", f"echo >{tmp_path}/asked", "exec sleep 600")
    command = Command(
        ["/usr/bin/env", "git", "-C", str(repo), "update-ref", "-d", "refs/heads/main"],
        {**ENVIRONMENT, "HOME": str(tmp_path)},
    )
    with pytest.raises(GivenUp):
        ended_within(command, 3)
    assert (tmp_path / "asked").exists()
    assert [*repo.rglob("*.lock")] == []
    assert git(repo, "rev-parse", "--verify", "refs/heads/main")


def test_what_cannot_be_started_is_said() -> None:
    with pytest.raises(CannotKnow, match="cannot run '/no/such/program'"):
        ended_within(Command(["/no/such/program"], {}), 1)

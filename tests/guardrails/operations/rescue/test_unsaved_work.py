"""What of a repository is work, what holds none, and what cannot be saved and is said."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.operations.rescue.restore import open_repository
from guardrails.operations.rescue.unsaved_work import Work, look
from guardrails.testing import world
from privileges import without_privileges
from worlds.two_repositories import Repositories


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    return Repositories(tmp_path).prod


def seen(repo: Path, *also: str, ignored: bool = False) -> Work:
    return run_to_end(look(world(repo), open_repository(str(repo)), ignored=ignored, also=also))


def names(work: Work) -> set[str]:
    return {os.fsdecode(path) for path in (*work.regular, *work.links)}


def test_a_clean_repository(prod: Path) -> None:
    work = seen(prod)

    assert names(work) == {".gitignore", "first.txt", "second.txt"}
    assert (work.named, work.unsaved, work.empty, work.conflicts) == ((), (), (), {})


def test_what_is_no_file_is_named_once_wherever_it_is(prod: Path) -> None:
    (prod / "first.txt").unlink()
    os.mkfifo(prod / "first.txt")
    (prod / "new/deep").mkdir(parents=True)
    os.mkfifo(prod / "new/deep/pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(prod / "new/socket"))
        work = seen(prod)

    named = {"first.txt", "new/deep/pipe", "new/socket"}
    assert sorted(work.named) == sorted(f"{name} is neither a file, a folder nor a link" for name in named)
    assert (work.unsaved, work.empty) == ((), ())


def test_what_is_ignored_only_on_request(prod: Path) -> None:
    for name in ("a.log", "b.log"):
        (prod / name).write_text("ignored\n")

    assert not names(seen(prod)) & {"a.log", "b.log"}
    assert names(seen(prod, "a.log")) & {"a.log", "b.log"} == {"a.log"}
    assert names(seen(prod, ignored=True)) >= {"a.log", "b.log"}


def test_what_rules_outside_of_the_tree_hide_is_work(prod: Path) -> None:
    (prod / ".git/info").mkdir(exist_ok=True)
    (prod / ".git/info/exclude").write_text("hidden/\n")
    (prod / "hidden/deep").mkdir(parents=True)
    (prod / "hidden/deep/file").write_text("work\n")
    (prod / "hidden/inner").mkdir()
    git(prod / "hidden/inner", "init", "-q")
    work = seen(prod)

    assert "hidden/deep/file" in names(work)
    assert work.unsaved == ("hidden/inner is a repository of its own",)


def test_empty_folders_are_named_unless_they_are_ignored(prod: Path) -> None:
    (prod / ".gitignore").write_text("*.log\nbuilt/\n")
    git(prod, "commit", "-qam", "ignore what is built")
    (prod / "built/empty").mkdir(parents=True)
    (prod / "empty/inner").mkdir(parents=True)

    assert seen(prod).empty == ("empty/inner",)


def test_each_side_of_a_conflict(prod: Path) -> None:
    ids = [git(prod, "hash-object", "-w", "--stdin", stdin=text) for text in (b"ours\n", b"theirs\n")]
    lines = "".join(f"100644 {oid} {stage}\tclash\n" for stage, oid in enumerate(ids, start=2))
    git(prod, "update-index", "--index-info", stdin=lines.encode())

    assert seen(prod).conflicts == {("2", b"clash"): ("100644", ids[0]), ("3", b"clash"): ("100644", ids[1])}


def test_what_is_staged_and_gone_is_said(prod: Path) -> None:
    (prod / "first.txt").write_text("staged\n")
    git(prod, "add", "first.txt")
    oid = git(prod, "rev-parse", ":first.txt")
    (prod / f".git/objects/{oid[:2]}/{oid[2:]}").unlink()

    assert seen(prod).unsaved == ("what is staged of first.txt is missing from the repository",)


def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    prod = Repositories(tmp_path).prod
    (prod / "secret").write_text("mine\n")
    (prod / "shut").mkdir()
    (prod / "shut/inside").write_text("mine\n")
    (prod / "secret").chmod(0)
    (prod / "shut").chmod(0)
    code = "import pathlib, sys; from guardrails.operations.rescue.save import save\n"
    code += "from guardrails.testing import world\n"
    code += "print(*save(world(pathlib.Path(sys.argv[1]))).unsaved, sep='\\n')"
    command = [*without_privileges(), sys.executable, "-c", code, str(prod)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (prod / "shut").chmod(0o700)

    assert done.stderr == ""
    assert sorted(done.stdout.splitlines()) == [
        "could not open directory 'shut/': Permission denied",
        "secret cannot be read",
    ]

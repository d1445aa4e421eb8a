"""Things in the work tree that belong to nobody: new files, nested repositories, FIFOs and sockets."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from dirty.dirty_repository import FULL, case, cases_in, commit, git


@case("untracked", path="new.txt")
def untracked_file(repo: Path) -> None:
    (repo / "new.txt").write_text("new\n")


@case("untracked")
def untracked_folder(repo: Path) -> None:
    (repo / "new/deep").mkdir(parents=True)
    (repo / "new/deep/file").write_bytes(b"")


@case("untracked", path="dangling")
def untracked_dangling_link(repo: Path) -> None:
    (repo / "dangling").symlink_to("/nowhere")


@case("untracked", path="inner")
def nested_repository(repo: Path) -> None:
    git(repo, "init", "-q", "--template=", "inner")
    (repo / "inner/file").write_text("inner\n")
    commit(repo / "inner")


@case("untracked", path="inner")
def nested_repository_without_a_commit(repo: Path) -> None:
    git(repo, "init", "-q", "--template=", "inner")


@case("untracked|hidden|special", seen_by=FULL, path="docs/.git", fools=True)
def files_under_a_name_that_git_never_lists(repo: Path) -> None:
    (repo / "docs/.git").mkdir()
    (repo / "docs/.git/payload.sh").write_text("true\n")


@case("untracked|hidden|special", path="inner", fools=False)
def folder_with_a_broken_git_file(repo: Path) -> None:
    (repo / "inner").mkdir()
    (repo / "inner/.git").write_text("gitdir: /nowhere\n")
    (repo / "inner/file").write_text("inner\n")


@case("special", seen_by=FULL, path="pipe", fools=True)
def fifo(repo: Path) -> None:
    os.mkfifo(repo / "pipe")


@case("special", seen_by=FULL, path="docs/socket", fools=True)
def unix_socket(repo: Path) -> None:
    here = Path.cwd()
    os.chdir(repo)  # the name of a socket is at most 107 bytes
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("docs/socket")
    os.chdir(here)


@case("special", seen_by=FULL, path="new/pipe", fools=True)
def fifo_in_a_folder_of_its_own(repo: Path) -> None:
    (repo / "new").mkdir()
    os.mkfifo(repo / "new/pipe")


@case("modified", also=("special",), path="README.md")
def file_replaced_by_a_fifo(repo: Path) -> None:
    (repo / "README.md").unlink()
    os.mkfifo(repo / "README.md")


@case()
def fifo_among_ignored_build_output(repo: Path) -> None:
    os.mkfifo(repo / "dist/pipe")


LEFTOVERS = cases_in(globals())

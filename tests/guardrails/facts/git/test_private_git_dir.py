"""Files are read through a git directory of ours: nothing is written, and no configuration of the repository counts."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from dirty.dirty_repository import OLD, git, make_repository, snapshot
from guardrails.facts.worktree.change import Change
from guardrails.facts.worktree.worktree import Worktree
from guardrails.testing import gather, world
from worlds.hostile import trap


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


def changes(repo: Path, depth: str = "fast") -> tuple[Change, ...]:
    return gather(Worktree, world(repo), depth).changes


def times(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Size, modification and change time of everything in a folder."""
    found = {}
    for top, folders, names in os.walk(folder):
        for name in (*folders, *names):
            status = os.lstat(os.path.join(top, name))
            found[os.path.join(top, name)] = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return found


@pytest.mark.parametrize("depth", ["fast", "full"])
def test_a_split_index_is_read_and_not_touched(repo: Path, depth: str) -> None:
    git(repo, "update-index", "--split-index")
    [shared] = (repo / ".git").glob("sharedindex.*")
    os.utime(shared, (OLD, OLD))
    before = times(repo)
    assert changes(repo, depth) == ()
    assert times(repo) == before
    (repo / "new").write_text("new\n")
    git(repo, "add", "new")
    assert [change.path for change in changes(repo, depth)] == ["new"]


@pytest.mark.parametrize("depth", ["fast", "full"])
def test_a_sparse_index_is_read_and_no_object_is_made(repo: Path, depth: str) -> None:
    git(repo, "sparse-checkout", "set", "--cone", "--sparse-index", "docs")
    (repo / "docs/staged").write_text("new\n")
    git(repo, "add", "docs/staged")
    before = snapshot(repo), times(repo)
    assert "docs/staged" in [change.path for change in changes(repo, depth)]
    assert (snapshot(repo), times(repo)) == before


def test_an_edit_in_the_second_of_a_split_index_is_seen(repo: Path) -> None:
    """The copy of an index has its time: a newer one would vouch for a file that was edited in the same second."""
    git(repo, "update-index", "--split-index")
    path = repo / "README.md"
    edited = path.read_bytes().swapcase()
    now = time.time_ns()
    os.utime(path, ns=(now, now))
    git(repo, "update-index", "--refresh")
    path.write_bytes(edited)
    os.utime(path, ns=(now, now))
    os.utime(repo / ".git/index", ns=(now, now))
    assert [change.path for change in changes(repo)] == ["README.md"]


@pytest.mark.parametrize("depth", ["fast", "full"])
def test_a_filter_that_is_configured_between_two_commands_does_not_run(repo: Path, tmp_path: Path, depth: str) -> None:
    program, marker = trap(tmp_path)
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/attributes").write_text("* filter=late\n")
    edited = (repo / "README.md").read_bytes().swapcase()  # of the same size, so that git must read it
    (repo / "README.md").write_bytes(edited)
    harmless = (repo / ".git/config").read_bytes()
    armed = harmless + f'[filter "late"]\n\tclean = {program}\n\tsmudge = {program}\n'.encode()
    (repo / ".git/config").write_bytes(armed)
    git(repo, "status")
    assert marker.exists(), "plain git runs it"
    marker.unlink()
    flip = "while :; do for one in harmless armed; do cp $one half; mv half .git/config; done; done"
    for name, content in (("harmless", harmless), ("armed", armed)):
        (repo / name).write_bytes(content)
    with subprocess.Popen(["sh", "-c", flip], cwd=repo) as flipping:
        try:
            for _ in range(15):
                assert "README.md" in [change.path for change in changes(repo, depth)]
        finally:
            flipping.kill()
    assert not marker.exists()

"""Walking a repository with GitPython by `Checkout.open` runs nothing that the repository chose."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty import commit, configure, git, make_repository, try_git
from guardrails import Checkout
from guardrails.errors import CannotKnow
from guardrails.facts.git.object_model import git as gitpython
from guardrails.testing import gather, world
from worlds.hostile import VECTORS, Plant, Vector, trap

WALKS: dict[str, Callable[[Any], object]] = {
    "commits": lambda repo: [(one.tree, one.parents, one.message) for one in repo.iter_commits("HEAD")],
    "trees": lambda repo: [one.size for one in repo.tree("HEAD").traverse() if one.type != "submodule"],
    "contents": lambda repo: [blob.data_stream.read() for blob in repo.tree("HEAD").traverse() if blob.type == "blob"],
    "diff of commits": lambda repo: list(repo.head.commit.diff("HEAD~1", create_patch=True)),
    "diff of the index": lambda repo: list(repo.index.diff("HEAD", create_patch=True)),
    "diff of the work tree": lambda repo: list(repo.head.commit.diff(None, create_patch=True)),
    "diff of both": lambda repo: list(repo.index.diff(None, create_patch=True)),
    "statistics": lambda repo: repo.head.commit.stats.files,
    "blame": lambda repo: repo.blame("HEAD", "other.txt"),
    "blame of the work tree": lambda repo: repo.blame(None, "other.txt"),
    "blame piece by piece": lambda repo: list(repo.blame_incremental("HEAD", "other.txt")),
    "dirty": lambda repo: repo.is_dirty(untracked_files=True),
    "untracked": lambda repo: repo.untracked_files,
    "ignored": lambda repo: repo.ignored("server.log"),
    "refs": lambda repo: [(ref.name, ref.commit) for ref in repo.references],
    "tags": lambda repo: list(repo.tags),
    "remotes": lambda repo: [remote.url for remote in repo.remotes],
    "tracking": lambda repo: repo.active_branch.tracking_branch(),
    "reflog": lambda repo: repo.head.log(),
    "index": lambda repo: list(repo.index.iter_blobs()),
    "submodules": lambda repo: repo.submodules,
    "merge base": lambda repo: repo.merge_base("HEAD", "HEAD~1"),
    "log": lambda repo: repo.git.log("--patch", "-3", "--cc", "-m"),
    "log with signatures": lambda repo: repo.git.log("--format=%G? %GS", "-1"),
    "show": lambda repo: repo.git.show("HEAD"),
    "diff": lambda repo: repo.git.diff("HEAD"),
    "status": lambda repo: repo.git.status(),
    "grep": lambda repo: repo.git.grep("-e", "o"),
    "describe": lambda repo: repo.git.describe("--always", "--all"),
    "files": lambda repo: repo.git.ls_files("--modified", "--others"),
}
MISSES = (CannotKnow, gitpython.GitError, gitpython.ODBError, ValueError, OSError, AttributeError, TypeError)


def _attribute(line: str) -> Plant:
    def plant(repo: Path, program: str) -> None:
        (repo / ".git/info").mkdir(exist_ok=True)
        (repo / ".git/info/attributes").write_text(f"{line}\n")

    return plant


def _signed_by_ssh(repo: Path, program: str) -> None:
    text = git(repo, "cat-file", "commit", "HEAD")
    head, _, message = text.partition("\n\n")
    signature = "gpgsig -----BEGIN SSH SIGNATURE-----\n none\n -----END SSH SIGNATURE-----"
    oid = git(
        repo, "hash-object", "-t", "commit", "-w", "--stdin", stdin=f"{head}\n{signature}\n\n{message}\n".encode()
    )
    git(repo, "update-ref", "HEAD", oid)
    configure(repo, gpg__ssh__program=program, gpg__ssh__allowedSignersFile=os.devnull, format__pretty="%G?")


def _diff_in_a_submodule(repo: Path, program: str) -> None:
    git(repo, "submodule", "--quiet", "add", "--name", "vendor", repo.parent / "upstream", "vendor")
    commit(repo)
    vendor = repo / "vendor"
    (vendor / "other.txt").write_text("another\n")
    commit(vendor)
    commit(repo)
    configure(vendor, diff__evil__textconv=program)
    (repo / ".git/modules/vendor/info").mkdir(exist_ok=True)
    (repo / ".git/modules/vendor/info/attributes").write_text("*.txt diff=evil\n")
    configure(repo, diff__submodule="diff")


def _merge_driver_of_a_log(repo: Path, program: str) -> None:
    base = git(repo, "rev-parse", "HEAD")
    for branch, text in (("one", "first\n"), ("two", "second\n")):
        git(repo, "checkout", "-q", "-b", branch, base)
        (repo / "other.txt").write_text(text)
        commit(repo)
    try_git(repo, "merge", "-q", "one")
    (repo / "other.txt").write_text("both\n")
    commit(repo)
    _attribute("*.txt merge=evil")(repo, program)
    configure(repo, merge__evil__driver=program, log__diffMerges="remerge")


MORE = (
    Vector("ssh_signature_by_the_form_of_a_log", _signed_by_ssh, ("log", "-1")),
    Vector("textconv_of_a_submodule", _diff_in_a_submodule, ("log", "-p", "-2")),
    Vector("merge_driver_of_a_log", _merge_driver_of_a_log, ("log", "-m", "-p", "-1")),
)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    repo = make_repository(tmp_path)
    (repo / "other.txt").write_text("one\ntwo\nfour\n")
    commit(repo)
    git(repo, "tag", "-m", "a release", "v1")
    return repo


def _spoil(repo: Path) -> None:
    (repo / "other.txt").write_text("ONE\ntwo\nfour\n")
    (repo / "README.md").touch()
    if (repo / "vendor").is_dir():
        (repo / "vendor/other.txt").write_text("ONE\ntwo\nthree\n")


@pytest.mark.parametrize("vector", [*VECTORS, *MORE], ids=lambda vector: vector.name)
@pytest.mark.sample(3)
def test_nothing_runs(vector: Vector, hostile: Path, tmp_path: Path) -> None:
    program, marker = trap(tmp_path)
    vector.plant(hostile, program)
    _spoil(hostile)
    marker.unlink(missing_ok=True)
    if vector.fires:
        shutil.copytree(tmp_path / "prod", tmp_path / "copy/prod", symlinks=True)
        shutil.copytree(tmp_path / "upstream", tmp_path / "copy/upstream", symlinks=True)
        done = try_git(tmp_path / "copy/prod", *vector.fires)
        assert marker.exists(), f"plain git does not run it: {done}"
        marker.unlink()

    with suppress(CannotKnow):
        repo = gather(Checkout, world(hostile), None).open()
        for name, walk in WALKS.items():
            with suppress(*MISSES):
                walk(repo)
            assert not marker.exists(), f"{name} ran it"


@pytest.mark.parametrize("name", WALKS)
def test_the_walks_do_walk(name: str, hostile: Path) -> None:
    """Without a vector each of them gives an answer, so `nothing runs` is not because nothing was asked."""
    _spoil(hostile)
    WALKS[name](gather(Checkout, world(hostile), None).open())


def test_walking_leaves_the_repository_as_it_was(hostile: Path) -> None:
    _spoil(hostile)
    before = {path: path.stat().st_mtime_ns for path in hostile.rglob("*")}
    repo = gather(Checkout, world(hostile), None).open()
    for walk in WALKS.values():
        walk(repo)
    assert {path: path.stat().st_mtime_ns for path in hostile.rglob("*")} == before


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"])
def test_no_variable_leads_elsewhere(name: str, hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = gather(Checkout, world(hostile), None)
    monkeypatch.setenv(name, str(hostile.parent / "upstream/.git"))
    repo = checkout.open()
    assert repo.head.commit.hexsha == repo.commit("v1").hexsha == checkout.commit
    assert (repo.git.rev_parse("--show-toplevel"), repo.working_tree_dir) == (str(hostile), str(hostile))

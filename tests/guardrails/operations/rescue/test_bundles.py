"""A bundle holds a whole rescue, needs nothing else, is never put over a file, and appears whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from guardrails.errors import CannotKnow, UsageError
from guardrails.operations.rescue import bundles
from guardrails.operations.rescue.restore import find_rescue, list_rescues, restore_as_branch, restore_into_folder
from guardrails.operations.rescue.save import Saved, save
from guardrails.testing import world
from worlds.rescue_state import contents
from worlds.two_repositories import Repositories, head


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    made = Repositories(tmp_path)
    made.commit(made.prod, "a local commit")
    (made.prod / "first.txt").write_text("stashed\n")
    git(made.prod, "stash", "-q")
    (made.prod / "first.txt").write_text("changed\n")
    (made.prod / "new").write_bytes(bytes(range(256)))
    (made.prod / "new").chmod(0o750)
    return made.prod


def bundled(repo: Path, path: Path) -> Saved:
    saved = save(world(repo), ignored=True)
    bundles.require_place(str(path), str(repo))
    bundles.write(str(repo), saved, str(path))
    return saved


def test_it_brings_back_every_byte_where_nothing_else_is(prod: Path, tmp_path: Path) -> None:
    before, local, stash = contents(prod), head(prod), git(prod, "rev-parse", "stash")
    file = tmp_path / "saved.bundle"
    saved = bundled(prod, file)
    shutil.rmtree(prod)

    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
    with bundles.open_bundle(str(file)) as inside:
        assert [one.commit for one in list_rescues(inside)] == [saved.commit]
        restore_into_folder(inside, find_rescue(inside, saved.name), str(tmp_path / "back"))
        for commit in (local, stash):
            assert git(Path(inside.path), "cat-file", "-t", commit) == "commit"
    assert contents(tmp_path / "back") == before
    assert not Path(inside.path).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back", "dev", "saved.bundle", "upstream"]


def test_it_becomes_a_branch_of_another_repository(prod: Path, tmp_path: Path) -> None:
    saved = bundled(prod, tmp_path / "saved.bundle")
    dev = tmp_path / "dev"
    refs, work = git(dev, "for-each-ref"), contents(dev)
    with bundles.open_bundle(str(tmp_path / "saved.bundle")) as inside:
        tip = restore_as_branch(inside, find_rescue(inside, saved.name), "saved", str(dev))

    assert git(dev, "show", "saved:first.txt") == "changed"
    assert git(dev, "rev-parse", "saved", "saved~1").split() == [tip, head(prod)]
    git(dev, "branch", "-q", "-D", "saved")
    assert (git(dev, "for-each-ref"), contents(dev)) == (refs, work)


def test_sha256(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q", "--object-format=sha256")
    (repo / "file").write_text("one\n")
    git(repo, "add", "file")
    git(repo, "commit", "-qm", "one")
    (repo / "file").write_text("two\n")
    saved = bundled(repo, tmp_path / "saved.bundle")
    with bundles.open_bundle(str(tmp_path / "saved.bundle")) as inside:
        restore_into_folder(inside, find_rescue(inside, saved.name), str(tmp_path / "back"))
    assert (tmp_path / "back/file").read_text() == "two\n"


def test_where_it_cannot_be(prod: Path, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine\n")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "way-in").symlink_to(prod)
    for place in ("there", "dangling", "prod/x", "prod/.git/x", "way-in/x", "absent/x", "there/x"):
        with pytest.raises(UsageError):
            bundles.require_place(str(tmp_path / place), str(prod))
    assert (tmp_path / "there").read_text() == "mine\n"


def test_it_is_not_put_over_what_came_meanwhile(prod: Path, tmp_path: Path) -> None:
    saved = save(world(prod))
    (tmp_path / "there").write_text("mine\n")
    with pytest.raises(CannotKnow, match="File exists"):
        bundles.write(str(prod), saved, str(tmp_path / "there"))
    assert (tmp_path / "there").read_text() == "mine\n"
    assert not list(tmp_path.glob(".guardrails-*"))


def test_what_would_need_something_else_is_no_bundle(prod: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", "--template=", f"file://{tmp_path}/upstream", shallow)
    (shallow / "first.txt").write_text("changed\n")
    with pytest.raises(CannotKnow):
        bundled(shallow, tmp_path / "saved.bundle")
    assert git(shallow, "for-each-ref", "refs/rescue"), "the rescue itself stands"
    saved = save(world(prod))
    partial = tmp_path / "partial.bundle"
    git(prod, "bundle", "create", "-q", str(partial), saved.ref, "^HEAD~1")
    with pytest.raises(CannotKnow, match="no bundle that can stand alone"), bundles.open_bundle(str(partial)):
        pass
    assert not (tmp_path / "saved.bundle").exists()


def test_what_is_no_bundle(prod: Path, tmp_path: Path) -> None:
    file = tmp_path / "saved.bundle"
    bundled(prod, file)
    data = file.read_bytes()
    for wrong in (b"", b"nonsense\n", data[: len(data) // 2], data[:-40] + bytes(20) + data[-20:]):
        file.write_bytes(wrong)
        with pytest.raises(CannotKnow), bundles.open_bundle(str(file)):
            pass
    file.unlink()
    with pytest.raises(UsageError), bundles.open_bundle(str(file)):
        pass
    os.mkfifo(file)
    os.remove(file)
    assert try_git(prod, "fsck").returncode == 0


@pytest.mark.parametrize("case", ["through a link", "twice", "up", "git", "empty up", "empty in place"])
def test_a_hostile_bundle_writes_nothing_elsewhere(tmp_path: Path, case: str) -> None:
    """Trees that git itself would not make of any work tree."""
    repo, outside = tmp_path / "repo", tmp_path / "outside"
    repo.mkdir()
    outside.mkdir()
    git(repo, "init", "-q", "-b", "main")

    def tree(*entries: tuple[str, str, str]) -> str:
        data = b"".join(f"{mode} {name}".encode() + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries)
        return git(repo, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=data)

    def blob(text: str) -> str:
        return git(repo, "hash-object", "-w", "--stdin", stdin=text.encode())

    link, file = blob(str(outside)), blob("mine\n")
    inside = tree(("100644", "file", file))
    worktree = {
        "through a link": tree(("120000", "a", link), ("40000", "a", inside)),
        "twice": tree(("120000", "a", link), ("100644", "a", file)),
        "up": tree(("40000", "..", inside)),
        "git": tree(("40000", ".git", inside)),
    }.get(case, tree(("100644", "a", file)))
    empty = {"empty up": ["../outside/new"], "empty in place": ["a"]}.get(case, [])
    manifest = blob(json.dumps({"format": 1, "head": None, "modes": {}, "empty": empty}))
    root = tree(("40000", "index", worktree), ("100644", "manifest.json", manifest), ("40000", "worktree", worktree))
    git(repo, "update-ref", "refs/rescue/mine", git(repo, "commit-tree", "-m", "rescue", root))
    git(repo, "bundle", "create", "-q", str(tmp_path / "x.bundle"), "refs/rescue/mine")
    with bundles.open_bundle(str(tmp_path / "x.bundle")) as opened, pytest.raises(CannotKnow, match="has a path"):
        restore_into_folder(opened, find_rescue(opened, "mine"), str(tmp_path / "back"))

    assert list(outside.iterdir()) == []
    assert not (tmp_path / "back").exists()

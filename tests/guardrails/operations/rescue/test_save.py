"""A rescue holds every byte, changes nothing, and comes back the same after everything else is gone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git, try_git
from guardrails.errors import CannotKnow, UsageError
from guardrails.operations.rescue import save as saving
from guardrails.operations.rescue import write_trees
from guardrails.operations.rescue.restore import (
    find_rescue,
    list_rescues,
    open_repository,
    restore_as_branch,
    restore_into_folder,
)
from guardrails.operations.rescue.save import Saved, save
from guardrails.testing import world
from worlds.rescue_state import contents
from worlds.two_repositories import Repositories, head


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    """A repository with work of every kind in it."""
    made = Repositories(tmp_path)
    repo = made.prod
    made.commit(repo, "a local commit")
    (repo / "second.txt").write_text("stashed\n")
    git(repo, "stash", "-q")
    (repo / "first.txt").write_text("on disk alone\n")
    (repo / "second.txt").write_text("staged\n")
    git(repo, "add", "second.txt")
    (repo / "second.txt").write_text("and changed again\n")
    (repo / "a-local-commit.txt").unlink()
    (repo / "bin.dat").write_bytes(bytes(range(256)))
    (repo / "run.sh").write_text("#!/bin/sh\n")
    (repo / "run.sh").chmod(0o750)
    (repo / "secret").write_text("mine\n")
    (repo / "secret").chmod(0o600)
    (repo / "link").symlink_to("nowhere/at all")
    (repo / "deep/er").mkdir(parents=True)
    (repo / "deep/er/file").write_text("deep\n")
    (repo / "empty").mkdir()
    for name in ("new\nline", '"quoted"', "-dash", os.fsdecode(b"\xff\xfe"), "a b", "ü"):
        (repo / name).write_text(f"{name!r}\n")
    (repo / "server.log").write_text("ignored\n")
    (repo / ".git/info").mkdir()
    (repo / ".git/info/exclude").write_text("notes.md\n")
    (repo / "notes.md").write_text("hidden\n")
    (repo / "venv").mkdir()
    (repo / "venv/.gitignore").write_text("*\n")
    (repo / "venv/pyvenv.cfg").write_text("hidden by itself\n")
    return repo


def saved(repo: Path, *, ignored: bool = False) -> Saved:
    return save(world(repo), ignored=ignored)


def restored(repo: Path, ref: str, folder: Path) -> dict[str, tuple[str, int, bytes]]:
    restore_into_folder(
        open_repository(str(repo)),
        find_rescue(open_repository(str(repo)), ref.removeprefix("refs/rescue/")),
        str(folder),
    )
    return contents(folder)


@pytest.mark.parametrize("ignored", [False, True])
def test_every_byte_comes_back_after_everything_else_is_gone(prod: Path, tmp_path: Path, ignored: bool) -> None:
    before = contents(prod)
    if not ignored:
        del before["server.log"]
    local, stash = head(prod), git(prod, "rev-parse", "stash")
    ref = saved(prod, ignored=ignored).ref

    git(prod, "reset", "-q", "--hard", "upstream/main")
    git(prod, "clean", "-q", "-dffx")
    git(prod, "stash", "clear")
    git(prod, "reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    git(prod, "gc", "-q", "--prune=now")
    assert restored(prod, ref, tmp_path / "back") == before
    assert (tmp_path / "back/empty").is_dir()
    for commit in (local, stash):
        assert git(prod, "cat-file", "-t", commit) == "commit"


def test_nothing_but_its_ref_changes(prod: Path) -> None:
    before = {path: one for path, one in snapshot(prod).items() if "/.git" not in path}
    index, refs = (prod / ".git/index").read_bytes(), git(prod, "for-each-ref", "--format=%(refname)").split()
    status = git(prod, "status", "--porcelain")
    result = saved(prod)

    assert {path: one for path, one in snapshot(prod).items() if "/.git" not in path} == before
    assert (prod / ".git/index").read_bytes() == index
    new = set(git(prod, "for-each-ref", "--format=%(refname)").split()) - set(refs)
    assert new == {result.ref}
    assert git(prod, "status", "--porcelain") == status
    assert result.stashes == 1
    assert result.unsaved == ()
    assert "empty/ is empty" in result.named


def test_no_filter_no_hook_and_no_conversion(prod: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    git(prod, "config", "filter.x.clean", f"touch {ran}; cat")
    git(prod, "config", "core.autocrlf", "true")
    git(prod, "config", "core.fsmonitor", f"touch {ran}")
    (prod / ".git/info/attributes").write_text("* filter=x text ident\n")
    (prod / ".git/hooks").mkdir(exist_ok=True)
    for name in ("reference-transaction", "post-index-change"):
        (prod / ".git/hooks" / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (prod / ".git/hooks" / name).chmod(0o755)
    (prod / "crlf.txt").write_bytes(b"one\r\ntwo $Id$\r\n")
    before = contents(prod)
    del before["server.log"]

    assert restored(prod, saved(prod).ref, tmp_path / "back") == before
    assert not ran.exists()


def test_a_branch_of_commits(prod: Path) -> None:
    local = head(prod)
    one = find_rescue(open_repository(str(prod)), saved(prod).ref.removeprefix("refs/rescue/"))
    tip = restore_as_branch(open_repository(str(prod)), one, "saved")

    assert git(prod, "rev-parse", "saved", "saved~2").split() == [tip, local]
    assert git(prod, "show", "saved~1:second.txt") == "staged"
    assert git(prod, "show", "saved:second.txt") == "and changed again"
    with pytest.raises(CannotKnow):
        restore_as_branch(open_repository(str(prod)), one, "saved")
    for name in ("", "a b", "../x", "x.lock"):
        with pytest.raises(UsageError):
            restore_as_branch(open_repository(str(prod)), one, name)


def test_conflicts_intent_to_add_and_a_folder_in_place_of_a_file(prod: Path, tmp_path: Path) -> None:
    git(prod, "add", "-N", "bin.dat")
    (prod / "first.txt").unlink()
    (prod / "first.txt").mkdir()
    (prod / "first.txt/inner").write_text("inside\n")
    git(prod, "update-index", "--assume-unchanged", "second.txt")
    blobs = [git(prod, "hash-object", "-w", "--stdin", stdin=text) for text in (b"ours\n", b"theirs\n")]
    lines = "".join(f"100644 {oid} {stage}\tclash\n" for stage, oid in enumerate(blobs, start=2))
    git(prod, "update-index", "--index-info", stdin=lines.encode())
    (prod / "clash").write_text("<<<<<<<\n")
    before = contents(prod)
    del before["server.log"]
    ref = saved(prod).ref

    assert restored(prod, ref, tmp_path / "back") == before
    raw = try_git(prod, "cat-file", "blob", f"{ref}:raw-index").stdout
    assert raw == (prod / ".git/index").read_bytes()


def test_what_holds_no_work_is_named_and_what_cannot_be_saved_is_said(prod: Path) -> None:
    os.mkfifo(prod / "pipe")
    (prod / "inner").mkdir()
    git(prod / "inner", "init", "-q")
    (prod / "inner/file").write_text("elsewhere\n")
    result = saved(prod)

    assert "pipe is neither a file, a folder nor a link" in result.named
    assert result.unsaved == ("inner is a repository of its own",)
    assert (prod / "inner/file").exists()


def test_a_clean_repository_and_an_unborn_branch(tmp_path: Path) -> None:
    repositories = Repositories(tmp_path)
    assert saved(repositories.prod).files == 3
    unborn = tmp_path / "unborn"
    unborn.mkdir()
    git(unborn, "init", "-q", "-b", "main")
    (unborn / "work.txt").write_text("work\n")
    ref = saved(unborn).ref
    assert restored(unborn, ref, tmp_path / "back") == contents(unborn)
    store = open_repository(str(unborn))
    branch = restore_as_branch(store, list_rescues(store)[0], "x")
    assert git(unborn, "show", f"{branch}:work.txt") == "work"


def test_a_change_meanwhile_is_no_rescue(prod: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = write_trees.write_blob

    async def late(git: object, data: bytes) -> str:
        (prod / "first.txt").write_text("changed while it was saved\n")
        return await real(git, data)  # type: ignore[arg-type]

    monkeypatch.setattr(saving, "write_blob", late)
    with pytest.raises(CannotKnow, match="has changed while it was saved"):
        saved(prod)
    assert git(prod, "for-each-ref", "refs/rescue") == "", "what was not proven has no name"


def test_what_comes_back_as_something_else_is_no_rescue(prod: Path) -> None:
    """An object that is damaged in its pack, which git takes for stored since the index of the pack names it."""
    (prod / "bin.dat").write_bytes(os.urandom(1 << 16))
    git(prod, "add", "bin.dat")
    git(prod, "commit", "-qm", "random bytes")
    git(prod, "repack", "-adq")
    [pack] = (prod / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o600)
    data = bytearray(pack.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    pack.write_bytes(data)
    with pytest.raises(CannotKnow):
        saved(prod)
    assert git(prod, "for-each-ref", "refs/rescue") == ""
    assert list((prod / ".git").glob("fast_import_crash_*")) == []


def test_a_loose_object_that_is_damaged_stands_in_for_nothing(prod: Path, tmp_path: Path) -> None:
    oid = git(prod, "hash-object", "--no-filters", "bin.dat")
    place = prod / f".git/objects/{oid[:2]}/{oid[2:]}"
    other = git(prod, "hash-object", "-w", "--stdin", stdin=bytes(256))
    place.parent.mkdir(exist_ok=True)
    (prod / f".git/objects/{other[:2]}/{other[2:]}").rename(place)

    assert restored(prod, saved(prod).ref, tmp_path / "back")["bin.dat"][2] == bytes(range(256))


def test_a_folder_that_holds_something_is_left_alone(prod: Path, tmp_path: Path) -> None:
    one = find_rescue(open_repository(str(prod)), saved(prod).ref.removeprefix("refs/rescue/"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("mine\n")

    for place in (tmp_path / "full", tmp_path / "full/mine"):
        with pytest.raises(UsageError):
            restore_into_folder(open_repository(str(prod)), one, str(place))
    assert (tmp_path / "full/mine").read_text() == "mine\n"
    with pytest.raises(UsageError, match="there is no rescue nothing"):
        find_rescue(open_repository(str(prod)), "nothing")


@pytest.mark.parametrize(
    "said",
    ["[]", "{}", "nonsense", '{"modes": []}', '{"modes": {"a": 755}}', '{"modes": {"a": "rwx"}}',
     '{"modes": {}, "head": 1}', '{"modes": {}, "head": "--all"}', '{"modes": {}, "empty": 1}',
     '{"modes": {}, "unsaved": [1]}', '{"modes": {}, "empty": ["\\ud800"]}',
     '{"modes": {}, "in_progress": "x"}'],
)  # fmt: skip
def test_a_manifest_that_makes_no_sense(prod: Path, said: str) -> None:
    oid = git(prod, "hash-object", "-w", "--stdin", stdin=said.encode())
    tree = git(prod, "mktree", stdin=f"100644 blob {oid}\tmanifest.json\n".encode())
    git(prod, "update-ref", "refs/rescue/mine", git(prod, "commit-tree", "-m", "rescue", tree))

    with pytest.raises(CannotKnow):
        list_rescues(open_repository(str(prod)))


def test_a_ref_that_is_no_rescue(prod: Path) -> None:
    git(prod, "update-ref", "refs/rescue/mine", "HEAD")

    with pytest.raises(CannotKnow):
        list_rescues(open_repository(str(prod)))
    assert saved(prod).ref.startswith("refs/rescue/2")


def test_a_full_or_read_only_disk_changes_nothing(prod: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(prod)
    objects = prod / ".git/objects"
    objects.rename(prod / ".git/objects-away")
    with pytest.raises(CannotKnow):
        saved(prod)
    (prod / ".git/objects-away").rename(objects)
    assert contents(prod) == before
    assert git(prod, "for-each-ref", "refs/rescue") == ""


@pytest.mark.parametrize("target", ["/dev/zero", "nowhere", "HEAD"])
def test_a_reflog_that_is_no_file_keeps_nothing_from_being_saved(prod: Path, target: str) -> None:
    """git would read /dev/zero without end."""
    (prod / ".git/logs/HEAD").unlink()
    (prod / ".git/logs/HEAD").symlink_to(target)
    (prod / "work.txt").write_text("work\n")
    assert git(prod, "show", f"{saved(prod).ref}:worktree/work.txt") == "work"

"""An object is believed only when it hashes to its id, wherever git found it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from guardrails.errors import CannotKnow
from guardrails.facts.git.objects import entries_of, files_of, find, object_id, read_verified
from guardrails.facts.git.reader import Repository
from guardrails.facts.programs.side_by_side import run_to_end
from worlds.forged_objects import content, forge_object

FORGED = {"commit": (b"A commit", b"B commit"), "tree": (b" a\0", b" b\0"), "blob": (b"one", b"two")}


def repository(path: Path, form: str = "sha1") -> Path:
    git(path.parent, "init", "-q", "-b", "main", f"--object-format={form}", path.name)
    commit(path, b"one\n")
    return path


def commit(path: Path, data: bytes) -> None:
    (path / "a").write_bytes(data)
    git(path, "add", "-A")
    git(path, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "A commit")


@pytest.mark.parametrize("form", ["sha1", "sha256"])
@pytest.mark.parametrize(("kind", "name"), [("commit", "HEAD"), ("tree", "HEAD^{tree}"), ("blob", "HEAD:a")])
def test_what_hashes_to_its_id_is_read_and_a_forgery_is_not(tmp_path: Path, form: str, kind: str, name: str) -> None:
    repo = repository(tmp_path / "repo", form)
    oid = git(repo, "rev-parse", name)
    data = content(repo, kind, oid)
    assert object_id(kind, data, len(oid)) == oid
    assert run_to_end(read_verified(Repository(str(repo)), kind, [oid, oid])) == [data, data]
    forge_object(repo, oid, kind, *FORGED[kind])
    with pytest.raises(CannotKnow, match="holds other bytes than its id says"):
        run_to_end(read_verified(Repository(str(repo)), kind, [oid]))


def test_what_is_packed_or_in_another_store(tmp_path: Path) -> None:
    repo, other = repository(tmp_path / "repo"), repository(tmp_path / "other")
    commit(other, os.urandom(100_000))
    git(other, "gc", "-q")
    oid = git(other, "rev-parse", "HEAD:a")
    data = run_to_end(read_verified(Repository(str(repo)), "blob", [oid], also_objects_of=str(other / ".git/objects")))
    assert data == [(other / "a").read_bytes()]


@pytest.mark.parametrize("kind", ["blob", "commit"])
def test_what_is_missing_or_of_another_kind(tmp_path: Path, kind: str) -> None:
    repo = repository(tmp_path / "repo")
    oid = git(repo, "rev-parse", "HEAD^{tree}")
    with pytest.raises(CannotKnow, match=f"is tree, not a {kind}"):
        run_to_end(read_verified(Repository(str(repo)), kind, [oid]))
    with pytest.raises(CannotKnow, match="is missing"):
        run_to_end(read_verified(Repository(str(repo)), kind, ["0" * 39 + "1"]))


def test_nothing_is_asked_of_git_for_nothing(tmp_path: Path) -> None:
    assert run_to_end(read_verified(Repository(str(repository(tmp_path / "repo"))), "blob", [])) == []


def test_their_size_is_bounded(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    (repo / "a").write_bytes(bytes(100_000))
    oid = git(repo, "hash-object", "-w", "a")
    with pytest.raises(CannotKnow):
        run_to_end(read_verified(Repository(str(repo)), "blob", [oid], limit=1000))


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_the_files_of_a_commit_are_those_that_git_lists(tmp_path: Path, form: str) -> None:
    repo = repository(tmp_path / "repo", form)
    for name in ("deep/er/file", "deep/file", "tab\tin", "new\nline", "zz/x"):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(name)
    (repo / "zz/x").chmod(0o755)
    (repo / "link").symlink_to("a")
    commit(repo, b"two\n")
    head = git(repo, "rev-parse", "HEAD")
    listing = try_git(repo, "ls-tree", "-r", "-z", "HEAD").stdout.split(b"\0")[:-1]
    wanted = {(line.partition(b"\t")[2], *line.split(b"\t")[0].split(b" ")) for line in listing}
    reader = Repository(str(repo))
    assert run_to_end(files_of(reader, head)) == {(path, mode, oid.decode()) for path, mode, _, oid in wanted}
    for path, mode, _, oid in wanted:
        assert run_to_end(find(reader, head, path.decode())) == (mode, oid.decode())
    assert run_to_end(find(reader, head, "deep")) == (b"40000", git(repo, "rev-parse", "HEAD:deep"))
    for absent in ("absent", "deep/absent", "a/b", "deep/er/file/x", ""):
        assert run_to_end(find(reader, head, absent)) is None


@pytest.mark.parametrize("name", ["HEAD", "HEAD^{tree}", "HEAD:deep"])
def test_no_file_is_believed_below_a_forgery(tmp_path: Path, name: str) -> None:
    repo = repository(tmp_path / "repo")
    (repo / "deep").mkdir()
    (repo / "deep/file").write_text("one\n")
    commit(repo, b"one\n")
    head, oid = git(repo, "rev-parse", "HEAD"), git(repo, "rev-parse", name)
    kind = git(repo, "cat-file", "-t", oid)
    forge_object(repo, oid, kind, *{"commit": (b"A commit", b"B commit"), "tree": (b"100644", b"100755")}[kind])
    with pytest.raises(CannotKnow, match=r"holds other bytes|hash mismatch"):
        run_to_end(files_of(Repository(str(repo)), head))
    with pytest.raises(CannotKnow, match=r"holds other bytes|hash mismatch"):
        run_to_end(find(Repository(str(repo)), head, "deep/file"))


def test_the_modes_of_old_trees_are_those_of_an_index() -> None:
    tree = b"".join(mode + b" x\0" + bytes(20) for mode in (b"100664", b"100775", b"100600", b"120000", b"40000"))
    modes = [mode for mode, *_ in entries_of(tree, 40)]
    assert modes == [b"100644", b"100755", b"100644", b"120000", b"40000"]

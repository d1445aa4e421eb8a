"""Trees are written as git writes them, whatever their files are called."""

import os
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.git.reader import Repository
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.operations.rescue.write_trees import Blobs, list_stored, read_contents, write_tree

NAMES = ["a", "a.b", "a-b", "z/a/b/c", "z/a.txt", "z/b", "new\nline", '"q"', "-x", "ü", os.fsdecode(b"\xff")]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    made = tmp_path / "repo"
    made.mkdir()
    git(made, "init", "-q", "-b", "main")
    for name in NAMES:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(f"{name!r}\n")
    return made


def test_the_tree_is_the_one_that_git_would_write(repo: Path) -> None:
    paths = [os.fsencode(name) for name in NAMES]
    reader = Repository(str(repo))
    with Blobs(reader, "sha1", str(repo / ".git"), str(repo / ".git")) as blobs:
        ids = [blobs.store_file(path) for path in paths]
    made = run_to_end(write_tree(reader, {path: ("100644", oid) for path, oid in zip(paths, ids, strict=True)}))

    git(repo, "add", "-A")
    assert made == git(repo, "write-tree")


def test_no_files_are_the_empty_tree(repo: Path) -> None:
    assert run_to_end(write_tree(Repository(str(repo)), {})) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def test_texts(repo: Path) -> None:
    texts = [b"nowhere", b"", b"\n", b"\xff"]

    with Blobs(Repository(str(repo)), "sha1", str(repo / ".git"), str(repo / ".git")) as blobs:
        ids = [blobs.store_text(text) for text in texts]
    assert ids == [git(repo, "hash-object", "-w", "--stdin", stdin=text) for text in texts]


def read(git: Repository, name: str) -> dict[bytes, bytes]:
    return {one.path: b"".join(pieces) for one, pieces in read_contents(git, run_to_end(list_stored(git, name)))}


def test_every_byte_is_read_back(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo / "binary").write_bytes(bytes(range(256)) * 3)
    (repo / "empty").write_bytes(b"")
    git(repo, "add", "-A")
    name = git(repo, "write-tree")
    wanted = {os.fsencode(str(path.relative_to(repo))): path.read_bytes() for path in repo.rglob("*") if path.is_file()}
    wanted = {path: content for path, content in wanted.items() if not path.startswith(b".git/")}
    assert read(Repository(str(repo)), name) == wanted
    monkeypatch.setattr("guardrails.operations.rescue.write_trees._WANTED", 1)  # a file at a time
    assert read(Repository(str(repo)), name) == wanted


def test_what_is_not_there_cannot_be_read(repo: Path) -> None:
    git(repo, "add", "-A")
    name, oid = git(repo, "write-tree"), git(repo, "rev-parse", ":a")
    (repo / f".git/objects/{oid[:2]}/{oid[2:]}").unlink()
    with pytest.raises(CannotKnow, match="although"):
        read(Repository(str(repo)), name)

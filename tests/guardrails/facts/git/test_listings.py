"""The two listings of git, read beside what git itself says of each path, whatever the path is called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from guardrails.errors import CannotKnow
from guardrails.facts.git.listings import INDEX_LISTING, TREE_LISTING, read_index_listing, read_tree_listing

NAMES = (
    b"plain",
    b"tab\tin",
    b"\tfirst",
    b"line\nin",
    b"\xff\xfe not UTF-8",
    b"100644 blob " + b"0" * 40 + b"\tforged",
    b"H 100644 " + b"0" * 40 + b" 0\tforged",
    "\u2028 \u202e".encode(),
    b' "quoted" \\n ',
    b"deep/er/file",
    b":(glob)*",
    b"-v",
)
OID = b"0123456789" * 4


@pytest.fixture(scope="module", params=["sha1", "sha256"])
def repo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A commit with all of these names, a link, a program, a submodule and one path in conflict."""
    repo = tmp_path_factory.mktemp(request.param) / "repo"
    git(repo.parent, "init", "-q", f"--object-format={request.param}", "repo")
    for number, name in enumerate(NAMES):
        place = Path(os.fsdecode(os.path.join(os.fsencode(repo), name)))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x" * number)
    (repo / "link").symlink_to("plain")
    (repo / "program").write_text("#!/bin/sh\n")
    (repo / "program").chmod(0o755)
    git(repo, "add", "-A")
    zeros = "1" * len(git(repo, "rev-parse", ":plain"))
    git(repo, "update-index", "--add", "--cacheinfo", f"160000,{zeros},submodule")
    git(repo, "commit", "-qm", "All of them")
    blob = git(repo, "rev-parse", ":program")
    stages = "".join(f"100644 {blob} {stage}\tboth\n" for stage in (1, 2, 3))
    git(repo, "update-index", "--index-info", stdin=stages.encode())
    git(repo, "update-index", "--assume-unchanged", "plain")
    return repo


def test_the_index_is_what_git_says_of_each_path(repo: Path) -> None:
    entries = list(read_index_listing(try_git(repo, *INDEX_LISTING).stdout))
    assert {path for *_, path in entries} == {*NAMES, b"link", b"program", b"submodule", b"both"}
    names = try_git(repo, "ls-files", "-z").stdout.split(b"\0")[:-1]
    assert [path for *_, path in entries] == names
    for tag, mode, oid, stage, path in entries:
        assert oid == git(repo, "rev-parse", f":{stage.decode()}:{os.fsdecode(path)}")
        assert tag == {b"plain": b"h", b"both": b"M"}.get(path, b"H")
        assert mode == {b"link": b"120000", b"program": b"100755", b"submodule": b"160000"}.get(path, b"100644")
    assert [stage for *_, stage, path in entries if path == b"both"] == [b"1", b"2", b"3"]


@pytest.mark.parametrize("sizes", [(), ("-l",)])
def test_a_tree_is_what_git_says_of_each_path(repo: Path, sizes: tuple[str, ...]) -> None:
    entries = list(read_tree_listing(try_git(repo, *TREE_LISTING, *sizes, "HEAD").stdout))
    assert {path for *_, path in entries} == {*NAMES, b"link", b"program", b"submodule"}
    for mode, kind, oid, size, path in entries:
        assert oid == git(repo, "rev-parse", f"HEAD:{os.fsdecode(path)}")
        assert mode == {b"link": b"120000", b"program": b"100755", b"submodule": b"160000"}.get(path, b"100644")
        assert kind == (b"commit" if path == b"submodule" else b"blob")
        known = int(git(repo, "cat-file", "-s", oid)) if sizes and kind == b"blob" else None
        assert size == known


def test_the_trees_of_a_tree(repo: Path) -> None:
    entries = list(read_tree_listing(try_git(repo, *TREE_LISTING, "-d", "HEAD").stdout))
    trees = {(path, oid) for _, kind, oid, _, path in entries if kind == b"tree"}
    assert trees == {(path, git(repo, "rev-parse", f"HEAD:{path.decode()}")) for path in (b"deep", b"deep/er")}


def test_a_blob_that_is_missing_has_no_size(repo: Path) -> None:
    missing = "2" * len(git(repo, "rev-parse", "HEAD"))
    tree = git(repo, "mktree", "--missing", stdin=f"100644 blob {missing}\tgone\n".encode())
    listing = try_git(repo, *TREE_LISTING, "-l", tree).stdout
    assert list(read_tree_listing(listing)) == [(b"100644", b"blob", missing, None, b"gone")]


def test_nothing_listed_is_no_entry() -> None:
    assert list(read_index_listing(b"")) == []
    assert list(read_tree_listing(b"")) == []


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"H 100644 " + OID + b" 0",  # no path
        b"H 100644 " + OID + b" 0\t",
        b"100644 " + OID + b" 0\tpath",  # no tag
        b"HH 100644 " + OID + b" 0\tpath",
        b"H 100644  " + OID + b" 0\tpath",
        b"H 100844 " + OID + b" 0\tpath",
        b"H 0100644 " + OID + b" 0\tpath",
        b"H 100644 " + OID[:-1] + b" 0\tpath",
        b"H 100644 " + OID.replace(b"9", b"g") + b" 0\tpath",
        b"H 100644 " + OID + b" 4\tpath",
        b"H 100644 " + OID + b" 0 0\tpath",
    ],
)
def test_a_record_of_the_index_that_makes_no_sense(record: bytes) -> None:
    good = b"H 100644 " + OID + b" 0\tgood\0"
    with pytest.raises(CannotKnow, match="ls-files printed a record that is not known"):
        list(read_index_listing(good + record + b"\0"))


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"100644 blob " + OID,
        b"100644 blob " + OID + b"\t",
        b"100644 " + OID + b"\tpath",
        b"100644 tag " + OID + b"\tpath",
        b"10064 blob " + OID + b"\tpath",
        b"100644 blob " + OID[:-1] + b"\tpath",
        b"100644 blob " + OID.replace(b"9", b"A") + b"\tpath",
        b"100644 blob " + OID + b" many\tpath",
        b"100644 blob " + OID + b" 1 2\tpath",
        b"100644 blob " + OID + b" \tpath",
    ],
)
def test_a_record_of_a_tree_that_makes_no_sense(record: bytes) -> None:
    good = b"100644 blob " + OID + b"\tgood\0"
    with pytest.raises(CannotKnow, match="ls-tree printed a record that is not known"):
        list(read_tree_listing(good + record + b"\0"))


def test_a_listing_that_was_cut_short() -> None:
    with pytest.raises(CannotKnow, match="not known"):
        list(read_index_listing(b"H 100644 " + OID + b" 0\tpath"))
    with pytest.raises(CannotKnow, match="not known"):
        list(read_tree_listing(b"100644 blob " + OID + b"\tpath"))

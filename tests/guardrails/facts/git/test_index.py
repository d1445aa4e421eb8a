"""The index as git lists it, with any name in it, and as it is on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git, make_repository, try_git
from guardrails.errors import CannotKnow
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.index import Index, require_checksum
from guardrails.testing import gather, world


def index_of(repo: Path) -> Index:
    return Index(try_git(repo, "ls-files", "-z", "-v", "-s").stdout)


def test_names_of_any_kind(tmp_path: Path) -> None:
    repo = make_repository(tmp_path)
    names = [b"tab\tin", b"line\nin", b"\xff\xfe", b"H 100644", "\u2028".encode()]
    for name in names:
        Path(str(repo), name.decode("utf-8", "surrogateescape")).write_text("x\n")
    git(repo, "add", "-A")
    index = index_of(repo)
    assert set(names) < {path for *_, path in index.entries()}
    assert all(map(index.tracks, names))
    assert not any(map(index.tracks, (b"", b"in", b"tab", b"tab\t", b"README", b"absent")))
    assert not index.has_flags
    assert index.gitlinks() == []


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_flags(tmp_path: Path, flag: str) -> None:
    repo = make_repository(tmp_path)
    git(repo, "update-index", flag, "README.md")
    index = index_of(repo)
    assert index.has_flags
    assert [path for *_, path in index.flagged()] == [b"README.md"]


def test_the_checksum(tmp_path: Path) -> None:
    repo = make_repository(tmp_path)
    checkout = gather(Checkout, world(repo), None)
    path = repo / ".git/index"
    data = bytearray(path.read_bytes())
    require_checksum(bytes(data), checkout)
    data[40] ^= 1
    with pytest.raises(CannotKnow, match="does not match its checksum"):
        require_checksum(bytes(data), checkout)
    require_checksum(bytes(data[:-20]) + bytes(20), checkout)  # index.skipHash

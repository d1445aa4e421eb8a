"""Ancestry that somebody faked is not believed, and a history that is cut short gives no answer."""

from __future__ import annotations

import shutil
import struct
import subprocess
from hashlib import sha1
from pathlib import Path

import pytest

from dirty.dirty import commit, git, make_repository, snapshot, try_git
from guardrails.errors import CannotKnow
from guardrails.facts.operation.candidate import Ancestry
from guardrails.testing import Environment, gather, world


def relate(prod: Path, candidate: str, dev: Path | None = None) -> Ancestry:
    """Ask as `check --op promote --candidate` would; `dev` is where candidates come from."""
    source = Environment(name="dev", repo=str(dev)) if dev else None
    return gather(Ancestry, world(prod, operation="promote", candidate=candidate, candidate_from=source))


def step(repo: Path, message: str) -> str:
    """One more commit, different from every other."""
    (repo / "other.txt").write_text(f"{message} in {repo.name}\n")
    return commit(repo, message)


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    """A repository whose `release/x` diverges from its HEAD."""
    repo = make_repository(tmp_path)
    git(repo, "checkout", "-qb", "release/x")
    step(repo, "Release")
    git(repo, "checkout", "-q", "main")
    step(repo, "Hotfix")
    return repo


@pytest.fixture
def dev(prod: Path) -> Path:
    """A clone of prod's upstream whose `release/y` descends from prod's HEAD."""
    git(prod, "push", "-q", "upstream", "main:hotfix", "release/x")
    git(prod.parent, "clone", "-q", "-o", "upstream", "--no-hardlinks", "--template=", "upstream", "dev")
    dev = prod.parent / "dev"
    git(dev, "checkout", "-qb", "release/y", "upstream/hotfix")
    step(dev, "Release")
    return dev


def is_fast_forward_for_plain_git(repo: Path, older: str = "HEAD", newer: str = "release/x") -> bool:
    return try_git(repo, "merge-base", "--is-ancestor", older, newer).returncode == 0


# Faked ancestry


def test_a_graft_by_replacement(prod: Path) -> None:
    git(prod, "replace", "--graft", "release/x", "main")
    assert is_fast_forward_for_plain_git(prod)
    assert relate(prod, "release/x").relation == "diverged"


def test_a_graft_by_replacement_in_dev(prod: Path, dev: Path) -> None:
    git(dev, "replace", "--graft", "upstream/release/x", "upstream/hotfix")
    assert is_fast_forward_for_plain_git(dev, "upstream/hotfix", "upstream/release/x")
    assert relate(prod, "upstream/release/x", dev).relation == "diverged"


def test_a_candidate_that_is_replaced_by_another_commit(prod: Path) -> None:
    git(prod, "replace", "release/x", "main")
    assert relate(prod, "release/x").relation == "diverged"


def test_a_graft_in_the_file_of_grafts(prod: Path) -> None:
    (prod / ".git/info").mkdir(exist_ok=True)
    release, main = git(prod, "rev-parse", "release/x", "main").splitlines()
    (prod / ".git/info/grafts").write_text(f"{release} {main}\n")
    assert is_fast_forward_for_plain_git(prod)
    assert relate(prod, "release/x").relation == "diverged"


def test_a_graft_that_hides_a_fast_forward(prod: Path, dev: Path) -> None:
    for repo in (prod, dev):
        (repo / ".git/info").mkdir(exist_ok=True)
        (repo / ".git/info/grafts").write_text(git(dev, "rev-parse", "release/y") + "\n")
    assert relate(prod, "release/y", dev).relation == "descendant"


def _forge_commit_graph(repo: Path, child: str, parent: str) -> None:
    """Let the commit-graph file say that `child` has the one parent `parent` (gitformat-commit-graph).

    git reads the commits that it is asked about from their objects, and only those behind them from the file.
    """
    git(repo, "-c", "commitGraph.generationVersion=1", "commit-graph", "write", "--reachable")
    path = repo / ".git/objects/info/commit-graph"
    data = bytearray(path.read_bytes())
    chunks = {}
    for number in range(data[6]):
        name, offset = struct.unpack_from(">4sQ", data, 8 + 12 * number)
        chunks[name] = offset
    count = struct.unpack_from(">I", data, chunks[b"OIDF"] + 255 * 4)[0]
    ids = [data[chunks[b"OIDL"] + 20 * n : chunks[b"OIDL"] + 20 * (n + 1)].hex() for n in range(count)]
    row = chunks[b"CDAT"] + ids.index(child) * 36  # 20 bytes of tree, then the positions of two parents
    struct.pack_into(">II", data, row + 20, ids.index(parent), 0x70000000)
    data[-20:] = sha1(data[:-20]).digest()
    path.chmod(0o644)
    path.write_bytes(data)


def test_a_forged_commit_graph(prod: Path) -> None:
    git(prod, "checkout", "-q", "release/x")
    step(prod, "Release again")
    git(prod, "checkout", "-q", "main")
    release, main = git(prod, "rev-parse", "release/x~1", "main").splitlines()
    _forge_commit_graph(prod, release, main)
    assert is_fast_forward_for_plain_git(prod)
    assert relate(prod, "release/x").relation == "diverged"


def test_a_forged_commit_graph_of_dev(prod: Path, dev: Path) -> None:
    git(dev, "checkout", "-q", "-B", "release/x", "upstream/release/x")
    step(dev, "Release again")
    release, hotfix = git(dev, "rev-parse", "release/x~1", "upstream/hotfix").splitlines()
    _forge_commit_graph(dev, release, hotfix)
    assert is_fast_forward_for_plain_git(dev, "upstream/hotfix", "release/x")
    assert relate(prod, git(dev, "rev-parse", "release/x"), dev).relation == "diverged"


# Histories that are cut short


def _shallow(folder: Path, name: str, *refs: str) -> Path:
    git(folder, "clone", "-q", "--depth=1", "--no-single-branch", "--template=", f"file://{folder}/upstream", name)
    for ref in refs:
        git(folder / name, "branch", ref, f"origin/{ref}")
    return folder / name


def test_shallow_prod(prod: Path, dev: Path) -> None:
    shallow = _shallow(prod.parent, "shallow", "release/x")
    for candidate, source in (("release/x", None), ("release/y", dev)):
        with pytest.raises(CannotKnow, match="shallow"):
            relate(shallow, candidate, source)


def test_shallow_dev(prod: Path) -> None:
    git(prod, "push", "-q", "upstream", "release/x")
    shallow = _shallow(prod.parent, "shallow", "release/x")
    with pytest.raises(CannotKnow, match="shallow"):
        relate(prod, "release/x", shallow)


@pytest.fixture
def partial(prod: Path, dev: Path) -> Path:
    """A clone of dev without its trees and files."""
    git(prod.parent / "upstream", "config", "uploadpack.allowFilter", "true")
    url = f"file://{prod.parent}/upstream"
    git(prod.parent, "clone", "-q", "--filter=tree:0", "--no-checkout", "--template=", url, "partial")
    partial = prod.parent / "partial"
    git(partial, "branch", "release/x", "origin/release/x")
    return partial


def test_partial_prod_or_dev(prod: Path, partial: Path) -> None:
    before = snapshot(prod, partial)
    with pytest.raises(CannotKnow):
        relate(partial, "release/x")
    with pytest.raises(CannotKnow):
        relate(prod, "release/x", partial)
    assert snapshot(prod, partial) == before


def _remove(repo: Path, name: str) -> None:
    oid = git(repo, "rev-parse", name)
    (repo / ".git/objects" / oid[:2] / oid[2:]).unlink()


@pytest.mark.parametrize("which", ["HEAD~1", "HEAD", "release/x"])
def test_a_commit_missing_in_prod(prod: Path, which: str) -> None:
    _remove(prod, which)
    with pytest.raises(CannotKnow):
        relate(prod, "release/x")


@pytest.mark.parametrize("which", ["release/y", "release/y~1", "release/y~2"])
def test_a_commit_missing_in_dev(prod: Path, dev: Path, which: str) -> None:
    step(dev, "One more")
    step(dev, "And another")
    git(dev, "repack", "-adq")
    git(dev, "unpack-objects", "-q", stdin=_pack_of(dev))
    _remove(dev, which)
    with pytest.raises(CannotKnow):
        relate(prod, "release/y", dev)


def _pack_of(repo: Path) -> bytes:
    """The one pack of a repository, which is moved out of the way."""
    (pack,) = (repo / ".git/objects/pack").glob("*.pack")
    content = pack.read_bytes()
    shutil.rmtree(repo / ".git/objects/pack")
    return content


def test_a_corrupt_commit_in_the_way(prod: Path, dev: Path) -> None:
    step(dev, "One more")
    oid = git(dev, "rev-parse", "release/y~1")
    path = dev / ".git/objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(b"garbage")
    with pytest.raises(CannotKnow):
        relate(prod, "release/y", dev)


def test_a_candidate_whose_files_are_missing_is_still_related(prod: Path, dev: Path) -> None:
    _remove(dev, "release/y:other.txt")
    assert relate(prod, "release/y", dev).relation == "descendant"


# Sources that are none


@pytest.mark.parametrize("name", ["absent", "plain", "upstream/README.md"])
def test_a_source_that_is_no_repository(prod: Path, name: str) -> None:
    (prod.parent / "plain").mkdir()
    for candidate in ("release/x", git(prod, "rev-parse", "release/x")):
        with pytest.raises(CannotKnow):
            relate(prod, candidate, prod.parent / name)


def test_a_source_of_another_object_format(prod: Path) -> None:
    other = prod.parent / "other"
    git(prod.parent, "init", "-q", "--template=", "--object-format=sha256", "-b", "release/z", "other")
    (other / "README.md").write_text("Hello\n")
    commit(other)
    with pytest.raises(CannotKnow):
        relate(prod, "release/z", other)


def test_a_source_that_hangs(prod: Path, dev: Path) -> None:
    (dev / ".git/config").unlink()
    subprocess.run(["mkfifo", dev / ".git/config"], check=True)
    source = Environment(name="dev", repo=str(dev))
    asked = world(prod, operation="promote", candidate="release/y", candidate_from=source, timeout=0.3)
    with pytest.raises(CannotKnow):
        gather(Ancestry, asked)

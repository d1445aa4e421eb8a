"""Where a push arrives: a server knows its own refs, and a pusher those of a remote that is a folder here."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.operation.pushes import Push, Pushes
from guardrails.facts.operation.receivers import Receiver, find_receiver
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.model import RefUpdate
from guardrails.testing import Environment, Operation, World, gather
from worlds.two_repositories import RELEASE, Repositories

NOTHING = "0" * 40
MAIN, MASTER = "refs/heads/main", "refs/heads/master"


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    repositories = Repositories(tmp_path)
    git(repositories.upstream, "symbolic-ref", MASTER, MAIN)
    return repositories


def world(repo: Path, update: RefUpdate, remote: tuple[str, str] | None) -> World:
    here = Environment(name="here", repo=str(repo))
    push = Operation(name="push", updates=(update,), remote=remote)
    return World(here, {"here": here}, at=0.0, home="/", operation=push)


def arrives(repo: Path, update: RefUpdate, remote: tuple[str, str] | None = None) -> Receiver:
    found: Receiver = run_to_end(find_receiver(world(repo, update, remote), (update,), remote))
    return found


def seen(repo: Path, update: RefUpdate, remote: tuple[str, str] | None = None) -> Push:
    [push] = gather(Pushes, world(repo, update, remote)).updates
    return push


def test_a_remote_in_a_folder_is_looked_into(repositories: Repositories, tmp_path: Path) -> None:
    dev, upstream = repositories.dev, repositories.upstream
    rewind = RefUpdate(MASTER, repositories.second, repositories.first, "HEAD~1")

    for url in (f"{upstream}", f"file://{upstream}", f"{upstream}/.git"):
        assert arrives(dev, rewind, ("upstream", url)).symbolic == {MASTER: MAIN}, url
    push = seen(dev, rewind, ("upstream", str(upstream)))
    assert (push.names, push.relation) == ((MAIN, MASTER), "ancestor")
    git(tmp_path, "clone", "-q", "--bare", "--template=", upstream, tmp_path / "bare.git")
    assert arrives(dev, rewind, ("bare", str(tmp_path / "bare"))).symbolic == {}


@pytest.mark.parametrize("url", ["ssh://example.org/x.git", "host:x.git", "/none", "relative", "", "/"])
def test_a_remote_elsewhere_is_known_by_its_tracking_refs(repositories: Repositories, url: str) -> None:
    rewind = RefUpdate(MASTER, repositories.second, repositories.first, "HEAD~1")

    found = arrives(repositories.dev, rewind, ("upstream", url))
    assert (found.symbolic, found.prefixes) == (None, ("refs/remotes/upstream/",))
    assert arrives(repositories.dev, rewind, (url, url)).prefixes == ("refs/remotes/",)
    assert seen(repositories.dev, rewind, ("upstream", url)).names == (MASTER,)


def test_a_folder_that_cannot_be_read_is_elsewhere(repositories: Repositories) -> None:
    (repositories.upstream / ".git/refs/heads/broken").write_text("garbage\n")
    rewind = RefUpdate(MASTER, repositories.second, repositories.first, "HEAD~1")

    assert arrives(repositories.dev, rewind, ("upstream", str(repositories.upstream))).symbolic is None


def test_what_the_remote_has_and_the_pusher_never_fetched(repositories: Repositories) -> None:
    theirs = repositories.commit(repositories.upstream, "theirs")
    rewind = RefUpdate(MAIN, theirs, repositories.second, "main")

    assert seen(repositories.dev, rewind, ("upstream", str(repositories.upstream))).relation == "ancestor"


@pytest.mark.parametrize("remote", [True, False])
def test_local_branches_that_go_on_make_no_commit_old(repositories: Repositories, remote: bool) -> None:
    dev = repositories.dev
    git(dev, "checkout", "-q", "-b", "followers")
    repositories.commit(dev, "later")
    where = ("upstream", str(repositories.upstream) if remote else "ssh://example.org/x.git")
    new = RefUpdate("refs/heads/release/v2", NOTHING, repositories.release, RELEASE)
    old = RefUpdate("refs/heads/release/v0", NOTHING, repositories.first, "HEAD~9")

    assert (seen(dev, new, where).known_at, seen(dev, new, where).connected) == ((), True)
    assert seen(dev, old, where).known_at[0] in (MAIN, "refs/remotes/upstream/HEAD", "refs/remotes/upstream/main")


def test_a_history_of_its_own(repositories: Repositories) -> None:
    dev = repositories.dev
    stranger = git(dev, "commit-tree", "-m", "from nowhere", "HEAD^{tree}")
    both = git(dev, "commit-tree", "-m", "both", "-p", stranger, "-p", repositories.first, "HEAD^{tree}")
    for ref in ("refs/heads/release/x", "refs/tags/x"):
        assert not seen(dev, RefUpdate(ref, NOTHING, stranger)).connected
        assert seen(dev, RefUpdate(ref, NOTHING, both)).connected
    blob = git(dev, "hash-object", "-w", "--stdin", stdin=b"a key")
    assert seen(dev, RefUpdate("refs/tags/key", NOTHING, blob)).connected


def test_nothing_is_deleted_where_nothing_is(repositories: Repositories) -> None:
    server = repositories.upstream

    assert seen(server, RefUpdate("refs/tags/none", NOTHING, NOTHING)).relation == "same"
    assert seen(server, RefUpdate(MASTER, NOTHING, NOTHING)).relation == "deleted", "whatever the pusher says is there"

"""What each ref update of a push would do, from the pusher's repository and on a server."""

from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.facts.operation import pushes as module
from guardrails.facts.operation.pushes import Push, Pushes
from guardrails.model import RefUpdate
from guardrails.testing import Environment, Operation, World, gather, world
from worlds.two_repositories import RELEASE, Repositories

NOTHING = "0" * 40
MAIN = "refs/heads/main"


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def seen(repo: Path, *updates: RefUpdate, **rest: Any) -> tuple[Push, ...]:
    prod = Environment(name="prod", repo=str(repo))
    push = Operation(name="push", updates=updates)
    return gather(Pushes, World(prod, {"prod": prod}, at=0.0, home="/", operation=push, **rest)).updates


def relation(repo: Path, old: str, new: str, ref: str = MAIN) -> str:
    [push] = seen(repo, RefUpdate(ref, old, new))
    return push.relation


def test_each_relation(repositories: Repositories) -> None:
    dev, first, second, release = repositories.dev, repositories.first, repositories.second, repositories.release
    git(dev, "checkout", "-q", "-b", "other", first)
    other = repositories.commit(dev, "other")
    stranger = git(dev, "commit-tree", "-m", "From nowhere", "HEAD^{tree}")

    assert relation(dev, second, release) == "descendant"
    assert relation(dev, release, first) == "ancestor"
    assert relation(dev, second, second) == "same"
    assert relation(dev, second, other) == "diverged"
    assert relation(dev, second, stranger) == "unrelated"
    assert relation(dev, second, NOTHING) == "deleted"
    assert relation(dev, NOTHING, release) == "created"
    assert relation(dev, first, second, "refs/tags/v1") == "moved"
    assert relation(dev, first, first, "refs/tags/v1") == "same"


def test_what_the_pusher_calls_it_is_kept(repositories: Repositories) -> None:
    [push] = seen(repositories.dev, RefUpdate(MAIN, repositories.second, repositories.release, "HEAD"))

    assert push == Push(MAIN, repositories.second, repositories.release, "HEAD", "descendant", names=(MAIN,))


def test_an_old_commit_under_a_new_name(repositories: Repositories) -> None:
    [old] = seen(repositories.dev, RefUpdate("refs/heads/release/v2", NOTHING, repositories.first))
    [tip] = seen(repositories.dev, RefUpdate("refs/heads/release/v2", NOTHING, repositories.release))
    [tag] = seen(repositories.dev, RefUpdate("refs/tags/v0", NOTHING, repositories.first))

    assert f"refs/heads/{RELEASE}" in old.known_at
    assert (tip.known_at, tag.known_at) == ((), ())


def test_an_annotated_tag_is_its_commit(repositories: Repositories) -> None:
    git(repositories.dev, "tag", "-a", "-m", "one", "v1")
    tag = git(repositories.dev, "rev-parse", "v1")

    assert relation(repositories.dev, NOTHING, tag, "refs/tags/v1") == "created"


def test_a_remote_that_is_ahead_cannot_be_compared(repositories: Repositories) -> None:
    new = repositories.commit(repositories.upstream, "theirs")

    with pytest.raises(CannotKnow, match="fetch first"):
        relation(repositories.dev, new, repositories.release)


def test_on_a_server_the_quarantine_is_looked_through(repositories: Repositories) -> None:
    server = repositories.folder / "server.git"
    git(repositories.folder, "clone", "-q", "--bare", "--template=", repositories.upstream, server)
    quarantine = repositories.dev / ".git/objects"
    update = RefUpdate(MAIN, repositories.second, repositories.release)
    given = {"GIT_QUARANTINE_PATH": str(quarantine), "GIT_OBJECT_DIRECTORY": str(quarantine)}

    [push] = seen(server, update, variables=given)
    assert push.relation == "descendant"
    with pytest.raises(CannotKnow):
        seen(server, update)
    with pytest.raises(CannotKnow):
        seen(server, update, variables={"GIT_OBJECT_DIRECTORY": str(quarantine)})


def test_a_shallow_repository_cannot_tell(repositories: Repositories) -> None:
    shallow = repositories.folder / "shallow"
    git(repositories.folder, "clone", "-q", "--depth=1", f"file://{repositories.upstream}", shallow)

    with pytest.raises(CannotKnow, match="shallow"):
        relation(shallow, repositories.second, repositories.second)


def test_no_push_in_question(repositories: Repositories) -> None:
    for operation in ({}, {"operation": "promote"}):
        with pytest.raises(DoesNotApply):
            gather(Pushes, world(repositories.dev, **operation))


def test_nobody_said_what_is_pushed(repositories: Repositories) -> None:
    with pytest.raises(CannotKnow, match="--updates"):
        gather(Pushes, world(repositories.dev, operation="push"))


def test_a_push_of_more_refs_than_anybody_looks_at(repositories: Repositories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UPDATES_LIMIT", 1)

    with pytest.raises(CannotKnow, match="more than 1"):
        seen(repositories.dev, *[RefUpdate(MAIN, repositories.second, repositories.release)] * 2)


def test_a_push_of_nothing_is_empty(repositories: Repositories) -> None:
    assert seen(repositories.dev) == ()

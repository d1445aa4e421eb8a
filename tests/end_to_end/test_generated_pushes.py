"""Random pushes to random servers: what would harm a protected ref is refused, and what git takes without harm goes."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from guardrails.errors import CannotKnow
from guardrails.facts.operation.pushes import Pushes
from guardrails.facts.operation.ref_updates import parse
from guardrails.testing import Environment, Operation, World, gather, judge
from guardrails_policies.repository.protected_refs import ProtectedRefs
from worlds.hooked import Hooked
from worlds.push_worlds import PushWorld

WORLDS = int(os.environ.get("GUARDRAILS_PUSH_WORLDS", "3"))  # more of them: a longer search for the same
PUSHES = 25  # in each


def refused(repo: Path, lines: bytes, remote: tuple[str, str] | None = None) -> bool:
    """What protected-refs says of the lines that git gave to a hook of a repository."""
    here = Environment(name="here", repo=str(repo))
    push = Operation(name="push", updates=parse(lines), remote=remote)
    try:
        pushes = gather(Pushes, World(here, {"here": here}, at=0.0, home="/", operation=push))
    except CannotKnow:
        return True
    return judge(ProtectedRefs(), pushes=pushes).outcome != "pass"


@pytest.mark.parametrize("seed", range(WORLDS))
@pytest.mark.sample(3)
def test_what_harms_is_refused_and_what_does_not_goes(tmp_path: Path, seed: int) -> None:
    world = PushWorld(tmp_path, random.Random(seed))
    wrong, harmful, harmless = [], 0, 0
    for number in range(PUSHES):
        world.set_up()
        before = world.refs()
        words, whole = world.push()
        after = world.refs()
        harm = world.harm(before, after)
        world.restore(before, after)
        assert world.refs() == before
        if not (said := world.said["pre-receive"]).exists():
            continue
        by = {"pre-receive": refused(world.server, said.read_bytes())}
        sent = world.said["pre-push"].read_bytes()
        if "--prune" not in words:  # of which pre-push does not hear
            by["pre-push"] = refused(world.pusher, sent, (str(world.server), str(world.server)))
        harmful, harmless = harmful + bool(harm), harmless + (whole and not harm)
        for hook, no in by.items():
            if (harm and not no) or (no and whole and not harm):
                wrong.append((number, hook, words, harm or "no harm", before))
    assert wrong == [], "\n".join(map(str, wrong))
    assert min(harmful, harmless) > PUSHES // 10, "the pushes are of both kinds"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Hooked:
    """A real server behind a real hook, with the aliases that the generated ones have."""
    world = Hooked(tmp_path_factory.mktemp("guarded"))
    aliases = {"refs/heads/master": "refs/heads/main", "refs/heads/chain": "refs/heads/master"}
    aliases |= {"refs/other/main": "refs/heads/main", "refs/heads/in-tags": "refs/tags/v1"}
    aliases |= {"refs/heads/lost": "refs/heads/release/none", "refs/heads/release/stable": "refs/heads/trunk"}
    git(world.dev, "push", "-q", "origin", "main:refs/heads/trunk")
    for name, target in aliases.items():
        git(world.server, "symbolic-ref", name, target)
    world.install("pre-receive", "server")
    world.install("pre-push", "dev")
    stranger = git(world.dev, "commit-tree", "-m", "from nowhere", "HEAD^{tree}")
    git(world.dev, "update-ref", "refs/strangers/one", stranger)
    for number in range(7):
        git(world.server, "update-ref", f"refs/heads/a{number}", world.first)
    return world


HARM = {
    "rewind by an alias": "v1:refs/heads/master",
    "rewind by a chain": "v1:refs/heads/chain",
    "rewind from another namespace": "v1:refs/other/main",
    "delete by an alias": ":refs/heads/master",
    "delete by a chain": ":refs/heads/chain",
    "move a tag by a branch": "main:refs/heads/in-tags",
    "rewind what a protected name leads to": "v1:refs/heads/trunk",
    "delete what a protected name leads to": ":refs/heads/trunk",
    "an old commit by a name that leads nowhere yet": "v1:refs/heads/lost",
    "an old commit that many branches hold": "v1:refs/heads/release/v0",
    "a branch of another history": "refs/strangers/one:refs/heads/release/odd",
    "a tag of another history": "refs/strangers/one:refs/tags/odd",
}


@pytest.mark.parametrize("hook", ["pre-push", "pre-receive"])
@pytest.mark.parametrize("name", HARM)
def test_no_alias_is_a_way_round(guarded: Hooked, name: str, hook: str) -> None:
    before = guarded.holds()

    done = guarded.push(*(["--no-verify"] if hook == "pre-receive" else []), "--force", "origin", HARM[name])

    assert (done.returncode != 0, b"protected-refs" in done.stderr) == (True, True), done.stderr
    assert (b"remote: " in done.stderr) == (hook == "pre-receive")
    assert guarded.holds() == before


def test_what_goes_on_goes_through(tmp_path: Path) -> None:
    world = Hooked(tmp_path)
    git(world.server, "symbolic-ref", "refs/heads/master", "refs/heads/main")
    world.install("pre-receive", "server")
    world.install("pre-push", "dev")
    new = world.commit("three")
    git(world.dev, "branch", "followers")
    git(world.dev, "checkout", "-q", "followers")
    world.commit("four")

    done = world.push("origin", f"{new}:refs/heads/master", f"{new}:refs/heads/release/v3", "v1:refs/tags/v0", "main:x")

    assert (done.returncode, done.stderr) == (0, b"")
    assert git(world.server, "rev-parse", "main", "release/v3") == f"{new}\n{new}"


def test_a_first_push_may_bring_any_history(tmp_path: Path) -> None:
    world = Hooked(tmp_path)
    git(world.dev, "checkout", "-q", "-b", "followers")
    world.commit("three")
    world.install("pre-push", "dev")
    for name, url in {"empty": "empty.git", "by-url": f"file://{tmp_path}/other.git"}.items():
        git(tmp_path, "init", "-q", "--bare", "--template=", url.removeprefix(f"file://{tmp_path}/"))
        git(world.dev, "remote", "add", name, url if "://" in url else f"../{url}")
        done = world.push(name, "main", "v1:refs/heads/release/v1", "v1")
        assert (done.returncode, done.stderr) == (0, b""), name
    assert try_git(tmp_path / "empty.git", "rev-parse", "main").returncode == 0

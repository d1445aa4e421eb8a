"""What a `git push` of a tool call would move: compared with what the real one then moves."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from built_once import copy_built
from dirty.dirty import snapshot
from dirty.dirty_repository import git, try_git
from guardrails.calls import Action
from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.facts.operation.descent import Descent
from guardrails.facts.operation.pushes import Push, Pushes
from guardrails.testing import Environment, Operation, World, gather

COMMANDS = (
    "git push",
    "git push origin",
    "git push origin main",
    "git push origin HEAD",
    "git push -f",
    "git push --force origin main",
    "git push origin main --force",
    "git push origin +behind",
    "git push origin behind",
    "git push origin ahead:main",
    "git push origin +ahead:refs/heads/main",
    "git push origin HEAD~1:main",
    "git push origin +HEAD~1:main",
    "git push --force-with-lease origin behind",
    "git push origin main:new",
    "git push origin new-here",
    "git push origin HEAD~1:refs/heads/from-id",
    "git push origin HEAD~1:nowhere-known",
    "git push origin no-such",
    "git push origin --delete behind",
    "git push origin -d v1",
    "git push origin :behind :ahead",
    "git push origin :refs/heads/no-such",
    "git push --all origin",
    "git push -f --all origin",
    "git push --tags",
    "git push -f --tags origin",
    "git push origin v1",
    "git push origin v2 -f",
    "git push origin tags/v2",
    "git push --mirror origin",
    "git push --prune origin 'refs/heads/*'",
    "git push origin 'refs/heads/*:refs/heads/copy/*'",
    "git push origin :",
    "git push -n -f origin main",
    "git push --repo=origin main",
    "git push -qu origin ahead",
    "git push -- origin main",
    "git -c push.default=current push",
    "git -c push.default=matching push -f",
    "git -c push.default=nothing push",
    "git -c push.default=upstream push",
    "git -c remote.origin.push=refs/heads/ahead:refs/heads/elsewhere push",
    "git -c remote.origin.push=+refs/heads/*:refs/heads/x/* push origin behind",
    "git -c remote.pushDefault=other push",
    "git push other main",
    "git push ../other.git +behind:main",
)


def build(folder: Path) -> None:
    """`repo` beside two bare repositories; its branches are ahead of the remote's, behind it and apart from it."""
    repo = folder / "repo"
    repo.mkdir()
    for name in ("origin.git", "other.git"):
        git(folder, "init", "-q", "--bare", "-b", "main", "--template=", name)
    git(repo, "init", "-q", "-b", "main", "--template=")
    commit(repo, "first")
    commit(repo, "second")
    for name in ("behind", "ahead", "gone-here"):
        git(repo, "branch", name)
    git(repo, "tag", "v1")
    git(repo, "tag", "v2")
    git(repo, "remote", "add", "origin", "../origin.git")
    git(repo, "remote", "add", "other", "../other.git")
    git(repo, "push", "-q", "origin", "--all")
    git(repo, "push", "-q", "origin", "--tags")
    git(repo, "push", "-q", "other", "main~1:refs/heads/main")
    git(repo, "branch", "-q", "-u", "origin/main", "main")
    git(repo, "branch", "-q", "-D", "gone-here")
    git(repo, "branch", "-f", "behind", "main~1")
    git(repo, "tag", "-f", "v2", "main~1")
    git(repo, "tag", "v3")
    git(repo, "branch", "new-here")
    git(repo, "checkout", "-q", "ahead")
    commit(repo, "ahead")
    git(repo, "checkout", "-q", "main")
    git(repo, "commit", "-q", "--amend", "--allow-empty", "-m", "amended")


def commit(repo: Path, message: str) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", message)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_built(build, tmp_path / "world")
    return tmp_path / "world"


def pushes_of(folder: Path, command: str) -> World:
    repo = folder / "repo"
    action = Action("pushes", "dev", "repo", str(repo), tuple(shlex.split(command)), str(repo))
    dev = Environment(name="dev", repo=str(repo))
    operation = Operation(name="tool-call", actions=(action,))
    return World(dev, {"dev": dev}, at=0.0, home=str(folder / "nobody"), operation=operation)


def seen(folder: Path, command: str) -> tuple[Push, ...]:
    return gather(Pushes, pushes_of(folder, command)).updates


def there(folder: Path) -> dict[tuple[str, str], str]:
    """What both remotes have: the object of each ref."""
    return {
        (name, ref): oid
        for name in ("origin.git", "other.git")
        for oid, ref in (
            line.split() for line in git(folder / name, "for-each-ref", "--format=%(objectname) %(refname)").split("\n")
        )
    }


def moved(folder: Path, command: str, after: Path) -> set[tuple[str, str, str]]:
    """What the real push moves in a copy: each ref with its old and its new object."""
    shutil.copytree(folder, after, symlinks=True)
    before = there(after)
    try_git(after / "repo", *shlex.split(command)[1:])
    now = there(after)
    zeros = "0" * 40
    names = {name for name in (*before, *now) if before.get(name) != now.get(name)}
    return {(name[1], before.get(name, zeros), now.get(name, zeros)) for name in names}


def far(folder: Path) -> None:
    """Take the remotes out of sight: what is known of them are the remote-tracking refs."""
    for name in ("origin", "other"):
        git(folder / "repo", "config", f"remote.{name}.url", f"ssh://no-host.invalid/{name}")


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_what_git_then_moves(folder: Path, tmp_path: Path, command: str) -> None:
    before = snapshot(folder)
    found = {(push.ref, push.old, push.new) for push in seen(folder, command)}

    assert snapshot(folder) == before
    assert found == moved(folder, command, tmp_path / "after")


@pytest.mark.parametrize("command", COMMANDS)
def test_of_a_remote_out_of_sight_nothing_that_moves_is_left_out(folder: Path, tmp_path: Path, command: str) -> None:
    real = moved(folder, command, tmp_path / "after")
    far(folder)
    if "../other.git" in command:
        pytest.skip("that one is in sight")
    found = seen(folder, command)

    assert {push.ref for push in found} >= {ref for ref, *_ in real}
    for push in found:
        olds = {old for ref, old, _ in real if ref == push.ref}
        assert push.relation == "unknown" or "refs/tags/" in push.ref or not olds or push.old in olds


def test_each_relation(folder: Path) -> None:
    def relations(command: str) -> list[str]:
        return [push.relation for push in seen(folder, command)]

    assert relations("git push origin ahead") == ["descendant"]
    assert relations("git push -f origin main") == ["diverged"]
    assert relations("git push -f origin behind") == ["ancestor"]
    assert relations("git push origin -d ahead") == ["deleted"]
    assert relations("git push -f origin v2") == ["moved"]
    assert relations("git push origin v3") == ["created"]
    far(folder)
    assert relations("git push -f origin main") == ["diverged"]
    assert relations("git push -f origin v2") == ["unknown"]
    assert relations("git push -f ssh://no-host.invalid/x main") == ["unknown"]
    assert relations("git push ssh://no-host.invalid/x main") == ["created"]
    with pytest.raises(CannotKnow, match="fetch first"):
        gather(Descent, pushes_of(folder, "git push -f ssh://no-host.invalid/x main"), ("refs/heads/main",))


def test_the_configuration_of_the_user_counts(folder: Path) -> None:
    home = folder / "nobody"
    home.mkdir()
    (home / ".gitconfig").write_text("[push]\n\tdefault = matching\n")

    assert {push.ref for push in seen(folder, "git push -f")} == {
        "refs/heads/main",
        "refs/heads/behind",
        "refs/heads/ahead",
    }


@pytest.mark.parametrize(
    "command", ["git push origin ^main", "git push origin tag v1", "git push --no-such-option", "git push origin v1 x"]
)
def test_what_is_not_known_is_undecided_or_refused_by_git(folder: Path, command: str) -> None:
    if command.endswith("x"):
        assert seen(folder, command) == ()
        return
    with pytest.raises(CannotKnow):
        seen(folder, command)


def test_a_call_that_pushes_nothing(folder: Path) -> None:
    world = pushes_of(folder, "git push")
    with pytest.raises(DoesNotApply):
        gather(Pushes, World(world.environment, {}, at=0.0, home="/", operation=Operation("tool-call", actions=(
            Action("writes", "dev", "repo", "/x", ("touch", "x")),
        ))))  # fmt: skip

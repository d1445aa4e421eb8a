"""What a command of git in a tool call would destroy: compared with what it then really destroys."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from built_once import copy_built
from dirty.dirty import snapshot
from dirty.dirty_repository import git, try_git
from guardrails.calls import Action
from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.facts.operation.checkout_moves import list_below
from guardrails.facts.operation.losses import Losses
from guardrails.testing import Environment, Operation, World, gather
from worlds.rescue_state import save

COMMANDS = (
    "git reset --hard",
    "git reset --hard HEAD~1",
    "git reset -q --hard other",
    "git reset HEAD~1",
    "git reset --soft HEAD~1",
    "git reset",
    "git reset -- a.txt",
    "git reset --har",
    "git checkout -- a.txt",
    "git checkout a.txt new.txt",
    "git checkout .",
    "git checkout HEAD -- .",
    "git checkout HEAD~1 -- .",
    "git checkout other -- in-the-way.txt b.txt",
    "git checkout -f",
    "git checkout -f other",
    "git checkout -qf -B topic main",
    "git checkout -B topic main",
    "git checkout other",
    "git switch -f other",
    "git switch --discard-changes -q main",
    "git switch -C topic other",
    "git restore .",
    "git restore a.txt",
    "git restore --staged .",
    "git restore -SW .",
    "git restore -s other -- .",
    "git restore --source=HEAD~1 --worktree b.txt",
    "git clean -f",
    "git clean -fd",
    "git clean -fdx",
    "git clean -fdX",
    "git clean -ffdx",
    "git clean -fd -e 'notes*'",
    "git clean -n -dx",
    "git clean -f -- folder",
    "git stash drop",
    "git stash drop 1",
    "git stash drop stash@{0}",
    "git stash clear",
    "git stash pop",
    "git branch -D topic",
    "git branch -D other",
    "git branch -d topic",
    "git branch -df topic",
    "git branch -f topic main",
    "git branch -M other topic",
    "git branch -f new main",
    "git tag -d keeps-other",
    "git tag -d alone",
    "git tag --delete alone keeps-other",
    "git tag -f alone main",
    "git tag -fam moved alone",
    "git tag -d nothing",
    "git worktree remove --force ../linked",
    "git worktree remove ../linked",
    "git -C folder checkout -- .",
    "git -C folder clean -fd",
    "git -C folder restore ../a.txt",
)


def build(folder: Path) -> None:
    """`repo` with a branch that alone holds a commit, and one that is held; `linked`, a work tree of its own."""
    repo = folder / "repo"
    repo.mkdir()
    git(repo, "init", "-q", "-b", "main", "--template=")
    write(
        repo,
        {".gitignore": "*.log\nbuilt/\n", "a.txt": "a\n", "b.txt": "b\n", "folder/c.txt": "c\n", "gone.txt": "g\n"},
    )
    commit(repo, "first")
    write(repo, {"b.txt": "b2\n"})
    commit(repo, "second")
    git(repo, "branch", "held")
    git(repo, "checkout", "-q", "-b", "other")
    write(repo, {"in-the-way.txt": "theirs\n", "ignored.log": "theirs\n", "b.txt": "b3\n"})
    git(repo, "add", "-f", "ignored.log")
    commit(repo, "other")
    git(repo, "tag", "keeps-other")
    git(repo, "checkout", "-q", "--detach", "main")
    write(repo, {"tagged.txt": "tagged\n"})
    commit(repo, "tagged")
    git(repo, "tag", "-a", "-m", "the only name", "alone")
    git(repo, "checkout", "-q", "-b", "topic", "main")
    write(repo, {"topic.txt": "topic\n"})
    commit(repo, "topic")
    git(repo, "checkout", "-q", "main")
    for number in (1, 2):
        write(repo, {"a.txt": f"stashed {number}\n"})
        git(repo, "stash", "push", "-q")
    write(repo, {"local.txt": "local\n"})
    commit(repo, "local")
    git(repo, "worktree", "add", "-q", "--detach", folder / "linked", "held")


def spoil(folder: Path) -> None:
    """Everything that can be lost in it."""
    repo = folder / "repo"
    write(repo, {"staged.txt": "staged\n", "b.txt": "staged and\n"})
    git(repo, "add", "staged.txt", "b.txt")
    write(repo, {"b.txt": "changed again\n", "folder/c.txt": "changed\n", "new.txt": "new\n", "notes é.txt": "notes\n"})
    write(repo, {"a.txt": "changed\n", "ignored.log": "mine\n", "in-the-way.txt": "mine\n", "built/out": "built\n"})
    write(repo, {"folder/untracked/deep.txt": "deep\n", "folder/ignored.log": "log\n"})
    git(repo, "add", "-N", "new.txt")
    (repo / "gone.txt").unlink()
    (repo / "empty").mkdir()
    git(repo, "init", "-q", "--template=", "nested")
    write(repo, {"nested/inside.txt": "inside\n"})
    write(folder / "linked", {"a.txt": "changed there\n", "there.txt": "there\n"})


def write(repo: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(text)


def commit(repo: Path, message: str) -> None:
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", message)


def built(folder: Path) -> None:
    build(folder)
    spoil(folder)


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    copy_built(built, tmp_path / "world")
    return tmp_path / "world"


def seen(folder: Path, command: str, *, at: str = "repo") -> Losses:
    repo = folder / "repo"
    action = Action("loses-work", "dev", "repo", str(repo), tuple(shlex.split(command)), str(folder / at))
    dev = Environment(name="dev", repo=str(repo))
    operation = Operation(name="tool-call", actions=(action,))
    world = World(dev, {"dev": dev}, at=0.0, home=str(folder / "nobody"), operation=operation)
    return gather(Losses, world)


def told(folder: Path, losses: Losses) -> tuple[set[str], set[str]]:
    """The paths and the commits that the fact names, work trees file by file."""
    paths = {one for path in losses.sweeps for one in list_below(losses.repo, path)}
    paths = {one for path in (*paths, *losses.loses, *losses.overwrites) for one in files_at(folder / "repo", path)}
    paths |= {f"../linked/{name}" for place in losses.elsewhere for name in ("a.txt", "there.txt") if place}
    return paths, {one.subject for one in (*losses.orphans, *losses.branches)}


def files_at(top: Path, path: str) -> Iterator[str]:
    """The path, or the files in what is a repository of its own, as the oracle sees them."""
    place = top / path
    if place.is_dir():
        yield from (str(one.relative_to(top)) for one in place.rglob("*") if one.is_file() and ".git" not in one.parts)
    else:
        yield path


def state(folder: Path) -> tuple[dict[str, set[str]], set[str], set[str]]:
    """Each path's contents, on disk or else in the index; the blobs that a name leads to; and the named commits."""
    repo = folder / "repo"
    contents: dict[str, set[str]] = {}
    for top in (repo, folder / "linked"):
        for place in sorted(top.rglob("*")) if top.is_dir() else []:
            if place.is_file() and ".git" not in place.relative_to(top).parts:
                blob = git(repo, "hash-object", "--no-filters", place)
                contents.setdefault(os.path.relpath(place, repo), set()).add(blob)
    for line in git(repo, "ls-files", "-s", "-z").split("\0")[:-1]:
        facts, _, path = line.partition("\t")
        contents.setdefault(path, {facts.split()[1]})
    stashes = git(repo, "stash", "list", "--format=%H").split()
    tips = [*git(repo, "for-each-ref", "--format=%(objectname)").split(), "HEAD", *stashes]
    objects = git(repo, "rev-list", "--objects", *tips).split("\n")
    commits = set(git(repo, "log", "--format=%H %s", *git(repo, "rev-list", *tips).split()).split("\n"))
    return contents, {line.split(" ")[0] for line in objects}, commits


def lost(before: Path, command: str, after: Path) -> tuple[set[str], set[str]]:
    """What is nowhere any more once the command has run in a copy: paths, and subjects of commits."""
    shutil.copytree(before, after, symlinks=True)
    for pointer in (after / "linked/.git", after / "repo/.git/worktrees/linked/gitdir"):
        pointer.write_text(pointer.read_text().replace(str(before), str(after)))
    old, named, commits = state(after)
    try_git(after / "repo", *shlex.split(command)[1:])
    new, kept, left = state(after)
    kept |= named | {line.split()[1] for line in git(after / "repo", "ls-files", "-s").split("\n")}
    paths = {path for path, blobs in old.items() if blobs - kept - new.get(path, set())}
    return paths, {line.split(" ", 1)[1] for line in commits - left}


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_what_git_then_destroys(spoiled: Path, tmp_path: Path, command: str) -> None:
    before = snapshot(spoiled)
    found = told(spoiled, seen(spoiled, command))

    assert snapshot(spoiled) == before
    paths, subjects = lost(spoiled, command, tmp_path / "after")
    assert found[0] == paths
    assert found[1] >= {one for one in subjects if not one.startswith(("index on", "untracked files"))}
    assert bool(found[1]) == bool(subjects)


@pytest.mark.parametrize("command", ["git reset --hard", "git checkout .", "git clean -ffdx", "git stash clear"])
def test_a_clean_repository_loses_nothing(tmp_path: Path, command: str) -> None:
    copy_built(build, tmp_path / "world")
    git(tmp_path / "world/repo", "stash", "clear")

    assert told(tmp_path / "world", seen(tmp_path / "world", command)) == (set(), set())


def test_a_rescue_that_holds_it_is_named(spoiled: Path) -> None:
    shutil.rmtree(spoiled / "repo/nested")
    git(spoiled / "repo", "rm", "-q", "--cached", "new.txt")  # no tree holds a name without content
    assert seen(spoiled, "git reset --hard").rescue is None
    rescue = save(spoiled / "repo")

    assert seen(spoiled, "git reset --hard").rescue == rescue
    assert seen(spoiled, "git clean -fd").rescue == rescue
    write(spoiled / "repo", {"folder/c.txt": "changed since\n"})
    assert seen(spoiled, "git checkout .").rescue is None


def test_what_a_tag_holds_is_not_lost_with_its_branch(spoiled: Path) -> None:
    assert [one.subject for one in seen(spoiled, "git branch -D topic").branches] == ["topic"]
    git(spoiled / "repo", "tag", "saved", "topic")
    assert seen(spoiled, "git branch -D topic").branches == ()


def test_what_the_user_ignores_everywhere_is_left_by_a_clean(spoiled: Path) -> None:
    ignore = spoiled / "nobody/.config/git/ignore"
    write(ignore.parent, {"ignore": "notes*\n"})

    assert "notes é.txt" not in seen(spoiled, "git clean -fd").sweeps
    assert "notes é.txt" in seen(spoiled, "git clean -fdX").sweeps


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("git reset --hard no-such", None),
        ("git reset --hardest", "--hardest"),
        ("git checkout -p", "asks"),
        ("git restore --pathspec-from-file=x", "which paths"),
        ("git rebase -i", "rebase"),
        ("git --literal-pathspecs checkout -- a.txt", "--literal-pathspecs"),
        ("git worktree remove --force folder", "not a git repository"),
        ("hub reset --hard", "hub"),
    ],
)
def test_what_cannot_be_told(spoiled: Path, command: str, why: str | None) -> None:
    if why is None:
        assert told(spoiled, seen(spoiled, command)) == (set(), set())
        return
    with pytest.raises(CannotKnow, match=why):
        seen(spoiled, command)


def test_a_folder_outside_of_the_repository_cannot_be_told(spoiled: Path) -> None:
    with pytest.raises(CannotKnow, match="outside"):
        seen(spoiled, "git checkout .", at=".")
    assert seen(spoiled, "git -C repo checkout .", at=".").loses


def test_an_action_that_may_not_happen_is_undecided(spoiled: Path) -> None:
    repo = spoiled / "repo"
    dev = Environment(name="dev", repo=str(repo))
    unclear = Action("loses-work", "dev", "repo", str(repo), ("git", "reset"), str(repo), why="$X is not known")
    world = World(dev, {"dev": dev}, at=0.0, home="/", operation=Operation(name="tool-call", actions=(unclear,)))
    with pytest.raises(CannotKnow, match=r"\$X"):
        gather(Losses, world)
    elsewhere = Operation(name="tool-call", actions=(unclear.replaced(environment="prod"),))
    with pytest.raises(DoesNotApply):
        gather(Losses, World(dev, {"dev": dev}, at=0.0, home="/", operation=elsewhere))

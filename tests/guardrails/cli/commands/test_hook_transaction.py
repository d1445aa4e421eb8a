"""reference-transaction in a production repository: no ref moves but by a guarded operation, and git stays usable."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from guardrails.operations.guarded_run import permits
from worlds.hooked import Hooked, hook_file


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Hooked:
    world = Hooked(tmp_path_factory.mktemp("guarded"))
    world.new = world.commit("three")  # type: ignore[attr-defined]
    git(world.dev, "push", "-q", "origin", "main", "main:refs/heads/side")
    git(world.prod, "fetch", "-q", "origin")
    git(world.prod, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    git(world.prod, "symbolic-ref", "refs/heads/chain", "refs/heads/alias")
    world.install("reference-transaction", "prod")
    return world


REFUSED = {
    "commit": "commit --allow-empty -m x",
    "commit without verification": "commit --no-verify --allow-empty -m x",
    "amend": "commit --amend --allow-empty -m x",
    "reset": "reset --soft HEAD~1",
    "hard reset": "reset --hard HEAD~1",
    "fast-forward": "merge --ff-only origin/main",
    "merge": "merge --no-ff -m x origin/main",
    "pull": "pull -q origin main",
    "rebase": "rebase -q origin/main",
    "revert": "revert --no-edit HEAD",
    "cherry-pick": "cherry-pick origin/main",
    "branch -f": "detached branch -f main HEAD~1",
    "branch -M": "branch -M renamed",
    "branch -M over it": "detached branch -M other main",
    "branch -D": "detached branch -D main",
    "checkout -B": "checkout -q -B main HEAD~1",
    "update-ref": "update-ref refs/heads/main HEAD~1",
    "update-ref of HEAD": "update-ref HEAD HEAD~1",
    "update-ref -d": "update-ref -d refs/heads/main",
    "update-ref -d with its value": "update-ref -d refs/heads/main main",
    "update-ref through another name": "update-ref refs/heads/alias HEAD~1",
    "update-ref through a chain": "update-ref refs/heads/chain HEAD~1",
    "update-ref -d through another name": "detached update-ref -d refs/heads/alias",
    "push through another name": "detached push -q -f . HEAD~1:refs/heads/chain",
    "push that deletes through another name": "detached push -q . :refs/heads/chain",
    "fetch into it through another name": "detached fetch -q -u . +other:refs/heads/alias",
    "fetch into it": "fetch -q -u . +other:refs/heads/main",
    "push into it": "detached push -q -f . HEAD~1:refs/heads/main",
    "tag -f": "tag -f v1 HEAD",
    "tag -d": "tag -d v1",
}


def protected(repo: Path) -> list[str]:
    lines = git(repo, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags").splitlines()
    return [line for line in lines if "refs/tags" in line or "refs/heads/main" in line]


CASES = [(name, False) for name in REFUSED] + [
    (name, True) for name in REFUSED if name.split()[0] in ("commit", "branch", "update-ref", "tag")
]


@pytest.mark.parametrize(("name", "packed"), CASES)
@pytest.mark.sample(2)
def test_no_command_of_git_moves_what_is_guarded(guarded: Hooked, name: str, packed: bool) -> None:
    repo = guarded.prod
    if packed:
        git(repo, "pack-refs", "--all", "--prune")
        assert not (repo / ".git/refs/heads/main").exists()
    elif not (repo / ".git/refs/heads/main").exists():
        (repo / ".git/refs/heads/main").write_text(f"{guarded.second}\n")
    before = protected(repo)

    git(repo, "branch", "-f", "other", guarded.first)  # a rename that is refused loses it
    command = REFUSED[name].removeprefix("detached ")
    if command != REFUSED[name]:  # where git itself would refuse for the branch that is checked out
        git(repo, "checkout", "-q", "--detach")
    done = try_git(repo, *command.split())

    assert protected(repo) == before
    assert done.returncode != 0, done.stderr
    assert b"guardrails: no-direct-edits: refs/" in done.stderr
    assert b"guardrails run recover --env prod" in done.stderr
    assert b"git reset --hard" in done.stderr
    for ending in ("rebase", "cherry-pick", "revert", "merge"):
        try_git(repo, ending, "--quit")
    git(repo, "symbolic-ref", "HEAD", "refs/heads/main")
    (repo / ".git/index.lock").unlink(missing_ok=True)
    git(repo, "read-tree", "-u", "--reset", "HEAD")


def test_other_branches_stashes_and_remotes_are_free(guarded: Hooked) -> None:
    repo = guarded.prod
    before = protected(repo)
    git(guarded.dev, "push", "-q", "-f", "origin", f"{guarded.first}:refs/heads/moved")
    git(repo, "fetch", "-q", "origin")
    git(repo, "branch", "-f", "free", "HEAD~1")
    git(repo, "branch", "-D", "free")
    git(repo, "update-ref", "refs/heads/main", "HEAD")  # moves nothing
    git(repo, "reset", "-q", "--hard")
    (repo / "one.txt").write_text("changed\n")
    git(repo, "stash", "-q")
    git(repo, "stash", "drop", "-q")
    git(repo, "checkout", "-q", "-b", "work")
    git(repo, "commit", "-q", "--allow-empty", "-m", "free")
    git(repo, "checkout", "-q", "main")
    git(repo, "branch", "-D", "work")
    git(repo, "update-ref", "refs/heads/refs/tags/x", "HEAD")
    git(repo, "update-ref", "-d", "refs/heads/refs/tags/x")
    git(repo, "pack-refs", "--all", "--prune")
    git(repo, "gc", "-q", "--prune=now")
    assert protected(repo) == before
    assert try_git(repo, "fsck", "--strict").returncode == 0


def test_a_fetch_brings_branches_and_new_tags_and_moves_no_tag(guarded: Hooked) -> None:
    repo = guarded.prod
    for name in ("v7", "v8"):
        git(guarded.dev, "tag", "-f", "-a", "-m", "new", name, guarded.second)
    git(guarded.dev, "push", "-q", "origin", "v7", "v8", f"{guarded.first}:refs/heads/with-tags")
    git(repo, "fetch", "-q", "origin")
    assert {"refs/tags/v7", "refs/tags/v8", "refs/remotes/origin/with-tags"} <= set(git(repo, "for-each-ref").split())
    git(repo, "tag", "v9")
    before = protected(repo)
    git(guarded.dev, "tag", "-f", "v7", guarded.first)
    git(guarded.dev, "push", "-q", "-f", "origin", "v7")
    for command in (("fetch", "-f", "--tags", "origin"), ("tag", "-d", "v9"), ("tag", "-f", "v9", "HEAD~1")):
        done = try_git(repo, *command)
        assert (done.returncode != 0, b"no-direct-edits" in done.stderr) == (True, True)
    assert protected(repo) == before
    assert guarded.hook("uninstall", "reference-transaction", "--env", "prod").returncode == 0
    git(repo, "tag", "-d", "v7", "v8", "v9")
    guarded.install("reference-transaction", "prod")


@pytest.mark.parametrize("other", ["refs/heads/refs/{}", "refs/remotes/refs/{}", "refs/tags/refs/{}"])
def test_another_ref_that_is_called_like_it_changes_nothing(guarded: Hooked, other: str) -> None:
    repo, before = guarded.prod, protected(guarded.prod)
    values = {"tags/v1": guarded.second, "heads/main": guarded.first}
    for name, value in values.items():
        git(repo, "update-ref", other.format(name), value)
        assert try_git(repo, "update-ref", f"refs/{name}", value).returncode != 0
        assert try_git(repo, "update-ref", "-d", f"refs/{name}").returncode != 0
    assert set(before) <= set(protected(repo))


def test_a_linked_work_tree_is_no_way_round(guarded: Hooked) -> None:
    linked = guarded.folder / "linked"
    git(guarded.prod, "worktree", "add", "-q", "--detach", linked)
    before = protected(guarded.prod)
    done = try_git(linked, "update-ref", "refs/heads/main", "HEAD~1")
    assert (done.returncode != 0, b"no-direct-edits" in done.stderr) == (True, True)
    assert protected(guarded.prod) == before
    git(guarded.prod, "worktree", "remove", linked)


def test_a_guarded_run_may_move_it_where_it_said_and_only_then(tmp_path: Path) -> None:
    world = Hooked(tmp_path)
    new = world.commit("three")
    git(world.dev, "push", "-q", "origin", "main")
    git(world.prod, "fetch", "-q", "origin")
    world.install("reference-transaction", "prod")
    git_dir = str(world.prod / ".git")
    with permits.grant(git_dir, "refs/heads/main", [new], old=world.second) as nonce:
        shown = {permits.VARIABLE: nonce}
        elsewhere = try_git(world.prod, "reset", "-q", "--soft", world.first, env=shown)
        assert (elsewhere.returncode != 0, b"no-direct-edits" in elsewhere.stderr) == (True, True)
        assert try_git(world.prod, "tag", "-f", "v1", new, env=shown).returncode != 0
        assert try_git(world.prod, "merge", "--ff-only", new).returncode != 0
        git(world.prod, "read-tree", "-u", "--reset", "HEAD")
        git(world.prod, "merge", "-q", "--ff-only", new, env=shown)
    assert git(world.prod, "rev-parse", "main") == new
    replayed = try_git(world.prod, "reset", "-q", "--soft", world.second, env=shown)
    assert replayed.returncode != 0
    assert git(world.prod, "rev-parse", "main") == new


def test_the_hook_that_was_there_hears_every_state_of_every_transaction(tmp_path: Path) -> None:
    world = Hooked(tmp_path)
    said = tmp_path / "said"
    hook_file(world.prod, "reference-transaction", f'#!/bin/sh\n{{ echo "$@"; cat; }} >> "{said}"\n')
    git(world.prod, "update-ref", "refs/heads/x", world.first)
    without = said.read_text()
    git(world.prod, "update-ref", "-d", "refs/heads/x")
    said.unlink()
    world.install("reference-transaction", "prod")
    assert said.read_text().startswith("aborted\n")  # of the canary that ours has refused
    said.unlink()
    git(world.prod, "update-ref", "refs/heads/x", world.first)
    assert said.read_text() == without


def test_without_its_python_it_refuses_only_what_is_guarded(tmp_path: Path) -> None:
    world = Hooked(tmp_path)
    world.install("reference-transaction", "prod")
    hook = world.prod / ".git/hooks/reference-transaction"
    text = hook.read_text()
    hook.write_text(text.replace(text.split("python=")[1].split("\n")[0], "/gone/python"))
    done = try_git(world.prod, "commit", "-q", "--allow-empty", "-m", "x")
    lines = [line for line in done.stderr.decode().splitlines() if line.startswith("guardrails")]
    assert done.returncode != 0
    assert len(lines) == 1
    assert "/gone/python is gone" in lines[0]
    git(world.prod, "branch", "free")
    git(world.prod, "tag", "free")
    for command in (("tag", "-f", "free", "HEAD~1"), ("tag", "-d", "free"), ("update-ref", "-d", "refs/tags/free")):
        assert try_git(world.prod, *command).returncode != 0
    assert git(world.prod, "rev-parse", "free") == world.second


def test_new_tags_and_their_packing_start_python_only_for_the_branch(tmp_path: Path) -> None:
    world = Hooked(tmp_path)
    world.install("reference-transaction", "prod")
    hook, starts = world.prod / ".git/hooks/reference-transaction", tmp_path / "starts"
    python = hook.read_text().split("python=")[1].split("\n")[0]
    counting = tmp_path / "python"
    counting.write_text(f'#!/bin/sh\necho start >> "{starts}"\nexec {python} "$@"\n')
    counting.chmod(0o755)
    hook.write_text(hook.read_text().replace(f"python={python}\n", f"python={counting}\n"))
    for name in ("a", "b/c", "ü;$(x)", *map(str, range(10))):
        git(world.prod, "tag", name)
    assert not starts.exists()
    git(world.prod, "pack-refs", "--all")
    assert [path for path in (world.prod / ".git/refs/tags").rglob("*") if path.is_file()] == []
    assert len(git(world.prod, "tag").splitlines()) == 14
    assert len(starts.read_text().split()) <= 2


@pytest.mark.parametrize("stdin", ["nonsense\n", "0 1\n"])
def test_lines_that_git_does_not_write_are_refused(guarded: Hooked, stdin: str) -> None:
    done = guarded.hook("run", "reference-transaction", "prepared", "--env", "prod", cwd=guarded.prod, stdin=stdin)
    assert done.returncode == 2


def test_only_what_is_prepared_is_judged(guarded: Hooked) -> None:
    line = f"{guarded.second} {guarded.first} refs/heads/main\n"
    run, by = ("run", "reference-transaction"), ("--env", "prod")
    assert guarded.hook(*run, "committed", *by, cwd=guarded.prod, stdin=line).returncode == 0
    assert guarded.hook(*run, "prepared", *by, cwd=guarded.prod, stdin=line).returncode == 1
    assert guarded.hook(*run, *by, cwd=guarded.prod, stdin=line).returncode == 1


def test_packing_may_delete_a_loose_file_and_nobody_else(guarded: Hooked) -> None:
    repo = guarded.prod
    git(repo, "pack-refs", "--all", "--prune")
    run = ("run", "reference-transaction", "prepared", "--env", "prod")
    current = git(repo, "rev-parse", "main")
    prune = f"{current} {'0' * 40} refs/heads/main\n"

    assert guarded.hook(*run, cwd=repo, stdin=prune).returncode == 0
    assert guarded.hook(*run, cwd=repo, stdin=prune.replace(current, "0" * 40)).returncode == 1
    lock = repo / ".git/packed-refs.lock"
    lock.touch()  # as git holds it while it deletes a ref that is packed
    assert guarded.hook(*run, cwd=repo, stdin=prune).returncode == 1
    lock.unlink()
    packed = repo / ".git/packed-refs"
    packed.write_text(packed.read_text().replace(f"{current} refs/heads/main", f"{guarded.first} refs/heads/main"))
    (repo / ".git/refs/heads/main").write_text(f"{current}\n")
    assert guarded.hook(*run, cwd=repo, stdin=prune).returncode == 1

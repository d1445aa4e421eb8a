"""What may be looked at with GitPython, and what is refused; that nothing runs is in tests/faults."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dirty.dirty_repository import configure, git, make_repository, snapshot
from guardrails import CannotKnow, Checkout
from guardrails.facts.git.looking import Look
from guardrails.facts.git.object_model import Refused
from guardrails.facts.git.object_model import git as gitpython
from guardrails.testing import gather, world

REFUSED: dict[str, Callable[[Look], object]] = {
    "commit": lambda repo: repo.git.commit("-m", "no"),
    "fetch": lambda repo: repo.remotes[0].fetch(),
    "hash-object": lambda repo: repo.git.hash_object("-w", "README.md"),
    "config": lambda repo: repo.git.config("user.name", "no"),
    "reset": lambda repo: repo.head.reset("HEAD~1"),
    "checkout": lambda repo: repo.heads[0].checkout(),
    "archive": lambda repo: repo.archive(None),
    "clone": lambda repo: repo.clone("elsewhere"),
    "clone from": lambda repo: repo.clone_from("here", "elsewhere"),
    "branch": lambda repo: repo.create_head("no"),
    "no branch": lambda repo: repo.delete_head("main"),
    "tag": lambda repo: repo.create_tag("no"),
    "remote": lambda repo: repo.create_remote("no", "nowhere"),
    "settings": lambda repo: repo.config_writer(),
    "description": lambda repo: setattr(repo, "description", "no"),
    "alternates": lambda repo: setattr(repo, "alternates", ["/"]),
    "add": lambda repo: repo.index.add(["README.md"]),
    "write the index": lambda repo: repo.index.write(),
    "commit the index": lambda repo: repo.index.commit("no"),
    "submodule": lambda repo: repo.submodule("vendor"),
    "an option of git": lambda repo: repo.git(c="core.fsmonitor=x").status(),
    "options of git": lambda repo: repo.git.set_persistent_git_options(c="core.fsmonitor=x"),
    "variables": lambda repo: repo.git.update_environment(GIT_DIR="/"),
    "variables of a command": lambda repo: repo.git.status(env={"GIT_DIR": "/"}),
    "a shell": lambda repo: repo.git.status(shell=True),
    "another program": lambda repo: repo.git.execute(["id"]),
    "programs of a diff": lambda repo: repo.git.diff("--ext-diff"),
    "programs of a diff, cut short": lambda repo: repo.git.diff("--textc"),
    "programs of a submodule": lambda repo: repo.git.diff("--submodule=diff"),
    "filters of a submodule": lambda repo: repo.git.status("--ignore-submodules=none"),
    "filters of a content": lambda repo: repo.git.cat_file("--filters", "HEAD:README.md"),
    "merge drivers": lambda repo: repo.git.show("--remerge-diff"),
    "a pager": lambda repo: repo.git.grep("-Oid", "Hello"),
    "a pager among others": lambda repo: repo.git.grep("-iOid", "Hello"),
    "a diff among others in the status": lambda repo: repo.git.status("-bv"),
    "a diff in the status": lambda repo: repo.git.status("-v"),
    "a file to write": lambda repo: repo.git.log("--output=written"),
}


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


def look(prod: Path, **rest: object) -> Look:
    return gather(Checkout, world(prod, **rest), None).open()


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_and_nothing_changes(name: str, prod: Path) -> None:
    before = snapshot(prod)
    with pytest.raises((Refused, gitpython.UnsafeOptionError)):
        REFUSED[name](look(prod))
    assert snapshot(prod) == before


def test_it_is_a_repo_of_gitpython(prod: Path) -> None:
    repo = look(prod)

    assert isinstance(repo, gitpython.Repo)
    assert repo.head.commit.hexsha == git(prod, "rev-parse", "HEAD")
    assert [one.message for one in repo.iter_commits()] == ["Second\n", "First\n"]
    assert repo.active_branch.name == "main"
    assert (repo.tree() / "README.md").data_stream.read() == b"Hello, world\n"
    assert [entry.commit.message for entry in repo.blame_incremental("HEAD", "README.md")] == ["Second\n"]
    assert not repo.is_dirty(untracked_files=True)
    (prod / "README.md").write_text("another\n")
    assert [diff.a_path for diff in repo.index.diff(None)] == ["README.md"]
    assert repo.is_dirty()
    assert repo.git.status("--porcelain") == " M README.md"


def test_a_linked_work_tree(prod: Path) -> None:
    linked = prod.parent / "linked"
    git(prod, "worktree", "add", "-q", "-b", "other", linked)
    repo = look(linked)

    assert (repo.active_branch.name, repo.working_tree_dir) == ("other", str(linked))
    assert {ref.name for ref in repo.branches} == {"main", "other"}


def test_what_git_warns_of_is_no_answer(prod: Path) -> None:
    (prod / ".git/index.lock").touch()
    assert look(prod).git.status("--porcelain") == ""
    (prod / ".gitattributes").write_text("not ! valid = x\n!negative filter=x\n")
    with pytest.raises(gitpython.GitCommandError, match="Negative patterns"):
        look(prod).git.check_attr("--all", "README.md")


def test_a_git_that_hangs_is_ended(prod: Path) -> None:
    oid = git(prod, "rev-parse", "HEAD:README.md")
    loose = prod / ".git/objects" / oid[:2] / oid[2:]
    repo = look(prod, timeout=1.0)
    loose.unlink()
    os.mkfifo(loose)

    with pytest.raises(ValueError, match="SHA is empty"):  # what GitPython makes of the end of `git cat-file`
        _ = (repo.tree() / "README.md").size
    loose.unlink()
    git(prod, "hash-object", "-w", "README.md")
    assert (repo.tree() / "README.md").size == 13, "another one is started"
    loose.unlink()
    os.mkfifo(loose)
    with pytest.raises(CannotKnow, match="1 s"):
        repo.git.show(oid)


def test_what_gitpython_cannot_read_cannot_be_known(prod: Path) -> None:
    other = prod.parent / "other"
    git(prod.parent, "init", "-q", "--object-format=sha256", other)
    git(other, "commit", "-q", "--allow-empty", "-m", "one")
    with pytest.raises(CannotKnow, match="named by sha256"):
        look(other)
    checkout = gather(Checkout, world(prod), None)
    (prod / ".git/reftable").mkdir()
    with pytest.raises(CannotKnow, match="reftables"):
        checkout.open()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository away")
def test_the_repository_of_another_user_is_refused(prod: Path) -> None:
    checkout = gather(Checkout, world(prod), None)
    repo = checkout.open()
    for place in (prod, prod / ".git"):
        os.chown(place, 65534, 65534)

    with pytest.raises(CannotKnow, match="belongs to another user"):
        gather(Checkout, world(prod), None)
    with pytest.raises(CannotKnow, match="belongs to another user"):
        checkout.open()
    with pytest.raises(gitpython.GitCommandError, match="dubious ownership"):
        repo.git.status()


def test_no_include_is_followed(prod: Path) -> None:
    os.mkfifo(prod.parent / "settings")
    configure(prod, remote__upstream__note="own")
    repo = look(prod)
    configure(prod, include__path=str(prod.parent / "settings"))
    assert repo.config_reader().get_value('remote "upstream"', "note") == "own"

"""What cannot be read or trusted has no answer: never `clean`, never a hang, never a crash of another kind."""

from __future__ import annotations

import os
import shutil
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from dirty.dirty import commit, configure, git, make_repository, snapshot
from guardrails.errors import CannotKnow
from guardrails.facts.worktree.worktree import Worktree
from guardrails.testing import gather, world
from privileges import tried_without_privileges
from progress import elapsed

STRANGER = 54321  # a user id that owns nothing here


def _no_such_folder(repo: Path) -> Path:
    return repo / "absent"


def _a_file(repo: Path) -> Path:
    return repo / "README.md"


def _a_path_through_a_file(repo: Path) -> Path:
    return repo / "README.md/deeper"


def _a_dangling_link(repo: Path) -> Path:
    (repo.parent / "current").symlink_to("nowhere")
    return repo.parent / "current"


def _not_a_repository(repo: Path) -> Path:
    (repo.parent / "plain").mkdir()
    return repo.parent / "plain"


def _a_folder_inside_of_a_repository(repo: Path) -> Path:
    return repo / "docs"


def _an_empty_git_folder_inside_of_a_repository(repo: Path) -> Path:
    (repo / "dist/.git").mkdir()
    return repo / "dist"


def _the_git_folder_itself(repo: Path) -> Path:
    return repo / ".git"


def _bare(repo: Path) -> Path:
    git(repo.parent, "clone", "-q", "--bare", "upstream", "bare")
    return repo.parent / "bare"


def _bare_by_its_setting(repo: Path) -> None:
    configure(repo, core__bare="true")


def _unborn(repo: Path) -> Path:
    git(repo.parent, "init", "-q", "--template=", "unborn")
    return repo.parent / "unborn"


def _orphan_branch(repo: Path) -> None:
    git(repo, "checkout", "-q", "--orphan", "fresh")


def _garbage_index(repo: Path) -> None:
    (repo / ".git/index").write_bytes(b"not an index at all")


def _empty_index(repo: Path) -> None:
    (repo / ".git/index").write_bytes(b"")


def _index_that_is_a_folder(repo: Path) -> None:
    (repo / ".git/index").unlink()
    (repo / ".git/index").mkdir()


def _split_index_without_its_other_half(repo: Path) -> None:
    git(repo, "update-index", "--split-index")
    next((repo / ".git").glob("sharedindex.*")).unlink()


def _object(repo: Path, name: str) -> Path:
    oid = git(repo, "rev-parse", name)
    return repo / ".git/objects" / oid[:2] / oid[2:]


def _corrupt(repo: Path, name: str) -> None:
    git(repo, "update-index", "--assume-unchanged", "README.md")  # rewrites the index, without its tree cache
    path = _object(repo, name)
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"garbage"))


def _corrupt_commit(repo: Path) -> None:
    _corrupt(repo, "HEAD")


def _corrupt_tree(repo: Path) -> None:
    _corrupt(repo, "HEAD^{tree}")


def _missing_commit(repo: Path) -> None:
    _object(repo, "HEAD").unlink()


def _missing_tree(repo: Path) -> None:
    _object(repo, "HEAD^{tree}").unlink()


def _garbage_head(repo: Path) -> None:
    (repo / ".git/HEAD").write_text("nonsense\n")


def _head_that_names_itself(repo: Path) -> None:
    (repo / ".git/HEAD").write_text("ref: HEAD\n")


def _branch_that_is_garbage(repo: Path) -> None:
    (repo / ".git/refs/heads/main").write_text("nonsense\n")


def _git_file_to_nowhere(repo: Path) -> None:
    shutil.rmtree(repo / ".git")
    (repo / ".git").write_text("gitdir: /nowhere\n")


def _configuration_that_cannot_be_parsed(repo: Path) -> None:
    (repo / ".git/config").write_text("[core\n")


def _configuration_with_a_bad_value(repo: Path) -> None:
    configure(repo, core__bare="perhaps")


def _format_of_the_future(repo: Path) -> None:
    configure(repo, core__repositoryformatversion="99")


def _extension_of_the_future(repo: Path) -> None:
    configure(repo, core__repositoryformatversion="1", extensions__timeTravel="true")


def _submodule_that_is_broken(repo: Path) -> None:
    git(repo, "init", "-q", "--template=", "vendor")
    (repo / "vendor/code.c").write_text("int one;\n")
    commit(repo / "vendor")
    commit(repo)
    _garbage_index(repo / "vendor")


UNKNOWABLE: dict[str, Callable[[Path], Path | None]] = {
    name.removeprefix("_"): function
    for name, function in list(globals().items())
    if name.startswith("_") and callable(function) and name not in ("_object", "_corrupt") and name[1] != "_"
}


@pytest.mark.parametrize("depth", ["fast", "full"])
@pytest.mark.parametrize("name", UNKNOWABLE)
def test_no_answer(name: str, depth: str, tmp_path: Path) -> None:
    repo = make_repository(tmp_path)
    path = UNKNOWABLE[name](repo) or repo
    before = snapshot(tmp_path, times=name != "split_index_without_its_other_half")
    with pytest.raises(CannotKnow) as caught:
        gather(Worktree, world(path), depth)
    message = str(caught.value)
    assert message.strip()
    assert "\n" not in message
    assert "circle" not in message
    assert snapshot(tmp_path, times=name != "split_index_without_its_other_half") == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("what", ["", ".git"])
@pytest.mark.parametrize("depth", ["fast", "full"])
def test_a_repository_of_a_foreign_owner(
    what: str, depth: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = make_repository(tmp_path)
    marker = tmp_path / "fired"
    configure(repo, core__fsmonitor=f"touch {marker}; false")
    os.chown(repo / what, STRANGER, STRANGER)
    monkeypatch.setenv("SUDO_UID", str(STRANGER))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
    (tmp_path / "home/.gitconfig").write_text("[safe]\n\tdirectory = *\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with pytest.raises(CannotKnow, match="owner"):
        gather(Worktree, world(repo), depth)
    assert not marker.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_submodule_of_a_foreign_owner(tmp_path: Path) -> None:
    repo = make_repository(tmp_path)
    git(repo, "init", "-q", "--template=", "vendor")
    (repo / "vendor/code.c").write_text("int one;\n")
    commit(repo / "vendor")
    commit(repo)
    os.chown(repo / "vendor", STRANGER, STRANGER)
    os.chown(repo / "vendor/.git", STRANGER, STRANGER)
    with pytest.raises(CannotKnow):
        gather(Worktree, world(repo), "full")


@pytest.mark.parametrize("depth", ["fast", "full"])
@pytest.mark.parametrize("length", [12, 60, 100, 200, 300, 400])
def test_an_index_that_was_cut_off_is_never_clean(length: int, depth: str, tmp_path: Path) -> None:
    repo = make_repository(tmp_path)
    index = repo / ".git/index"
    index.write_bytes(index.read_bytes()[:length])
    with suppress(CannotKnow):  # git itself reads on, and calls what is lost deleted
        assert gather(Worktree, world(repo), depth).changes


def _fifo_for(repo: Path, place: str) -> None:
    path = repo / place
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)


PLACES = [".git/config", ".git/included", ".git/info/exclude", ".git/info/attributes", ".git/index", ".git/HEAD"]


@pytest.mark.parametrize("depth", ["fast", "full"])
@pytest.mark.parametrize("place", [*PLACES, ".git/objects/info/alternates", "docs/.gitignore", "docs/.gitattributes"])
def test_a_fifo_on_which_git_hangs(place: str, depth: str, tmp_path: Path) -> None:
    repo = make_repository(tmp_path)
    (repo / "docs/new.txt").write_text("new\n")
    git(repo, "update-index", "--assume-unchanged", "docs/guide.md")
    configure(repo, include__path="included")
    _fifo_for(repo, place)
    started = time.monotonic()
    try:
        seen = gather(Worktree, world(repo, timeout=0.3), depth)
    except CannotKnow:
        seen = None
    assert seen is None or seen.changes  # a git that does not open it must still see the new file
    assert elapsed(started) < 5


def _shut(repo: Path) -> Path:
    (repo / "shut").mkdir()
    (repo / "shut/work").write_text("hidden\n")
    return repo / "shut"


def _shut_and_tracked(repo: Path) -> Path:
    return repo / "docs"


@pytest.mark.parametrize("depth", ["fast", "full"])
@pytest.mark.parametrize("place", [_shut, _shut_and_tracked])
def test_a_folder_that_may_not_be_opened(tmp_path: Path, place: Callable[[Path], Path], depth: str) -> None:
    repo = make_repository(tmp_path)
    folder = place(repo)
    code = "import sys; from guardrails import Worktree; from guardrails.testing import gather, world\n"
    code += "print(gather(Worktree, world(sys.argv[1]), sys.argv[2]), file=sys.stderr)"
    folder.chmod(0)
    try:
        said = tried_without_privileges(code, repo, depth)
    finally:
        folder.chmod(0o755)
    assert "CannotKnow" in said or "Change(" in said, said

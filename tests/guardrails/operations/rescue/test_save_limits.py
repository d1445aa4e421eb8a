"""What a rescue cannot hold is named and all else is saved; what is hard to read is saved like the rest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow, UsageError
from guardrails.operations.rescue.restore import find_rescue, list_rescues, open_repository, restore_into_folder
from guardrails.operations.rescue.save import Saved, find_unsaved, save
from guardrails.testing import world
from worlds.rescue_state import contents
from worlds.two_repositories import Repositories

NAMES = ("cr\r", "two\r\r", "line\u2028separator", "next\x85line", "form\x0cfeed", "\x1c", "new\nline\r", '"q"\r', "\r")


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    return Repositories(tmp_path).prod


def saved(repo: Path) -> Saved:
    return save(world(repo))


def restored(repo: Path, one: Saved, folder: Path) -> dict[str, tuple[str, int, bytes]]:
    restore_into_folder(open_repository(str(repo)), find_rescue(open_repository(str(repo)), one.name), str(folder))
    return contents(folder)


def test_names_that_end_or_part_a_line(prod: Path, tmp_path: Path) -> None:
    for name in NAMES:
        (prod / name).write_text(f"{name!r}\n")
        (prod / f"in {name}").mkdir()
        (prod / f"in {name}" / name).write_text("deep\n")
    (prod / "cr").write_text("another file\n")
    git(prod, "add", "--", *NAMES[:4])

    one = saved(prod)
    assert (restored(prod, one, tmp_path / "back"), one.unsaved) == (contents(prod), ())


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\u2029"])
def test_names_of_refs_that_part_a_line(prod: Path, sign: str) -> None:
    one = saved(prod)
    git(prod, "update-ref", f"refs/rescue/a{sign}b", one.commit)

    assert {found.name for found in list_rescues(open_repository(str(prod)))} == {one.name, f"a{sign}b"}
    assert find_rescue(open_repository(str(prod)), f"a{sign}b").commit == one.commit


@pytest.mark.parametrize("place", ["heads", "rescue", "tags/endless"])
def test_a_ref_that_never_ends_is_not_waited_for(prod: Path, place: str) -> None:
    """git reads a ref as far as the file goes."""
    path = prod / ".git/refs" / place
    if path.is_dir():
        path.rename(path.with_name("away"))
    path.symlink_to("/dev/zero")
    with pytest.raises(CannotKnow, match=r"cannot be listed: .*gave no answer within 1 s"):
        save(world(prod, timeout=1.0))


@pytest.mark.parametrize("thing", ["HEAD^{tree}", "HEAD:first.txt", "HEAD"])
def test_a_ref_that_is_no_rescue_stands_in_the_way_of_none(prod: Path, thing: str) -> None:
    one = saved(prod)
    git(prod, "update-ref", "refs/rescue/odd", git(prod, "rev-parse", thing))

    assert find_rescue(open_repository(str(prod)), one.name).commit == one.commit
    with pytest.raises(CannotKnow):
        find_rescue(open_repository(str(prod)), "odd")
    with pytest.raises(UsageError, match=r"there are: .*odd"):
        find_rescue(open_repository(str(prod)), "absent")


def test_another_work_tree_is_refused_by_name(prod: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    git(prod, "config", "core.worktree", str(tmp_path / "elsewhere"))

    with pytest.raises(CannotKnow, match=r"unset core\.worktree"):
        saved(prod)
    assert git(prod, "for-each-ref", "refs/rescue") == ""


def test_a_linked_work_tree_has_an_index_and_work_of_its_own(prod: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(prod, "worktree", "add", "-q", "-b", "linked", linked)
    (linked / "mine").write_text("mine\n")
    (linked / "first.txt").write_text("staged\n")
    git(linked, "add", "first.txt")

    one = saved(linked)
    back = restored(linked, one, tmp_path / "back")
    assert (back, one.unsaved) == ({name: one for name, one in contents(linked).items() if name != ".git"}, ())
    assert git(linked, "show", f"{one.ref}:index/first.txt") == "staged"


@pytest.mark.parametrize("kind", ["folder", "file", "below an untracked folder"])
def test_what_is_called_git_and_is_no_repository_is_named(prod: Path, kind: str) -> None:
    (prod / "src").mkdir()
    (prod / "src/tracked").write_text("tracked\n")
    git(prod, "add", "src")
    git(prod, "commit", "-qm", "src")
    place = prod / "src" if kind != "below an untracked folder" else prod / "new/deep"
    if kind == "file":
        (place / ".git").write_text("notes\n")
    else:
        (place / ".git").mkdir(parents=True)
        (place / ".git/notes").write_text("notes\n")
    name = str(place.relative_to(prod))
    one = saved(prod)

    assert len(one.unsaved) == 1
    assert one.unsaved[0].startswith(name)
    assert ".git" in one.unsaved[0] or "repository of its own" in one.unsaved[0]
    (place / ".git").unlink() if kind == "file" else shutil.rmtree(place / ".git")
    (place / ".git").mkdir()
    assert saved(prod).unsaved == (), "an empty folder holds nothing"


def test_a_submodule_is_named_only_with_work_in_it(prod: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "-q", "-b", "main")
    (library / "a").write_text("one\n")
    git(library, "add", "a")
    git(library, "commit", "-qm", "one")
    git(prod, "-c", "protocol.file.allow=always", "submodule", "add", "-q", library, "vendor")
    git(prod, "commit", "-qm", "vendor")
    assert saved(prod).unsaved == ()

    for spoil in ("edit", "untracked", "commit"):
        if spoil == "commit":
            git(prod / "vendor", "commit", "-q", "--allow-empty", "-m", "mine")
        else:
            (prod / "vendor" / ("a" if spoil == "edit" else "new")).write_text("mine\n")
        expected = ("vendor is a repository of its own, with work in it",)
        assert (saved(prod).unsaved, find_unsaved(world(prod))) == (expected, expected), spoil
        git(prod / "vendor", "reset", "-q", "--hard", git(prod, "rev-parse", ":vendor"))
        git(prod / "vendor", "clean", "-q", "-df")
    shutil.rmtree(prod / ".git/modules/vendor")
    assert saved(prod).unsaved == ("vendor is a repository of its own, with work in it",), "nobody can tell"


def three_stashes(repo: Path) -> list[str]:
    for text in ("one\n", "two\n", "three\n"):
        (repo / "first.txt").write_text(text)
        (repo / "new").write_text(text * 2)
        git(repo, "stash", "-q", "-u")
    return git(repo, "log", "-g", "--format=%H", "refs/stash").split()


def spoil_object(repo: Path, oid: str, how: str) -> None:
    place = repo / f".git/objects/{oid[:2]}/{oid[2:]}"
    place.chmod(0o600)
    if how == "missing":
        place.unlink()
    else:
        data = place.read_bytes()
        place.write_bytes(b"" if how == "empty" else data[: len(data) // 2] if how == "cut" else data[::-1])


@pytest.mark.parametrize("how", ["missing", "empty", "cut", "garbage"])
@pytest.mark.parametrize("what", ["", "^{tree}", ":first.txt", "^3:new"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_stash_that_is_not_whole_is_named_and_the_others_are_kept(
    prod: Path, number: int, what: str, how: str
) -> None:
    ids = three_stashes(prod)
    spoil_object(prod, git(prod, "rev-parse", ids[number] + what), how)
    one = saved(prod)

    assert one.unsaved == (f"stash {number} ({ids[number]}) is not whole in the repository",)
    assert one.stashes == 2
    for stash in ids[:number] + ids[number + 1 :]:
        git(prod, "merge-base", "--is-ancestor", stash, one.commit)


@pytest.mark.parametrize("gone", ["logs/refs/stash", "refs/stash"])
def test_stashes_without_their_reflog_or_their_ref(prod: Path, gone: str) -> None:
    ids = three_stashes(prod)
    os.unlink(prod / ".git" / gone)
    one = saved(prod)

    kept = ids[:1] if gone.startswith("logs") else ids
    assert (one.stashes, one.unsaved) == (len(kept), ())
    for stash in kept:
        git(prod, "merge-base", "--is-ancestor", stash, one.commit)

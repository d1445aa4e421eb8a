"""Work that somebody left lying: edits of tracked files, and names that are hard to say."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dirty.dirty_repository import (
    FULL,
    case,
    cases_in,
    commit,
    configure,
    git,
    make_old,
    settle,
    wait_for_the_next_second,
)

# Plain edits


@case("modified", path="README.md")
def unstaged_edit(repo: Path) -> None:
    (repo / "README.md").write_text("edited\n")


@case("staged", path="README.md")
def staged_edit(repo: Path) -> None:
    (repo / "README.md").write_text("edited\n")
    git(repo, "add", "README.md")


@case("staged", "modified", path="README.md")
def staged_then_reverted_in_the_work_tree(repo: Path) -> None:
    before = (repo / "README.md").read_bytes()
    staged_edit.build(repo)
    (repo / "README.md").write_bytes(before)


@case("staged", "modified", path="README.md")
def staged_then_edited_again(repo: Path) -> None:
    staged_edit.build(repo)
    (repo / "README.md").write_text("edited again\n")


@case("modified", path="README.md")
def deleted_file(repo: Path) -> None:
    (repo / "README.md").unlink()


@case("staged", path="README.md")
def deleted_and_staged(repo: Path) -> None:
    git(repo, "rm", "-q", "README.md")


@case("staged", "untracked", path="README.md")
def removed_from_the_index_only(repo: Path) -> None:
    git(repo, "rm", "-q", "--cached", "README.md")


@case("staged", path="moved.md")
def staged_rename(repo: Path) -> None:
    git(repo, "mv", "README.md", "moved.md")


@case("modified", "untracked", path="moved.md")
def unstaged_rename(repo: Path) -> None:
    (repo / "README.md").rename(repo / "moved.md")


@case("staged", path="new.txt")
def staged_new_file(repo: Path) -> None:
    (repo / "new.txt").write_text("new\n")
    git(repo, "add", "new.txt")


@case("staged|modified|untracked", path="new.txt")
def intent_to_add(repo: Path) -> None:
    (repo / "new.txt").write_text("new\n")
    git(repo, "add", "--intent-to-add", "new.txt")


@case("modified", path="logo.bin")
def edited_binary(repo: Path) -> None:
    (repo / "logo.bin").write_bytes(bytes(255))


@case("modified", path="other.txt")
def emptied_file(repo: Path) -> None:
    (repo / "other.txt").write_bytes(b"")


@case("modified", path="README.md")
def file_made_executable(repo: Path) -> None:
    (repo / "README.md").chmod(0o755)


@case("modified", path="run.sh")
def executable_made_plain(repo: Path) -> None:
    (repo / "run.sh").chmod(0o644)


@case("modified", path="link")
def link_pointing_elsewhere(repo: Path) -> None:
    (repo / "link").unlink()
    (repo / "link").symlink_to("other.txt")


@case("modified", path="link")
def link_replaced_by_its_text(repo: Path) -> None:
    (repo / "link").unlink()
    (repo / "link").write_text("README.md")


@case("modified", path="README.md")
def file_replaced_by_a_link_to_its_bytes(repo: Path) -> None:
    (repo / "README.md").rename(repo / "dist/README.md")
    (repo / "README.md").symlink_to("dist/README.md")


@case("modified", path="other.txt", also=("untracked",))
def file_replaced_by_a_folder(repo: Path) -> None:
    (repo / "other.txt").unlink()
    (repo / "other.txt").mkdir()
    (repo / "other.txt/inner").write_text("inner\n")


@case("modified", path="docs/guide.md", also=("untracked",))
def folder_replaced_by_a_file(repo: Path) -> None:
    shutil.rmtree(repo / "docs")
    (repo / "docs").write_text("no folder\n")


@case("modified", path="docs/guide.md", also=("untracked",))
def folder_replaced_by_a_link_to_its_copy(repo: Path) -> None:
    (repo / "docs").rename(repo / "dist/docs")
    (repo / "docs").symlink_to("dist/docs")


@case("modified", path="other.txt")
def same_size_edit_with_its_time_restored(repo: Path) -> None:
    wait_for_the_next_second()
    (repo / "other.txt").write_text("ONE\ntwo\nthree\n")
    make_old(repo / "other.txt")


@case("modified|converted", seen_by=FULL, path="other.txt", fools=True)
def same_size_edit_within_the_second_of_the_last_look(repo: Path) -> None:
    wait_for_the_next_second()
    settle(repo)
    (repo / "other.txt").write_text("ONE\ntwo\nthree\n")
    make_old(repo / "other.txt")
    git(repo, "update-index", "-q", "--refresh")


@case()
def tracked_file_in_an_ignored_folder(repo: Path) -> None:
    (repo / "dist/kept.js").write_text("kept();\n")
    git(repo, "add", "--force", "dist/kept.js")
    commit(repo)


@case("modified", path="dist/kept.js")
def edited_tracked_file_in_an_ignored_folder(repo: Path) -> None:
    (repo / "dist/kept.js").write_text("kept();\n")
    git(repo, "add", "--force", "dist/kept.js")
    commit(repo)
    (repo / "dist/kept.js").write_text("edited();\n")


@case("modified", "staged", path="README.md")
def split_index(repo: Path) -> None:
    git(repo, "update-index", "--split-index")
    (repo / "other.txt").write_text("staged\n")
    git(repo, "add", "other.txt")
    (repo / "README.md").write_text("edited\n")


@case("modified", path="README.md")
def index_of_version_4(repo: Path) -> None:
    git(repo, "update-index", "--index-version", "4")
    (repo / "README.md").write_text("edited\n")


@case("staged", "untracked", also=("hidden",), path="README.md")
def deleted_index(repo: Path) -> None:
    (repo / ".git/index").unlink()


@case("modified", also=("untracked",), path="README.md")
def case_only_rename_with_ignore_case(repo: Path) -> None:
    configure(repo, core__ignoreCase="true")
    (repo / "README.md").rename(repo / "readme.md")


# Names that are hard to say


@case("untracked")
def untracked_name_with_a_newline(repo: Path) -> None:
    (repo / "two\nlines").write_text("new\n")


@case("untracked")
def untracked_name_that_is_not_utf8(repo: Path) -> None:
    Path(os.fsdecode(os.fsencode(repo) + b"/caf\xe9.txt")).write_text("new\n")


@case("untracked", path="--all")
def untracked_name_like_an_option(repo: Path) -> None:
    (repo / "--all").write_text("new\n")


@case("untracked", path='a "b"\t\\c')
def untracked_name_that_git_would_quote(repo: Path) -> None:
    (repo / 'a "b"\t\\c').write_text("new\n")


@case("modified")
def edited_file_whose_name_is_not_utf8(repo: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(repo) + b"/caf\xe9 1 \n.txt"))
    path.write_text("new\n")
    commit(repo)
    path.write_text("edited\n")


@case()
def committed_names_that_are_hard_to_say(repo: Path) -> None:
    for name in (b"caf\xe9.txt", b"two\nlines", b" -x ", b'"quoted"\t', b":(top)a*[b]?", "caf\u00e9 e\u0301".encode()):
        Path(os.fsdecode(os.fsencode(repo) + b"/" + name)).write_text("new\n")
    commit(repo)
    settle(repo)


EDITS = cases_in(globals())

"""Bytes that git converts before it compares: laundered edits, and conversions that the tree itself asks for."""

from __future__ import annotations

import hashlib
import os
import shlex
import time
from pathlib import Path

from dirty.dirty_repository import FULL, OLD, case, cases_in, commit, configure, git, make_old


def _add(repo: Path, name: str) -> None:
    """Add a file to the index, old enough for its stat data alone to vouch for it afterwards."""
    make_old(repo / name)
    git(repo, "add", name)


# Laundered edits


def _to_crlf(repo: Path) -> None:
    (repo / "other.txt").write_bytes(b"one\r\ntwo\r\nthree\r\n")


@case("modified|converted", also=("modified", "converted"), path="other.txt")
def line_endings_under_autocrlf(repo: Path) -> None:
    configure(repo, core__autocrlf="true")
    _to_crlf(repo)


@case("modified|converted", seen_by=FULL, path="other.txt", fools=True)
def line_endings_under_autocrlf_after_add(repo: Path) -> None:
    line_endings_under_autocrlf.build(repo)
    _add(repo, "other.txt")


def _attributes(repo: Path, line: str) -> None:
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/attributes").write_text(line + "\n")


@case("modified|converted", also=("modified", "converted"), path="other.txt")
def line_endings_under_info_attributes(repo: Path) -> None:
    _attributes(repo, "*.txt text")
    _to_crlf(repo)


@case("modified|converted", seen_by=FULL, path="other.txt", fools=True)
def line_endings_under_info_attributes_after_add(repo: Path) -> None:
    line_endings_under_info_attributes.build(repo)
    _add(repo, "other.txt")


@case("modified|converted", seen_by=FULL, path="other.txt", fools=True)
def line_endings_under_an_attributes_file_elsewhere_after_add(repo: Path) -> None:
    configure(repo, core__attributesFile=str(repo.parent / "attributes"))
    (repo.parent / "attributes").write_text("*.txt text\n")
    _to_crlf(repo)
    _add(repo, "other.txt")


@case("modified|converted", seen_by=FULL, path="other.txt", fools=True)
def line_endings_under_a_tracked_attribute_after_add(repo: Path) -> None:
    (repo / ".gitattributes").write_text("*.txt text=auto\n")
    commit(repo)
    _to_crlf(repo)
    _add(repo, "other.txt")


def _launder(repo: Path, key: str) -> None:
    """Edit a file under a filter whose clean side gives back the committed bytes."""
    (repo / "dist/committed").write_bytes((repo / "other.txt").read_bytes())
    configure(repo, **{f"filter.wash.{key}": f"cat {shlex.quote(str(repo / 'dist/committed'))}"})
    (repo / "other.txt").write_text("laundered edit\n")


@case("modified|converted", also=("modified", "converted"), path="other.txt")
def edit_under_a_filter(repo: Path) -> None:
    _attributes(repo, "other.txt filter=wash")
    _launder(repo, "clean")


@case("modified|converted", seen_by=FULL, path="other.txt", fools=True)
def edit_under_a_filter_after_add(repo: Path) -> None:
    edit_under_a_filter.build(repo)
    _add(repo, "other.txt")


@case("modified|converted", seen_by=FULL, path="other.txt", fools=True)
def edit_under_a_tracked_filter_attribute_after_add(repo: Path) -> None:
    (repo / ".gitattributes").write_text("other.txt filter=wash\n")
    commit(repo)
    _launder(repo, "clean")
    _add(repo, "other.txt")


@case("modified|converted", seen_by=FULL, path="other.txt", fools=True)
def edit_laundered_by_a_filter_that_is_gone(repo: Path) -> None:
    edit_under_a_filter_after_add.build(repo)
    (repo / ".git/info/attributes").unlink()
    git(repo, "config", "--remove-section", "filter.wash")


@case("modified|converted", seen_by=FULL, path="other.txt", fools=True)
def edit_in_another_encoding_after_add(repo: Path) -> None:
    _attributes(repo, "other.txt working-tree-encoding=UTF-16LE")
    (repo / "other.txt").write_bytes("one\ntwo\nthree\n".encode("utf-16-le"))
    _add(repo, "other.txt")


@case("modified|converted", seen_by=FULL, path="link", fools=True)
def link_replaced_by_its_text_with_symlinks_off(repo: Path) -> None:
    configure(repo, core__symlinks="false")
    (repo / "link").unlink()
    (repo / "link").write_text("README.md")


@case("modified|converted", seen_by=FULL, path="id.txt", fools=True)
def edit_inside_an_expanded_ident_after_add(repo: Path) -> None:
    ident.build(repo)
    (repo / "id.txt").write_text("$Id: rm -rf everything $\nbody\n")
    _add(repo, "id.txt")


# Conversions that the tree itself asks for


def _checked_out_anew(repo: Path, attributes: str, name: str, content: bytes) -> None:
    (repo / ".gitattributes").write_text(attributes + "\n")
    (repo / name).write_bytes(content)
    commit(repo)
    (repo / name).unlink()
    git(repo, "checkout", "-q", "--", name)
    make_old(repo / name)
    git(repo, "update-index", "-q", "--refresh")


@case()
def ident(repo: Path) -> None:
    _checked_out_anew(repo, "id.txt ident", "id.txt", b"$Id$\nbody\n")


@case()
def working_tree_encoding(repo: Path) -> None:
    text = "caf\u00e9\n".encode("utf-16")
    _checked_out_anew(repo, "*.utf16 text working-tree-encoding=UTF-16 eol=lf", "wide.utf16", text)


@case()
def windows_line_endings(repo: Path) -> None:
    _checked_out_anew(repo, "*.bat text eol=crlf", "start.bat", b"one\r\ntwo\r\n")


@case()
def touched_files_that_the_tree_converts(repo: Path) -> None:
    ident.build(repo)
    working_tree_encoding.build(repo)
    (repo / ".gitattributes").write_text("id.txt ident\n*.utf16 text working-tree-encoding=UTF-16 eol=lf\n")
    commit(repo)
    for name in ("id.txt", "wide.utf16"):
        os.utime(repo / name, (OLD + 5, OLD + 5))


_LARGE = bytes(range(256)) * 40


def _large(repo: Path, worktree: bytes) -> None:
    """Commit a Git LFS pointer (git-lfs, docs/spec.md) under a clean filter that gives the pointer for anything."""
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{hashlib.sha256(_LARGE).hexdigest()}\nsize {len(_LARGE)}\n"
    )
    (repo / "dist/pointer").write_text(pointer)
    configure(repo, filter__lfs__clean=f"cat {shlex.quote(str(repo / 'dist/pointer'))}", filter__lfs__required="true")
    (repo / ".gitattributes").write_text("*.big filter=lfs diff=lfs merge=lfs -text\n")
    (repo / "model.big").write_bytes(worktree)
    commit(repo)
    _add(repo, "model.big")


@case()
def large_file(repo: Path) -> None:
    _large(repo, _LARGE)


@case()
def large_file_touched(repo: Path) -> None:
    _large(repo, _LARGE)
    os.utime(repo / "model.big", (OLD + 5, OLD + 5))


@case()
def large_file_just_checked_out(repo: Path) -> None:
    _large(repo, _LARGE)
    now = time.time_ns()
    os.utime(repo / "model.big", ns=(now, now))
    git(repo, "add", "model.big")
    os.utime(repo / ".git/index", ns=(now, now))  # as young as the file, so git does not trust its stat data


@case()
def large_file_not_fetched(repo: Path) -> None:
    _large(repo, _LARGE)
    (repo / "model.big").write_bytes((repo / "dist/pointer").read_bytes())
    _add(repo, "model.big")


@case("modified|converted", seen_by=FULL, path="model.big", fools=True)
def large_file_with_other_bytes_than_its_pointer_says(repo: Path) -> None:
    _large(repo, _LARGE)
    (repo / "model.big").write_bytes(_LARGE[:-1] + b"!")
    _add(repo, "model.big")


CONVERSIONS = cases_in(globals())

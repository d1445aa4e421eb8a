from __future__ import annotations

from pathlib import Path

from guardrails.facts.tool_call.git_files import find_common_dir, find_git_dir, find_repository, read_setting


def test_a_git_directory_may_be_named_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/.git").write_text("gitdir: ../store/worktrees/tree\n")
    (tmp_path / "store/worktrees/tree").mkdir(parents=True)
    (tmp_path / "store/worktrees/tree/commondir").write_text("../..\n")

    assert find_git_dir(str(tmp_path / "tree")) == f"{tmp_path}/store/worktrees/tree"
    assert find_common_dir(f"{tmp_path}/store/worktrees/tree") == f"{tmp_path}/store"
    assert find_repository(f"{tmp_path}/tree/a/b") == (f"{tmp_path}/tree", f"{tmp_path}/store/worktrees/tree")


def test_a_bare_repository_is_its_own_git_directory(tmp_path: Path) -> None:
    for name in ("HEAD", "objects", "refs"):
        (tmp_path / name).mkdir()
    assert find_git_dir(str(tmp_path)) == str(tmp_path)


def test_values_are_read_by_section_and_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        '[core]\n\tHooksPath = "a b"\n[remote "origin"]\n\turl = /srv/prod\n'
        '[remote "x"] url = y\n[core] worktree = ../w\n'
    )
    assert list(read_setting(str(tmp_path), "core.hooksPath")) == ["a b"]
    assert list(read_setting(str(tmp_path), "remote.origin.url")) == ["/srv/prod"]
    assert list(read_setting(str(tmp_path), "remote.x.url")) == ["y"]
    assert list(read_setting(str(tmp_path), "core.worktree")) == ["../w"]
    assert list(read_setting(str(tmp_path / "none"), "core.worktree")) == []

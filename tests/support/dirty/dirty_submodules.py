"""A repository inside the repository, and what git can be told not to see of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from dirty.dirty_repository import case, cases_in, commit, configure, git, script, settle


def _with_submodule(repo: Path) -> Path:
    """Add a submodule `vendor`, commit it, and give its work tree."""
    library = repo.parent / "library"
    git(repo.parent, "init", "-q", "-b", "main", "--template=", "library")
    (library / "code.c").write_text("int one;\n")
    commit(library)
    git(repo, "submodule", "--quiet", "add", "--name", "vendor", library, "vendor")
    commit(repo)
    settle(repo)
    settle(repo / "vendor")
    return repo / "vendor"


def _edited(repo: Path) -> Path:
    inner = _with_submodule(repo)
    (inner / "code.c").write_text("int two;\n")
    return inner


@case()
def submodule(repo: Path) -> None:
    _with_submodule(repo)


@case("submodule", also=("modified",), path="vendor")
def edit_in_a_submodule(repo: Path) -> None:
    _edited(repo)


@case("submodule", also=("modified",), path="vendor")
def staged_edit_in_a_submodule(repo: Path) -> None:
    git(_edited(repo), "add", "code.c")


@case("submodule", also=("modified",), path="vendor")
def untracked_file_in_a_submodule(repo: Path) -> None:
    (_with_submodule(repo) / "new.c").write_text("int two;\n")


@case("submodule|modified", also=("submodule", "modified"), path="vendor")
def new_commit_in_a_submodule(repo: Path) -> None:
    commit(_edited(repo))


@case("submodule|staged", also=("submodule", "staged"), path="vendor")
def new_commit_of_a_submodule_staged(repo: Path) -> None:
    commit(_edited(repo))
    git(repo, "add", "vendor")


@case("submodule|staged", also=("submodule", "staged", "untracked"), path="vendor")
def submodule_removed_and_staged(repo: Path) -> None:
    _with_submodule(repo)
    git(repo, "rm", "-q", "vendor")


@case("submodule|staged|untracked", also=("submodule", "staged", "untracked"), path="vendor")
def submodule_removed_from_the_index_only(repo: Path) -> None:
    _with_submodule(repo)
    git(repo, "rm", "-q", "--cached", "vendor")


@case("submodule|staged", also=("submodule", "staged"), path="vendor")
def repository_staged_without_a_submodule(repo: Path) -> None:
    git(repo, "init", "-q", "--template=", "vendor")
    (repo / "vendor/code.c").write_text("int one;\n")
    commit(repo / "vendor")
    git(repo, "add", "vendor")


@case("submodule|modified", also=("submodule", "modified", "untracked"), path="vendor", fools=True)
def submodule_replaced_by_a_link_to_the_repository(repo: Path) -> None:
    shutil.rmtree(_with_submodule(repo))
    (repo / "vendor").symlink_to(".")


@case("submodule|modified", also=("submodule", "modified", "untracked"), path="vendor", fools=True)
def submodule_replaced_by_a_link_to_its_twin(repo: Path) -> None:
    shutil.rmtree(_with_submodule(repo))
    (repo / "vendor").symlink_to("../library")


@case("submodule|modified", also=("submodule", "modified"), path="vendor", fools=True)
def edit_in_a_submodule_ignored_by_the_configuration(repo: Path) -> None:
    _edited(repo)
    configure(repo, submodule__vendor__ignore="all")


@case("submodule|modified", also=("submodule", "modified"), path="vendor", fools=True)
def edit_in_a_submodule_ignored_by_the_tracked_file(repo: Path) -> None:
    inner = _with_submodule(repo)
    git(repo, "config", "--file", ".gitmodules", "submodule.vendor.ignore", "all")
    commit(repo)
    (inner / "code.c").write_text("int two;\n")


@case("submodule|modified", also=("submodule", "modified"), path="vendor", fools=True)
def edit_in_a_submodule_ignored_by_the_diff_setting(repo: Path) -> None:
    _edited(repo)
    configure(repo, diff__ignoreSubmodules="all")


@case("submodule|modified", also=("submodule", "modified"), path="vendor", fools=True)
def new_commit_in_an_ignored_submodule(repo: Path) -> None:
    commit(_edited(repo))
    configure(repo, submodule__vendor__ignore="all")


@case("submodule|modified", also=("submodule", "modified"), path="vendor", fools=True)
def untracked_file_in_a_submodule_that_ignores_them(repo: Path) -> None:
    (_with_submodule(repo) / "new.c").write_text("int two;\n")
    configure(repo, submodule__vendor__ignore="untracked")


@case("submodule|modified", also=("submodule", "modified"), path="vendor")
def edit_in_an_inactive_submodule(repo: Path) -> None:
    _edited(repo)
    configure(repo, submodule__vendor__active="false")


@case("submodule|flagged", also=("submodule", "flagged", "modified"), fools=True)
def edit_behind_a_flag_in_a_submodule(repo: Path) -> None:
    inner = _with_submodule(repo)
    git(inner, "update-index", "--assume-unchanged", "code.c")
    (inner / "code.c").write_text("int two;\n")


@case("submodule|hidden", also=("submodule", "hidden"), fools=True)
def hidden_file_in_a_submodule(repo: Path) -> None:
    inner = _with_submodule(repo)
    (repo / ".git/modules/vendor/info").mkdir(exist_ok=True)
    (repo / ".git/modules/vendor/info/exclude").write_text("secret.*\n")
    (inner / "secret.c").write_text("int two;\n")


@case("submodule|operation", also=("submodule", "operation"), fools=True)
def operation_under_way_in_a_submodule(repo: Path) -> None:
    inner = _with_submodule(repo)
    git(inner, "bisect", "start")


@case("submodule|modified", also=("submodule", "modified"), path="vendor", fools=True)
def edit_in_a_submodule_whose_monitor_lies(repo: Path) -> None:
    inner = _with_submodule(repo)
    hook = script(repo / ".git/liar", r"printf 'token\0'")
    configure(inner, core__fsmonitor=str(hook))
    for _ in range(2):
        git(inner, "status")
    (inner / "code.c").write_text("int two;\n")


@case("submodule|modified", also=("submodule", "modified"), path="vendor")
def submodule_replaced_by_a_file(repo: Path) -> None:
    shutil.rmtree(_with_submodule(repo))
    (repo / "vendor").write_text("no submodule\n")


@case("submodule|modified", also=("submodule", "modified"), path="vendor")
def edit_in_a_repository_added_without_a_submodule(repo: Path) -> None:
    git(repo, "init", "-q", "--template=", "vendor")
    (repo / "vendor/code.c").write_text("int one;\n")
    commit(repo / "vendor")
    commit(repo)
    (repo / "vendor/code.c").write_text("int two;\n")


@case("submodule|modified", also=("submodule", "modified"), path="vendor")
def edit_two_submodules_deep(repo: Path) -> None:
    inner = _with_submodule(repo)
    git(inner, "submodule", "--quiet", "add", "--name", "deep", repo.parent / "upstream", "deep")
    commit(inner)
    commit(repo)
    (inner / "deep/README.md").write_text("edited\n")


@case()
def submodule_that_is_not_checked_out(repo: Path) -> None:
    _with_submodule(repo)
    git(repo, "submodule", "--quiet", "deinit", "vendor")


SUBMODULES = cases_in(globals())

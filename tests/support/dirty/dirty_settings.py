"""Dirt that a setting, an attribute or an ignore rule outside of the tree hides from git."""

from __future__ import annotations

import shlex
from pathlib import Path

from dirty.dirty_repository import case, cases_in, commit, configure, git, make_old, script, wait_for_the_next_second

# Rules that are not in the tree


@case("hidden|untracked", path="secret.txt", fools=True)
def info_exclude(repo: Path) -> None:
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/exclude").write_text("secret.*\n")
    (repo / "secret.txt").write_text("new\n")


@case("hidden|untracked", path="secret.txt", fools=True)
def excludes_file_of_the_repository(repo: Path) -> None:
    configure(repo, core__excludesFile=str(repo.parent / "rules"))
    (repo.parent / "rules").write_text("secret.*\n")
    (repo / "secret.txt").write_text("new\n")


@case("hidden|untracked", path="secret.txt", fools=True)
def excludes_file_of_an_included_configuration(repo: Path) -> None:
    configure(repo, include__path="../dist/config")
    (repo / "dist/config").write_text("[core]\n\texcludesFile = dist/rules\n")
    (repo / "dist/rules").write_text("secret.*\n")
    (repo / "secret.txt").write_text("new\n")


@case("hidden|untracked", path="secret.txt")
def excludes_file_of_the_user(repo: Path) -> None:
    home = repo.parent / "home"
    (home / ".gitconfig").write_text("[core]\n\texcludesFile = ~/rules\n")
    (home / "rules").write_text("secret.*\n")
    (repo / "secret.txt").write_text("new\n")


@case("hidden|untracked", path="secret.txt")
def ignore_file_of_the_user(repo: Path) -> None:
    (repo.parent / "home/.config/git").mkdir(parents=True)
    (repo.parent / "home/.config/git/ignore").write_text("secret.*\n")
    (repo / "secret.txt").write_text("new\n")


@case("untracked", path="new.txt", fools=True)
def untracked_files_not_shown(repo: Path) -> None:
    configure(repo, status__showUntrackedFiles="no")
    (repo / "new.txt").write_text("new\n")


@case("hidden|untracked", fools=True)
def untracked_folder_that_ignores_itself(repo: Path) -> None:
    (repo / "venv/bin").mkdir(parents=True)
    (repo / "venv/.gitignore").write_text("*\n")
    (repo / "venv/bin/activate").write_text("true\n")


@case("hidden|untracked", path="docs/secret.txt", fools=True)
def tracked_folder_with_a_rule_that_ignores_itself(repo: Path) -> None:
    (repo / "docs/.gitignore").write_text("*\n")
    (repo / "docs/secret.txt").write_text("new\n")


@case("hidden|untracked", path="docs/.gitignore", fools=True)
def nothing_but_a_rule_that_ignores_itself(repo: Path) -> None:
    (repo / "docs/.gitignore").write_text("*\n")


@case("hidden|untracked", fools=True)
def rule_that_only_looks_tracked(repo: Path) -> None:
    (repo / "a\tvenv").mkdir()
    (repo / "a\tvenv/.gitignore").write_text("nothing\n")
    commit(repo)
    untracked_folder_that_ignores_itself.build(repo)


@case("untracked", also=("hidden",), path="docs/.gitignore")
def untracked_rule_that_hides_a_file(repo: Path) -> None:
    (repo / "docs/.gitignore").write_text("secret.txt\n")
    (repo / "docs/secret.txt").write_text("new\n")


@case("flagged", also=("hidden", "untracked", "modified"), path=".gitignore", fools=True)
def tracked_rule_edited_behind_a_flag(repo: Path) -> None:
    git(repo, "update-index", "--assume-unchanged", ".gitignore")
    (repo / ".gitignore").write_text("dist/\n*.log\nsecret.*\n")
    (repo / "secret.txt").write_text("new\n")


@case("hidden|untracked", path="inner", fools=True)
def nested_repository_in_info_exclude(repo: Path) -> None:
    info_exclude.build(repo)
    (repo / "secret.txt").unlink()
    (repo / ".git/info/exclude").write_text("inner\n")
    git(repo, "init", "-q", "--template=", "inner")
    (repo / "inner/file").write_text("inner\n")
    commit(repo / "inner")


@case()
def info_exclude_that_repeats_a_tracked_rule(repo: Path) -> None:
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/exclude").write_text("dist\n*.log\n")


# Settings that stop git from seeing or saying


@case("modified", path="run.sh", fools=True)
def mode_with_file_mode_off(repo: Path) -> None:
    configure(repo, core__fileMode="false")
    (repo / "run.sh").chmod(0o644)


@case("modified", path="other.txt", fools=True)
def same_size_edit_with_loose_stat_checks(repo: Path) -> None:
    configure(repo, core__trustctime="false", core__checkStat="minimal")
    wait_for_the_next_second()
    (repo / "other.txt").write_text("ONE\ntwo\nthree\n")
    make_old(repo / "other.txt")


def _liar(repo: Path) -> None:
    hook = script(repo / ".git/liar", r"printf 'token\0'")
    configure(repo, core__fsmonitor=shlex.quote(str(hook)))
    for _ in range(2):
        git(repo, "status")


@case("modified", path="README.md", fools=True)
def file_system_monitor_that_lies(repo: Path) -> None:
    _liar(repo)
    (repo / "README.md").write_text("edited\n")


@case("modified", "untracked", path="docs/new.txt", fools=True)
def file_system_monitor_that_lies_with_an_untracked_cache(repo: Path) -> None:
    git(repo, "update-index", "--force-untracked-cache")
    configure(repo, core__untrackedCache="true")
    _liar(repo)
    (repo / "docs/new.txt").write_text("new\n")
    (repo / "README.md").write_text("edited\n")


@case("modified", "untracked", path="new.txt")
def output_decorated_by_settings(repo: Path) -> None:
    configure(repo, color__ui="always", color__status="always", column__ui="always", status__short="true")
    configure(repo, status__branch="true", status__showStash="true", core__quotePath="true", advice__statusHints="true")
    configure(repo, status__relativePaths="true", log__decorate="full", i18n__logOutputEncoding="UTF-16")
    (repo / "new.txt").write_text("new\n")
    (repo / "README.md").write_text("edited\n")


SETTINGS = cases_in(globals())

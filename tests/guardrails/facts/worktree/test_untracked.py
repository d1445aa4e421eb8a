"""What is not git's, by the rules of the disk and of the commits that count."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.worktree.untracked import Others, list_others, rules_of
from guardrails.policy import Fact, World
from guardrails.testing import gather, world
from worlds.two_repositories import Repositories


class Seen(Fact):
    """What `others` gives for commits."""

    found: Others

    @classmethod
    async def gather(cls, world: World, commits: tuple[str, ...], exclude: str | None) -> Seen:
        checkout: Checkout = await world.fact(Checkout, None)
        rules = [await rules_of(checkout.git, one) for one in commits]
        return cls(await list_others(world, checkout.git, rules, exclude=exclude))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository that ignores `*.log`, with a file for each rule of a test."""
    prod = Repositories(tmp_path).prod
    for name in ("a.log", "mine", "work/deep/file", "work/b.log", "logs/c.log"):
        (prod / name).parent.mkdir(parents=True, exist_ok=True)
        (prod / name).write_text("mine\n")
    return prod


def seen(repo: Path, *commits: str, exclude: Path | None = None) -> Others:
    given = str(exclude) if exclude else ""
    return gather(Seen, world(repo), commits or ("HEAD",), given).found


def test_what_is_ignored_by_every_rule_is_passed_over(repo: Path) -> None:
    found = seen(repo)

    assert found.files == {"mine", "work/deep/file"}
    assert {"a.log", "work/b.log"} <= found.passed_over


@pytest.mark.parametrize("how", ["local", "staged"])
def test_a_rule_that_a_reset_takes_back_hides_nothing(repo: Path, how: str) -> None:
    (repo / ".gitignore").write_text("*.log\nwork/\n")
    if how == "staged":
        git(repo, "add", ".gitignore")

    assert seen(repo).files == {"mine", "work/deep/file"}
    git(repo, "commit", "-qam", "work is ignored")
    assert seen(repo).files == {"mine"}
    assert seen(repo, "HEAD", "HEAD~1").files == {"mine", "work/deep/file"}, "the target drops the rule"


def test_a_rule_that_git_does_not_know_stays_and_hides_nothing_for_sure(repo: Path) -> None:
    (repo / "work/.gitignore").write_text("*\n")

    assert seen(repo).files >= {"work/deep/file"}


def test_a_rule_that_git_does_not_know_shows_what_the_target_hides(repo: Path) -> None:
    """On the disk the folder is out of sight; in the target only its files are, and a rule beside them shows one."""
    (repo / ".gitignore").write_text("*.log\n*file\n")
    git(repo, "commit", "-qam", "the target")
    (repo / ".gitignore").write_text("work/deep/\n")
    (repo / "work/.gitignore").write_text("!file\n")

    assert "work/deep/file" in seen(repo).files


def test_the_exclude_file_counts_where_it_is_given(repo: Path, tmp_path: Path) -> None:
    exclude = tmp_path / "exclude"
    exclude.write_text("work/\n")

    assert seen(repo, exclude=exclude).files == {"mine"}
    assert seen(repo, exclude=tmp_path / "absent").files == {"mine", "work/deep/file"}


def test_a_repository_in_a_folder_that_is_ignored_no_more(repo: Path) -> None:
    (repo / "work/inner").mkdir()
    git(repo / "work/inner", "init", "-q")
    (repo / ".gitignore").write_text("*.log\nwork/\n")

    assert seen(repo).files == {"mine", "work/deep/file", "work/inner/"}


@pytest.mark.parametrize("name", [":odd", "new\nline", "cr\r", "line\u2028separator", os.fsdecode(b"\xff"), "-dash"])
def test_names_that_are_hard_to_read(repo: Path, name: str) -> None:
    (repo / name).mkdir()
    (repo / name / "file").write_text("mine\n")
    (repo / ".gitignore").write_text("*.log\nfile\n")

    assert f"{name}/file" in seen(repo).files


def test_a_link_that_stands_for_rules_is_no_rule(repo: Path) -> None:
    (repo / "rules").write_text("work/\n")
    (repo / "work/.gitignore").symlink_to("../rules")
    git(repo, "add", "work/.gitignore")
    git(repo, "commit", "-qm", "a link")
    (repo / "work/.gitignore").unlink()
    (repo / "work/.gitignore").write_text("*\n")

    assert "work/deep/file" in seen(repo).files


@pytest.mark.parametrize("place", [".gitignore", "work/.gitignore", "work/deep/.gitignore"])
def test_rules_that_git_would_wait_for_are_refused_at_once(repo: Path, place: str) -> None:
    (repo / place).unlink(missing_ok=True)
    os.mkfifo(repo / place)
    with pytest.raises(CannotKnow, match="is a FIFO, not a file of rules"):
        seen(repo)

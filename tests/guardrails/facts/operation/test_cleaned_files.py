"""The files that a `git clean` among the steps removes: compared with what it then really removes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.operation.cleaned_files import find_cleaned_files
from guardrails.policy import Fact, World
from guardrails.testing import gather
from worlds.two_repositories import Repositories


class Swept(Fact):
    """The paths that these steps sweep, before and after a reset to upstream."""

    paths: frozenset[str]

    @classmethod
    async def gather(cls, world: World, steps: tuple[str, ...]) -> Swept:
        return cls(frozenset(await find_cleaned_files(world, steps, ["HEAD", "refs/remotes/upstream/main"])))


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def swept_in(repositories: Repositories, *steps: str) -> set[str]:
    return set(gather(Swept, repositories.world("update"), steps).paths)


@pytest.mark.parametrize(
    ("step", "gone"),
    [
        ("git clean -f -d", {"new", "folder/deep"}),
        ("git -C . clean --force -d -q", {"new", "folder/deep"}),
        ("cd /srv && git clean -dfx", {"new", "folder/deep", "x.log"}),
        ("git clean -dff", {"new", "folder/deep", "inner"}),
        ("git reset --hard", set()),
        ("pnpm clean", set()),
    ],
)
def test_what_a_clean_removes(repositories: Repositories, step: str, gone: set[str]) -> None:
    prod = repositories.prod
    for name in ("new", "folder/deep", "x.log", "inner/file"):
        (prod / name).parent.mkdir(exist_ok=True)
        (prod / name).write_text("mine\n")
    git(prod / "inner", "init", "-q")
    git(prod / "inner", "add", "-A")
    git(prod / "inner", "commit", "-qm", "mine")
    assert swept_in(repositories, "true", step) == gone

    if step.startswith("git"):
        git(prod, *step.split()[1:])
        there = {name for name in ("new", "folder/deep", "x.log") if (prod / name).exists()}
        assert there == {"new", "folder/deep", "x.log"} - gone
        assert (prod / "inner").exists() is ("inner" not in gone)

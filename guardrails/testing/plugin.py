"""Fixtures for pytest that build a scratch world; installed with guardrails, and switched off by `-p no:guardrails`.

Each test that asks for one has a world of its own, without any influence of the user who runs the tests. pytest loads
this module in every run, so it imports its needs when a fixture is asked for.
"""

from __future__ import annotations

import os

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from guardrails.testing.repositories import ScratchRepo
    from guardrails.testing.worlds import ScratchWorld


@pytest.fixture
def scratch_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> ScratchWorld:
    """An upstream, prod and dev repository, two state directories, a home and a configuration.

    For as long as the test runs, its own process has the world's home, and git's variables of the world alone.
    """
    from guardrails.testing.worlds import ScratchWorld

    world = ScratchWorld(os.path.realpath(tmp_path_factory.mktemp("world")))
    world.furnish()
    for name in list(os.environ):
        if name.startswith(("GIT_", "GUARDRAILS_", "XDG_")):
            monkeypatch.delenv(name)
    for name, value in world.variables().items():
        if name != "PATH":
            monkeypatch.setenv(name, value)
    world.build()
    return world


@pytest.fixture
def upstream(scratch_world: ScratchWorld) -> ScratchRepo:
    """The upstream repository of the scratch world, with two commits on `main`: a git.Repo that is a path as well."""
    return scratch_world.repo(scratch_world.upstream)


@pytest.fixture
def prod(scratch_world: ScratchWorld) -> ScratchRepo:
    """The production checkout of the scratch world, clean, on upstream's `main`: a git.Repo that is a path as well."""
    return scratch_world.repo(scratch_world.prod)


@pytest.fixture
def dev(scratch_world: ScratchWorld) -> ScratchRepo:
    """The development repository of the scratch world, on its release branch: a git.Repo that is a path as well."""
    return scratch_world.repo(scratch_world.dev)


@pytest.fixture
def state_dir(scratch_world: ScratchWorld) -> Path:
    """The state directory of production in the scratch world, empty."""
    return scratch_world.prod_state

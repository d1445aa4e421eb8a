"""What the configuration and the repositories know, and nothing where they cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.cli.known_values import KnownValues
from worlds.small_world import bare_world

CONFIGURATION = """
extends = ["openclaw"]
[environments.prod]
repo = "prod"
[environments.dev]
repo = "dev"
[operations.anywhere]
[policies.required-signoffs.roles]
captain = ["ann@example.org"]
"""


@pytest.fixture(autouse=True)
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two repositories, from one of which releases come, and the folder between them."""
    world = bare_world(tmp_path)
    world.configuration.write_text(CONFIGURATION)
    git(world.folder, "clone", "-q", "-o", "upstream", "--template=", world.prod, world.dev)
    git(world.dev, "branch", "release/memory-v1")
    git(world.prod, "tag", "v1")
    monkeypatch.setenv("HOME", str(world.home))
    monkeypatch.chdir(world.folder)


def known(command: str, argument: str, *places: str, **given: str) -> dict[str, str]:
    return dict(KnownValues(command, given, places).of(argument))


def test_environments_and_operations() -> None:
    assert set(known("check", "env")) == {"prod", "dev"}
    assert known("plan", "operation", env="dev")["anywhere"] == ""
    assert "promote" not in known("plan", "operation", env="dev")
    assert known("plan", "operation", env="prod")["promote"] == "in prod"


def test_policies_and_those_that_may_be_waived() -> None:
    assert known("check", "policy")["clean-worktree"] == known("explain", "name")["clean-worktree"]
    assert "promote" in known("explain", "name")
    waivable = known("waive", "policy", env="prod")
    assert "expected-cron-jobs" in waivable
    assert "clean-worktree" not in waivable
    assert known("signoff", "role")["captain"] == "ann@example.org"


def test_refs_of_the_environment_and_of_where_a_candidate_comes_from() -> None:
    assert known("check", "candidate", env="prod") == {"main": "prod", "v1": "prod"}
    found = known("check", "candidate", env="prod", op="promote")
    assert found["release/memory-v1"] == "dev"
    assert "release/memory-v1" in known("run", "candidate", "promote", env="prod")
    assert known("check", "candidate") == {}  # of which environment?


def test_what_a_history_may_begin_with_and_what_may_be_accepted() -> None:
    assert set(known("history", "since", env="prod")) == {"main", "v1"}
    assert set(known("history", "commit", "accept", env="prod")) == {"main", "v1"}


def test_refs_around_here(monkeypatch: pytest.MonkeyPatch) -> None:
    assert known("check", "config_ref") == {}
    monkeypatch.chdir("prod")
    assert set(known("check", "config_ref")) == {"main", "v1"}


def test_rescues_only_for_what_takes_one() -> None:
    assert known("rescue", "id", "show", env="prod") == {}
    assert known("rescue", "id", "list", env="prod") == {}


def test_what_cannot_be_read_offers_nothing() -> None:
    assert known("check", "env", config="nowhere.toml") == {}
    Path("guardrails.toml").write_text("[environments.prod\n")
    for argument in ("env", "operation", "policy", "candidate", "role"):
        assert known("check", argument, env="prod") == {}

"""Whose signatures count: nobody's, somebody's, or a file that cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from signers import Signers
from worlds.examined import done_as_told, examined, of
from worlds.small_world import SmallWorld, small_world


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return small_world(tmp_path)


def trust(world: SmallWorld, text: str) -> dict[str, Any]:
    world.configure(f"[trust]\n{text}\n")
    [found] = of(examined(world), "trust")
    return found


def test_without_signers_anybody_counts(world: SmallWorld) -> None:
    [found] = of(examined(world), "trust")
    assert (found["state"], "although nobody signed it" in found["text"]) == ("note", True)


def test_the_people_are_counted(world: SmallWorld, tmp_path: Path) -> None:
    signers = Signers(tmp_path / "keys")
    path = signers.allow("peter", "grace", spare="peter@example.org")
    found = trust(world, f'allowed_signers = "{path}"')
    assert (found["state"], found["text"]) == ("ok", f"{path} has 3 keys of 2 people")


def test_a_line_that_cannot_be_used_is_shown(world: SmallWorld, tmp_path: Path) -> None:
    signers = Signers(tmp_path / "keys")
    path = signers.allow("peter", star="*@example.org")
    found = trust(world, f'allowed_signers = "{path}"')
    assert (found["state"], "names a pattern" in found["text"]) == ("wrong", True)
    assert done_as_told(world, found).stdout.startswith("*@example.org ")


def test_a_file_that_is_missing_or_empty_is_wrong(world: SmallWorld) -> None:
    assert trust(world, 'allowed_signers = "signers"')["text"].endswith("so nobody's signature can be trusted")
    (world.folder / "signers").write_text("# nobody\n")
    [found] = of(examined(world), "trust")
    assert (found["state"], "names nobody" in found["text"]) == ("wrong", True)


def test_a_list_of_revoked_keys_is_told(world: SmallWorld, tmp_path: Path) -> None:
    signers = Signers(tmp_path / "keys")
    path, revoked = signers.allow("peter"), tmp_path / "revoked"
    revoked.write_text(f"{signers.public('peter')}\n")
    found = trust(world, f'allowed_signers = "{path}"\nrevoked = "{revoked}"')
    assert found["text"].endswith(f"without what {revoked} revokes")

"""The audit log of each environment: whole or not, and whether a record could be added."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from guardrails.audit.chain import head_at
from guardrails.facts.past.log_anchor import ANCHOR
from privileges import without_privileges
from signers import put
from worlds.examined import done_as_told, examined, of
from worlds.small_world import SmallWorld, small_world


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    made = small_world(tmp_path)
    for _ in range(2):
        assert made.check("--env", "prod", "--policy", "expected-branch").returncode == 0
    return made


def path(world: SmallWorld) -> Path:
    return world.home / ".local/state/guardrails/prod/audit.jsonl"


def log(world: SmallWorld, **rest: Any) -> dict[str, Any]:
    [found] = of(examined(world, "--env", "prod", **rest), "log")
    return found


def anchor(world: SmallWorld, number: int, digest: str) -> None:
    put(world.prod, ANCHOR, json.dumps({"number": number, "digest": digest}).encode())


def test_a_whole_log_is_well_with_and_without_an_anchor(world: SmallWorld) -> None:
    assert (log(world)["state"], "2 records, whole; no operation has anchored" in log(world)["text"]) == ("ok", True)
    last = head_at(path(world).read_bytes().split(b"\n")[-2])
    anchor(world, last.number, last.digest)
    assert log(world)["text"].endswith("2 records, whole; the anchor is record 2")


def test_a_log_that_was_altered_cut_or_removed_is_wrong(world: SmallWorld) -> None:
    lines = path(world).read_bytes().split(b"\n")
    last = head_at(lines[-2])
    anchor(world, last.number, last.digest)
    path(world).write_bytes(lines[0] + b"\n")
    found = log(world)
    assert (found["state"], "it was cut" in found["text"]) == ("wrong", True)
    assert "it was cut" in done_as_told(world, found).stdout
    path(world).write_bytes(b"\n".join(lines).replace(b'"verdict":"allow"', b'"verdict":"deny"', 1))
    assert ":1: it was altered" in log(world)["text"]
    path(world).unlink()
    assert "there is no such log" in log(world)["text"]


def test_a_log_that_others_can_write_is_wrong(world: SmallWorld) -> None:
    path(world).chmod(0o666)
    assert (log(world)["state"], "others can write" in log(world)["text"]) == ("wrong", True)
    path(world).chmod(0o600)
    path(world).parent.chmod(0o777)
    found = log(world)
    assert found["state"] == "wrong"
    done_as_told(world, found)
    assert log(world)["state"] == "ok"


def test_a_log_that_cannot_be_written_is_wrong(world: SmallWorld) -> None:
    path(world).chmod(0o400)
    found = log(world, before=without_privileges())
    assert (found["state"], found["text"]) == ("wrong", f"{path(world)} cannot be written by this user")
    path(world).unlink()
    path(world).parent.chmod(0o500)
    assert "so" in log(world, before=without_privileges())["text"]


def test_an_anchor_that_was_moved_by_hand_cannot_be_told(world: SmallWorld) -> None:
    git(world.prod, "update-ref", ANCHOR, "HEAD")
    assert log(world)["state"] == "unknown"


def test_a_log_that_is_not_there_yet_is_well(world: SmallWorld) -> None:
    [found] = of(examined(world, "--env", "dev"), "log")
    assert (found["state"], found["text"].endswith("is not there yet; the first check writes it")) == ("ok", True)

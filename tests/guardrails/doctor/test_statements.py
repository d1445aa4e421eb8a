"""Which statements about what may be promoted next would not count, and why; saying it again ends the matter."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from guardrails.operations.evidence.record_statements import Key, record_run, record_sign_off
from signers import Signers, forge, put
from worlds.examined import done_as_told, examined, of
from worlds.small_world import SmallWorld, small_world


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return small_world(tmp_path)


@pytest.fixture
def signers(world: SmallWorld, tmp_path: Path) -> Signers:
    """Keys, and a configuration that asks for signatures."""
    made = Signers(tmp_path / "keys")
    world.configure(f'[trust]\nallowed_signers = "{made.allow("ci", "peter")}"\n')
    return made


def uncounted(world: SmallWorld) -> list[dict[str, Any]]:
    return [one for one in of(examined(world), "statement") if one["state"] == "wrong"]


def ids(world: SmallWorld) -> tuple[str, str]:
    return git(world.dev, "rev-parse", "HEAD"), git(world.dev, "rev-parse", "HEAD^{tree}")


def attest(world: SmallWorld, name: str, key: Key | None = None, *, finished: float | None = None) -> str:
    at = time.time() if finished is None else finished
    return record_run(str(world.dev), ids(world)[1], name, f"pnpm {name}", passed=True, finished=at, key=key)


def sign_off(world: SmallWorld, role: str, key: Key | None = None, **changes: Any) -> str:
    commit, tree = ids(world)
    about = {"environment": "prod", "plan": world.plan(commit), "signer": f"{role}@example.org", "issued": time.time()}
    return record_sign_off(str(world.dev), commit, tree, role, "approved", key=key, **{**about, **changes})


def test_all_count_where_nobody_need_sign(world: SmallWorld) -> None:
    texts = [one["text"] for one in of(examined(world), "statement")]
    assert f"4 about the tips of branches in {world.dev}, and none that would not count" in texts


def test_unsigned_ones_do_not_count_under_trust(world: SmallWorld, signers: Signers) -> None:
    found = uncounted(world)
    assert len(found) == 4
    assert all(one["text"].endswith("does not count: nobody signed it") for one in found)
    assert "refs/" in done_as_told(world, found[0]).stdout


def test_what_is_said_again_and_signed_ends_it(world: SmallWorld, signers: Signers) -> None:
    for name in ("build", "test"):
        attest(world, name, signers.key("ci"), finished=time.time())
    assert {one["text"].split("/")[1] for one in uncounted(world)} == {"signoffs"}


def test_a_key_that_nobody_knows_does_not_count(world: SmallWorld, signers: Signers) -> None:
    ref = attest(world, "lint", signers.key("stranger"))
    [found] = [one for one in uncounted(world) if ref in one["text"]]
    assert found["text"].endswith(f"it is signed by a key that is not in {signers.allowed}")


def test_a_forged_one_does_not_count(world: SmallWorld, signers: Signers) -> None:
    ref = attest(world, "lint", signers.key("ci"))
    forge(world.dev, ref, {"predicate.configuration.0.annotations.tests": 99})
    [found] = [one for one in uncounted(world) if ref in one["text"]]
    assert "its signature does not verify for ci@example.org" in found["text"]


def test_one_that_cannot_be_read_hides_no_other(world: SmallWorld) -> None:
    commit, tree = ids(world)
    garbage = put(world.dev, f"refs/signoffs/{commit}/architect-1/00000000", b"no envelope")
    git(world.dev, "update-ref", f"refs/attestations/{tree}/test/of-a-commit", "HEAD")
    texts = [one["text"] for one in uncounted(world)]
    assert len(texts) == 2
    assert "it is a commit of" in texts[0]
    assert texts[1].startswith(f"{garbage} of {world.dev} does not count: the statement {garbage}")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"environment": "staging"}, "it is for staging, which is no environment here"),
        ({"plan": "sha256:0"}, "it approves another plan (steps or operation have changed)"),
        ({"issued": time.time() + 86400}, "it is from after the time of the check"),
    ],
)
def test_what_the_configuration_does_not_ask_for(world: SmallWorld, changes: dict[str, Any], why: str) -> None:
    ref = sign_off(world, "architect-3", **changes)
    [found] = uncounted(world)
    assert found["text"] == f"{ref} of {world.dev} does not count: {why}"


def test_what_is_about_the_past_is_left_alone(world: SmallWorld, signers: Signers) -> None:
    git(world.dev, "commit", "-q", "--allow-empty", "-m", "another commit of the same tree")
    for name in ("build", "test"):
        attest(world, name, signers.key("ci"), finished=time.time())
    told = {one["text"] for one in of(examined(world), "statement")}
    said = f"4 about the tips of branches in {world.dev}, and none that would not count"
    assert f"{said}; 2 about other commits were not looked at" in told


def test_many_are_counted(world: SmallWorld) -> None:
    commit, _ = ids(world)
    for number in range(25):
        put(world.dev, f"refs/signoffs/{commit}/role/{number}", f"no envelope {number}".encode())
    found = uncounted(world)
    assert (len(found), found[-1]["text"]) == (21, f"5 more of {world.dev} do not count")

"""A promotion is held up until tests, build and sign-offs are recorded for just what will run; from outside."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, snapshot
from guardrails.operations.evidence.record_statements import record_run, record_sign_off
from signers import Signers, forge
from worlds.small_world import RELEASE, SmallWorld, small_world, write

BOTH = ("--policy", "tested-commit", "--policy", "required-signoffs")
ROLES = """
[trust]
allowed_signers = "keys/allowed_signers"

[policies.required-signoffs]
roles = { architect-1 = ["peter@example.org"], architect-2 = ["grace@example.org"] }
"""


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """A deployment of which nothing is recorded yet, and in which nothing is built."""
    made = small_world(tmp_path)
    for ref in git(made.dev, "for-each-ref", "--format=%(refname)", "refs/attestations", "refs/signoffs").split():
        git(made.dev, "update-ref", "-d", ref)
    for folder in ("dist", "node_modules"):
        shutil.rmtree(made.prod / folder)
    return made


@pytest.fixture
def signers(world: SmallWorld) -> Signers:
    return Signers(world.folder / "keys")


def judged(world: SmallWorld, *more: str) -> dict[str, Any]:
    """The results by policy, and the exit code of the check under `code`."""
    before = snapshot(world.prod, world.dev)
    report = world.report("--env", "prod", "--op", "promote", "--candidate", RELEASE, *BOTH, *more)
    assert snapshot(world.prod, world.dev) == before
    return {"code": report["exit_code"], **{result["policy"]: result for result in report["results"]}}


def attested(world: SmallWorld, **rest: Any) -> list[str]:
    """Record that the candidate was built and tested."""
    tree = git(world.dev, "rev-parse", "HEAD^{tree}")
    said = {"passed": True, "finished": time.time() - 5, **rest}
    return [record_run(str(world.dev), tree, name, f"pnpm {name}", **said) for name in ("build", "test")]


def approved(world: SmallWorld, role: str, who: str, **rest: Any) -> str:
    commit, tree = (git(world.dev, "rev-parse", name) for name in ("HEAD", "HEAD^{tree}"))
    about = {"environment": "prod", "plan": world.plan(commit), "signer": f"{who}@example.org"}
    said = {**about, "issued": time.time() - 5, **rest}
    return record_sign_off(str(world.dev), commit, tree, role, "approved", **said)


def test_nothing_is_recorded(world: SmallWorld) -> None:
    seen = judged(world)
    assert seen["code"] == 1
    assert [seen[name]["outcome"] for name in ("tested-commit", "required-signoffs")] == ["fail", "fail"]
    assert all(seen[name]["blocks"] for name in ("tested-commit", "required-signoffs"))


def test_unsigned_evidence_counts_where_nobody_need_sign_and_the_report_says_so(world: SmallWorld) -> None:
    attested(world)
    approved(world, "architect-1", "peter")
    approved(world, "architect-2", "grace")
    seen = judged(world)
    assert seen["code"] == 0
    assert "unsigned records count" in seen["tested-commit"]["reason"]
    assert "unsigned sign-offs count" in seen["required-signoffs"]["reason"]
    assert "anybody may speak for architect-1, architect-2" in seen["required-signoffs"]["reason"]


def test_where_signers_are_named_only_theirs_counts(world: SmallWorld, signers: Signers) -> None:
    world.configure(ROLES)
    signers.allow("ci", "peter", "grace")
    attested(world)
    approved(world, "architect-1", "peter")
    assert judged(world)["code"] == 1
    attested(world, key=signers.key("ci"))
    approved(world, "architect-1", "peter", key=signers.key("peter"))
    approved(world, "architect-2", "grace", key=signers.key("grace"))
    assert judged(world)["code"] == 0
    signers.allow("ci", "peter")  # and when a key is taken out, what it said goes with it
    assert judged(world)["required-signoffs"]["outcome"] == "fail"


def test_it_travels_with_the_fetch_of_a_promotion(world: SmallWorld) -> None:
    attested(world)
    git(world.prod, "fetch", "-q", world.dev, "refs/attestations/*:refs/attestations/*")
    for ref in git(world.dev, "for-each-ref", "--format=%(refname)", "refs/attestations").splitlines():
        git(world.dev, "update-ref", "-d", ref)
    assert judged(world)["tested-commit"]["outcome"] == "pass"


def test_it_survives_a_fast_forward_and_another_tree_needs_its_own(world: SmallWorld) -> None:
    commands = [("attest", name, "--env", "dev", "--", "true") for name in ("build", "test")]
    world.configure('[policies.tested-commit]\ncommands = { build = "true", test = "true" }\n')
    assert [world.run(*command).returncode for command in commands] == [0, 0]
    release = git(world.dev, "rev-parse", "HEAD")
    git(world.prod, "fetch", "-q", world.dev, RELEASE, "refs/attestations/*:refs/attestations/*")
    git(world.prod, "merge", "-q", "--ff-only", "FETCH_HEAD")
    for ref in git(world.dev, "for-each-ref", "--format=%(refname)", "refs/attestations").splitlines():
        git(world.dev, "update-ref", "-d", ref)
    assert git(world.prod, "rev-parse", "HEAD") == release
    assert judged(world)["tested-commit"]["outcome"] == "pass"

    write(world.upstream / "src/fix.ts", "export const fixed = true;\n")
    git(world.upstream, "add", "-A")
    git(world.upstream, "commit", "-qm", "A fix")
    git(world.dev, "fetch", "-q", "upstream")
    git(world.dev, "merge", "-q", "--no-ff", "--no-edit", "upstream/main")  # a tree that nobody has tested
    seen = judged(world)["tested-commit"]
    assert (seen["outcome"], len(seen["findings"])) == ("fail", 2)
    assert f"no record for the tree {git(world.dev, 'rev-parse', 'HEAD^{tree}')}" in seen["findings"][0]["observed"]
    assert [world.run(*command).returncode for command in commands] == [0, 0]
    assert judged(world)["tested-commit"]["outcome"] == "pass"


def test_an_amended_commit_keeps_its_tests_and_loses_its_sign_offs(world: SmallWorld) -> None:
    attested(world)
    approved(world, "architect-1", "peter")
    approved(world, "architect-2", "grace")
    git(world.dev, "commit", "-q", "--amend", "-m", "Another message")
    seen = judged(world)
    assert (seen["tested-commit"]["outcome"], seen["required-signoffs"]["outcome"]) == ("pass", "fail")


def test_a_forged_record_is_a_failure_and_says_so(world: SmallWorld, signers: Signers) -> None:
    world.configure(ROLES)
    signers.allow("ci")
    for ref in attested(world, passed=False, key=signers.key("ci")):
        forge(world.dev, ref, {"predicate.result": "PASSED"})
    seen = judged(world)["tested-commit"]
    assert (seen["outcome"], len(seen["findings"])) == ("fail", 2)
    assert "signature does not verify" in seen["findings"][0]["observed"]


@pytest.mark.parametrize("line", ["*@example.org {key}", "peter@example.org cert-authority {key}"])
def test_a_file_of_signers_that_trusts_too_many_decides_nothing(world: SmallWorld, signers: Signers, line: str) -> None:
    world.configure(ROLES)
    attested(world, key=signers.key("ci"))
    signers.allow("ci")
    with signers.allowed.open("a") as file:
        file.write(line.format(key=signers.public("mallory")) + "\n")
    seen = judged(world)
    assert seen["code"] == 2
    assert [seen[name]["outcome"] for name in ("tested-commit", "required-signoffs")] == ["error", "error"]


def test_a_block_that_cannot_be_read_decides_nothing(world: SmallWorld) -> None:
    write(world.dev / "docs/DEPLOYMENT.md", "### Architect #1 sign-off\n\n```\nStatus: approved\n")
    git(world.dev, "commit", "-qam", "A block without an end")
    approved(world, "architect-1", "peter")
    approved(world, "architect-2", "grace")
    assert judged(world)["required-signoffs"]["outcome"] == "error"


def test_at_another_time_what_came_later_does_not_count(world: SmallWorld) -> None:
    attested(world)
    assert judged(world, "--at", "2026-01-01T00:00:00Z")["tested-commit"]["outcome"] == "fail"


def test_before_a_start_the_build_and_the_packages_are_looked_at(world: SmallWorld) -> None:
    both = ("--policy", "current-build", "--policy", "installed-dependencies")
    report = world.report("--env", "prod", "--op", "start", *both)
    assert [result["outcome"] for result in report["results"]] == ["fail", "fail"]
    head = git(world.prod, "rev-parse", "HEAD")
    write(world.prod / "dist/build-info.json", f'{{"commit": "{head}"}}')
    write(world.prod / "node_modules/.pnpm/lock.yaml", (world.prod / "pnpm-lock.yaml").read_text())
    report = world.report("--env", "prod", "--op", "start", *both)
    assert [result["outcome"] for result in report["results"]] == ["pass", "pass"]

"""The attack list of verifiers, played on what `attest` records: `tested-commit` counts none of it, and says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attacks import ADVISORIES, ENVELOPE, TRUST, Attack, Forge, attacks, named_in
from dirty.dirty_repository import git
from guardrails import Policy
from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.approval.evidence import RecordedRuns
from guardrails.facts.approval.signatures import ATTEST
from guardrails.model import Trust
from guardrails.operations.evidence.attest import attest
from guardrails.operations.evidence.record_statements import record_run
from guardrails.testing import gather, judge
from guardrails_policies.release import tested_commit
from signers import Signers, put
from worlds.small_world import write
from worlds.two_repositories import RELEASE, Repositories

AT = 1_790_000_000
POLICY = tested_commit.TestedCommit.from_options({"commands": {"test": "pnpm test"}})


class Attested:
    """A signed record that `pnpm test` passed on what will run, and whether that still counts."""

    def __init__(self, folder: Path) -> None:
        self.repos, self.signers = Repositories(folder), Signers(folder / "keys")
        self.trust = Trust(self.signers.allow("peter"))
        self.tree = git(self.repos.dev, "rev-parse", "HEAD^{tree}")
        key = self.signers.key("peter")
        self.ref = record_run(
            str(self.repos.dev), self.tree, "test", "pnpm test", passed=True, finished=AT, tests=7, key=key
        )
        self.oid = git(self.repos.dev, "rev-parse", self.ref)
        data = git(self.repos.dev, "cat-file", "blob", self.ref).encode()
        self.forge = Forge(data, self.signers, "peter", ATTEST)

    def refusal(self, data: bytes | None = None, policy: Policy = POLICY) -> str:
        """Why a promotion is refused when this stands in the place of the record; empty when it is not."""
        if data is not None:
            put(self.repos.dev, self.ref, data)
        world = self.repos.world("promote", candidate=RELEASE, at=AT + 60, trust=self.trust)
        try:
            result = judge(policy, evidence=gather(RecordedRuns, world))
        except CannotKnow as error:
            return str(error)
        finally:
            git(self.repos.dev, "update-ref", self.ref, self.oid)
        told = [f"{one.message}: {one.observed}" for one in result.findings]
        return "; ".join(told) if result.outcome == "fail" else "" if result.outcome == "pass" else str(result.reason)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Attested:
    return Attested(tmp_path_factory.mktemp("attacked"))


def _predicate(change: Callable[[dict[str, Any]], object]) -> Attack:
    return lambda one: one.changed(lambda said: change(said["predicate"]))


def _run(change: Callable[[dict[str, Any]], object]) -> Attack:
    return _predicate(lambda predicate: change(predicate["configuration"][0]))


def _digest(**digest: str) -> Attack:
    return lambda one: one.changed(lambda said: said.update(subject=[{"digest": digest}]))


OTHER = "1" * 40
RECORD: dict[str, tuple[Attack, str]] = {
    "GHSA-567m-4668-m656-a record of no run": (
        _predicate(lambda one: one.update(configuration=[])),
        "does not say what ran",
    ),
    "GHSA-567m-4668-m656-a run of no tests": (
        _run(lambda one: one["annotations"].update(tests=0)),
        "test ran no tests",
    ),
    "GHSA-567m-4668-m656-a run of no command": (
        _run(lambda one: one["annotations"].update(command="")),
        "has no command",
    ),
    "GHSA-r4fv-8r9j-vgcg-another run behind this one": (
        _predicate(lambda one: one["configuration"].append(one["configuration"][0])),
        "does not say what ran",
    ),
    "GHSA-r4fv-8r9j-vgcg-failures behind a result": (
        _predicate(lambda one: one.update(failedTests=["a"])),
        "test did not pass",
    ),
    "GHSA-g9jx-rqhm-mj7g-a run without a name": (_run(lambda one: one.update(name="")), "has no name"),
    "GHSA-g9jx-rqhm-mj7g-a run of nearly that name": (
        _run(lambda one: one.update(name="Test")),
        "test is not recorded",
    ),
    "GHSA-g9jx-rqhm-mj7g-a command of nearly those words": (
        _run(lambda one: one["annotations"].update(command="pnpm test --passWithNoTests")),
        "test ran another command",
    ),
    "GHSA-pgpm-j729-qcvh-no digest of the tree": (_digest(sha256="0" * 64), "it is about the tree None"),
    "GHSA-pgpm-j729-qcvh-another tree beside the right commit": (
        _digest(gitTree=OTHER, gitCommit=OTHER),
        f"it is about the tree {OTHER}",
    ),
    "GHSA-vmvj-p3hw-39q3-about nothing": (
        lambda one: one.changed(lambda said: said.update(subject=[])),
        "is not about one thing",
    ),
    "GHSA-vmvj-p3hw-39q3-about several things": (
        lambda one: one.changed(lambda said: said["subject"].append({"digest": {"gitTree": OTHER}})),
        "is not about one thing",
    ),
    "GHSA-vmvj-p3hw-39q3-about another tree": (_digest(gitTree=OTHER), f"it is about the tree {OTHER}"),
    "cosign GHSA-w6c6-c85g-mmv6-another type of predicate": (
        lambda one: one.changed(lambda said: said.update(predicateType="https://slsa.dev/provenance/v1")),
        "is no test result",
    ),
    "in-toto-a result that is none": (_predicate(lambda one: one.update(result="passed")), "has no result"),
    "in-toto-a warning": (_predicate(lambda one: one.update(result="WARNED")), "test did not pass"),
    "replay-from the future": (
        _run(lambda one: one["annotations"].update(finishedOn="2100-01-01T00:00:00Z")),
        "from after the time of the check",
    ),
    "replay-from long ago": (
        _run(lambda one: one["annotations"].update(finishedOn="2020-01-01T00:00:00Z")),
        "which is too long",
    ),
}


def test_what_is_attacked_counts_as_it_is(made: Attested) -> None:
    assert made.refusal() == ""
    assert made.refusal(made.forge.signed(made.forge.said)) == ""


@pytest.mark.sample(1)
@pytest.mark.parametrize(("attack", "reason"), attacks(ENVELOPE, RECORD))
def test_an_attack_is_refused(made: Attested, attack: Attack, reason: str) -> None:
    assert reason in made.refusal(attack(made.forge))


@pytest.mark.sample(1)
@pytest.mark.parametrize(("allowed", "reason"), [pytest.param(*one, id=name) for name, one in TRUST.items()])
def test_a_file_of_signers_lets_nobody_in_by_the_way(made: Attested, allowed: Any, reason: str) -> None:
    before = made.signers.allowed.read_text()
    write(made.signers.allowed, allowed(made.signers, "peter"))
    try:
        assert reason in made.refusal()
    finally:
        write(made.signers.allowed, before)


def test_no_command_that_is_required_is_said_and_no_pass(made: Attested) -> None:
    """GHSA-rgp5-33mp-jhfm: rules that require nothing hold of anything."""
    assert made.refusal(policy=tested_commit.TestedCommit()) == "no command is required (option commands)"


def test_a_failure_takes_a_success_back_whatever_else_is_there(made: Attested) -> None:
    """GHSA-r4fv-8r9j-vgcg, GHSA-c346-qp3r-53vf: each record is looked at, and a copy adds nothing."""
    repo, key = str(made.repos.dev), made.signers.key("peter")
    failed = record_run(repo, made.tree, "test", "pnpm test", passed=False, finished=AT + 1, key=key)
    copies = [put(made.repos.dev, f"{made.ref}{number}", made.forge.genuine) for number in range(3)]
    try:
        assert "test did not pass" in made.refusal()
    finally:
        for ref in (failed, *copies):
            git(made.repos.dev, "update-ref", "-d", ref)


def test_a_ref_that_leads_to_the_record_of_another_tree_is_no_record_of_this(made: Attested) -> None:
    """GHSA-v6px-jqx8-8xwj: a link out of the place that is looked at brings nothing in."""
    other = record_run(
        str(made.repos.dev), OTHER, "test", "pnpm test", passed=True, finished=AT + 1, key=made.signers.key("peter")
    )
    git(made.repos.dev, "update-ref", "-d", made.ref)
    git(made.repos.dev, "symbolic-ref", made.ref, other)
    world = made.repos.world("promote", candidate=RELEASE, at=AT + 60, trust=made.trust)
    try:
        [ignored] = gather(RecordedRuns, world).ignored
        assert ignored.why == f"it is about the tree {OTHER}"
    finally:
        git(made.repos.dev, "symbolic-ref", "-d", made.ref)
        git(made.repos.dev, "update-ref", made.ref, made.oid)
        git(made.repos.dev, "update-ref", "-d", other)


def test_programs_in_front_of_ours_are_not_asked(
    made: Attested, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GHSA-3vpg-3m94-v3qr: whoever can write in a folder of PATH does not verify signatures."""
    fake = write(tmp_path / "bin/ssh-keygen", f"#!/bin/sh\ntouch {tmp_path}/asked\nexit 0\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    bad, reason = ENVELOPE["GHSA-2v4r-xhmm-ghv8-a signature of a trusted key that does not verify"]

    assert reason in made.refusal(bad(made.forge))
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("name", ["", "-x", "a/b", "a b", ".."])
def test_attest_records_under_no_name_that_could_be_another(made: Attested, name: str) -> None:
    """GHSA-g9jx-rqhm-mj7g: nor is anything run for it."""
    ran = made.repos.folder / "ran"
    with pytest.raises(UsageError):
        attest(made.repos.world(), name, ["touch", str(ran)])
    assert not ran.exists()


def test_each_advisory_is_played_here() -> None:
    assert named_in(Path(__file__)) == set(ADVISORIES)

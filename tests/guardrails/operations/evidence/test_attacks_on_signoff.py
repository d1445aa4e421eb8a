"""The attack list of verifiers, played on what `signoff` records: `required-signoffs` counts none, and says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attacks import ADVISORIES, ENVELOPE, TRUST, Attack, Forge, attacks, named_in
from dirty.dirty_repository import git
from guardrails import SignOffBlocks, SignOffs
from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.approval.signatures import SIGN_OFF
from guardrails.model import Trust
from guardrails.operations.evidence.record_statements import record_sign_off
from guardrails.operations.evidence.signoff import sign_off
from guardrails.testing import gather, judge
from guardrails_policies.release.required_signoffs import RequiredSignoffs
from signers import Signers, put
from worlds.small_world import write
from worlds.two_repositories import RELEASE, Repositories

AT = 1_790_000_000
PETER, GRACE = "peter@example.org", "grace@example.org"
POLICY = RequiredSignoffs.from_options({"roles": {"architect-1": [PETER]}})
BOTH = RequiredSignoffs.from_options({"roles": {"architect-1": [PETER, GRACE], "architect-2": [PETER, GRACE]}})


class SignedOff:
    """A signed approval of what will run by the one who is asked, and whether that still suffices."""

    def __init__(self, folder: Path) -> None:
        self.repos, self.signers = Repositories(folder), Signers(folder / "keys")
        self.trust = Trust(self.signers.allow("peter", "grace"))
        self.tree = git(self.repos.dev, "rev-parse", "HEAD^{tree}")
        self.ref = self.record("architect-1", "peter")
        self.oid = git(self.repos.dev, "rev-parse", self.ref)
        data = git(self.repos.dev, "cat-file", "blob", self.ref).encode()
        self.forge = Forge(data, self.signers, "peter", SIGN_OFF)

    def record(self, role: str, who: str, decision: str = "approved", at: float = AT, commit: str = "") -> str:
        return record_sign_off(
            str(self.repos.dev), commit or self.repos.release, self.tree, role, decision,
            environment="prod", plan=self.repos.plan(self.repos.release), signer=f"{who}@example.org", issued=at,
            key=self.signers.key(who),
        )  # fmt: skip

    def refusal(self, data: bytes | None = None, policy: RequiredSignoffs = POLICY) -> str:
        """Why a promotion is refused when this stands in the place of the approval; empty when it is not."""
        if data is not None:
            put(self.repos.dev, self.ref, data)
        world = self.repos.world("promote", candidate=RELEASE, at=AT + 60, trust=self.trust)
        try:
            result = judge(policy, given=gather(SignOffs, world), written=SignOffBlocks("", exists=False))
        except CannotKnow as error:
            return str(error)
        finally:
            git(self.repos.dev, "update-ref", self.ref, self.oid)
        told = [f"{one.message}: {one.observed}" for one in result.findings]
        return "; ".join(told) if result.outcome == "fail" else "" if result.outcome == "pass" else str(result.reason)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SignedOff:
    return SignedOff(tmp_path_factory.mktemp("attacked"))


def _said(**changes: Any) -> Attack:
    """The predicate with other values."""
    return lambda one: one.changed(lambda said: said["predicate"].update(changes))


def _digest(change: Callable[[dict[str, str]], object]) -> Attack:
    return lambda one: one.changed(lambda said: change(said["subject"][0]["digest"]))


OTHER = "1" * 40
NOT_APPROVED = "architect-1 has not approved the candidate"
APPROVAL: dict[str, tuple[Attack, str]] = {
    "GHSA-567m-4668-m656-an approval of no plan": (_said(plan=""), "it approves another plan"),
    "GHSA-567m-4668-m656-an approval that decides nothing": (_said(decision=""), "has no decision"),
    "GHSA-r4fv-8r9j-vgcg-two subjects": (
        lambda one: one.changed(lambda said: said["subject"].append(said["subject"][0])),
        "is not about one thing",
    ),
    "GHSA-g9jx-rqhm-mj7g-no role": (_said(role=""), "has no role"),
    "GHSA-g9jx-rqhm-mj7g-nearly the role": (_said(role="Architect-1"), NOT_APPROVED),
    "GHSA-g9jx-rqhm-mj7g-another role under the ref of this one": (_said(role="architect-2"), NOT_APPROVED),
    "GHSA-g9jx-rqhm-mj7g-no environment": (_said(environment=""), "has no environment"),
    "GHSA-g9jx-rqhm-mj7g-another environment": (_said(environment="Prod"), "it is for Prod"),
    "GHSA-2v4r-xhmm-ghv8-the name of one signer and the key of another": (
        lambda one: one.signed(one.said, by="grace"),
        "who does not speak for architect-1",
    ),
    "GHSA-pgpm-j729-qcvh-the tree alone": (_digest(lambda one: one.pop("gitCommit")), "it is about the commit None"),
    "GHSA-pgpm-j729-qcvh-the commit alone": (_digest(lambda one: one.pop("gitTree")), "it is about the commit"),
    "GHSA-pgpm-j729-qcvh-a digest that is cut short": (
        _digest(lambda one: one.update(gitCommit=one["gitCommit"][:12])),
        "it is about the commit",
    ),
    "GHSA-pgpm-j729-qcvh-the right commit with another tree": (
        _digest(lambda one: one.update(gitTree=OTHER)),
        "it is about the commit",
    ),
    "GHSA-vmvj-p3hw-39q3-about nothing": (
        lambda one: one.changed(lambda said: said.update(subject=[])),
        "is not about one thing",
    ),
    "GHSA-vmvj-p3hw-39q3-about another commit": (
        _digest(lambda one: one.update(gitCommit=OTHER)),
        f"it is about the commit {OTHER}",
    ),
    "GHSA-vmvj-p3hw-39q3-of other steps": (_said(plan=f"sha256:{'0' * 64}"), "it approves another plan"),
    "cosign GHSA-w6c6-c85g-mmv6-another type of predicate": (
        lambda one: one.changed(lambda said: said.update(predicateType="https://slsa.dev/provenance/v1")),
        "is no sign-off",
    ),
    "in-toto-a decision that is none": (_said(decision="APPROVED"), "neither approves nor rejects"),
    "in-toto-a condition that is no list": (_said(after="architect-2"), "no list of roles"),
    "in-toto-a condition that is not met": (_said(after=["architect-2"]), "which depends on architect-2"),
    "replay-from the future": (_said(issuedOn="2100-01-01T00:00:00Z"), "from after the time of the check"),
    "replay-from long ago": (_said(issuedOn="2020-01-01T00:00:00Z"), "which is older than"),
}


def test_what_is_attacked_suffices_as_it_is(made: SignedOff) -> None:
    assert made.refusal() == ""
    assert made.refusal(made.forge.signed(made.forge.said)) == ""


@pytest.mark.sample(1)
@pytest.mark.parametrize(("attack", "reason"), attacks(ENVELOPE, APPROVAL))
def test_an_attack_is_refused(made: SignedOff, attack: Attack, reason: str) -> None:
    assert reason in made.refusal(attack(made.forge))


@pytest.mark.sample(1)
@pytest.mark.parametrize(("allowed", "reason"), [pytest.param(*one, id=name) for name, one in TRUST.items()])
def test_a_file_of_signers_lets_nobody_in_by_the_way(made: SignedOff, allowed: Any, reason: str) -> None:
    before = made.signers.allowed.read_text()
    write(made.signers.allowed, allowed(made.signers, "peter"))
    try:
        assert reason in made.refusal()
    finally:
        write(made.signers.allowed, before)


def test_no_role_that_is_required_is_said_and_no_pass(made: SignedOff) -> None:
    """GHSA-rgp5-33mp-jhfm: rules that require nothing hold of anything."""
    assert made.refusal(policy=RequiredSignoffs()) == "no role is required (option roles)"


def test_one_person_is_one_however_often_and_by_however_many_names(made: SignedOff) -> None:
    """GHSA-c346-qp3r-53vf: a copy under another ref, another role and a second key of the same person add nothing."""
    before = made.signers.allowed.read_text()
    made.signers.allow("grace", peter=PETER, spare=f"{PETER},spare@example.org")
    refs = [
        put(made.repos.dev, f"{made.ref}0", made.forge.genuine),
        put(made.repos.dev, made.ref.replace("architect-1", "architect-2"), made.forge.genuine),
        made.record("architect-2", "peter"),
        made.record("architect-2", "spare"),
    ]
    try:
        assert "who approves for another role too" in made.refusal(policy=BOTH)
        refs.append(made.record("architect-2", "grace"))
        assert made.refusal(policy=BOTH) == ""
    finally:
        write(made.signers.allowed, before)
        for ref in refs:
            git(made.repos.dev, "update-ref", "-d", ref)


def test_a_rejection_is_hidden_by_no_approval_of_somebody_else(made: SignedOff) -> None:
    """GHSA-r4fv-8r9j-vgcg: each statement is looked at, not only the last of a role."""
    rejected = made.record("architect-1", "grace", "rejected", AT - 10)
    try:
        assert "architect-1 rejects the candidate" in made.refusal(policy=BOTH)
    finally:
        git(made.repos.dev, "update-ref", "-d", rejected)


def test_a_ref_that_leads_to_the_approval_of_another_commit_is_none_of_this(made: SignedOff) -> None:
    """GHSA-v6px-jqx8-8xwj: a link out of the place that is looked at brings nothing in."""
    other = made.record("architect-1", "peter", commit=OTHER)
    git(made.repos.dev, "update-ref", "-d", made.ref)
    git(made.repos.dev, "symbolic-ref", made.ref, other)
    world = made.repos.world("promote", candidate=RELEASE, at=AT + 60, trust=made.trust)
    try:
        [ignored] = gather(SignOffs, world).ignored
        assert ignored.why == f"it is about the commit {OTHER}"
    finally:
        git(made.repos.dev, "symbolic-ref", "-d", made.ref)
        git(made.repos.dev, "update-ref", made.ref, made.oid)
        git(made.repos.dev, "update-ref", "-d", other)


def test_programs_in_front_of_ours_are_not_asked(
    made: SignedOff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GHSA-3vpg-3m94-v3qr: whoever can write in a folder of PATH does not verify signatures."""
    fake = write(tmp_path / "bin/ssh-keygen", f"#!/bin/sh\ntouch {tmp_path}/asked\nexit 0\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    bad, reason = ENVELOPE["GHSA-2v4r-xhmm-ghv8-a signature of a trusted key that does not verify"]

    assert reason in made.refusal(bad(made.forge))
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("role", ["", "-x", "a/b", "a b", ".."])
def test_signoff_records_for_no_role_that_could_be_another(made: SignedOff, role: str) -> None:
    """GHSA-g9jx-rqhm-mj7g: a role is what a ref can be called."""
    with pytest.raises(UsageError):
        sign_off(made.repos.world("promote", candidate=RELEASE), role, "approved", signer=PETER)


def test_each_advisory_is_played_here() -> None:
    assert named_in(Path(__file__)) == set(ADVISORIES)

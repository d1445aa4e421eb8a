"""The attack list of verifiers, played on `verify`: each is refused, for the reason that there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attacks import ADVISORIES, ENVELOPE, TRUST, Attack, Forge, attacks, named_in
from guardrails.errors import CannotKnow
from guardrails.facts.approval.signatures import CARRY
from worlds.carried import NEXT, Carried
from worlds.small_world import write

PROMOTE = ("--op", "promote", "--candidate", NEXT)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Carried:
    return Carried(tmp_path_factory.mktemp("attacked"))


@pytest.fixture(scope="module")
def forge(made: Carried) -> Forge:
    return Forge(made.issued(*PROMOTE).read_bytes(), made.signers, "ci", CARRY)


def refusal(made: Carried, data: bytes) -> str:
    """Why a verdict is refused; empty when it is not."""
    try:
        found = made.held(data)
    except CannotKnow as error:
        return str(error)
    wrong = [f"{field.name}: {field.observed}" for field in found.fields if not field.holds]
    return "; ".join([*wrong, *found.errors]) if found.exit_code else ""


def _own(change: Any) -> Attack:
    return lambda one: one.changed(lambda said: change(said["predicate"]["guardrails"]))


def _subject(**changes: Any) -> Attack:
    """HEAD's subject changed; None takes a key away."""

    def change(said: dict[str, Any]) -> None:
        [head] = [one for one in said["subject"] if one["name"] == "HEAD"]
        head.update(changes)
        for name in [name for name, value in changes.items() if value is None]:
            del head[name]

    return lambda one: one.changed(change)


def _digest(kind: str, value: str | None) -> Attack:
    def change(said: dict[str, Any]) -> None:
        [head] = [one for one in said["subject"] if one["name"] == "HEAD"]
        head["digest"].pop(kind)
        head["digest"].update({} if value is None else {kind: value})

    return lambda one: one.changed(change)


NO_SUBJECT = "is not about HEAD, or about something that is not known"
VERDICT: dict[str, tuple[Attack, str]] = {
    "GHSA-567m-4668-m656-a verdict in which no policy was asked": (
        _own(lambda own: own.update(outcomes={})),
        "policies:",
    ),
    "GHSA-567m-4668-m656-a verdict without outcomes": (_own(lambda own: own.pop("outcomes")), "has no outcomes"),
    "GHSA-r4fv-8r9j-vgcg-a subject that stands twice": (
        lambda one: one.changed(lambda said: said["subject"].append(said["subject"][0])),
        "one name twice",
    ),
    "GHSA-r4fv-8r9j-vgcg-a policy that failed among those that pass": (
        _own(lambda own: own["outcomes"].update({"clean-worktree": "fail"})),
        "outcomes: clean-worktree fail",
    ),
    "GHSA-g9jx-rqhm-mj7g-a subject without a name": (_subject(name=None), NO_SUBJECT),
    "GHSA-g9jx-rqhm-mj7g-a subject of an empty name": (_subject(name=""), NO_SUBJECT),
    "GHSA-g9jx-rqhm-mj7g-a subject of a name that is nearly it": (_subject(name="head"), NO_SUBJECT),
    "GHSA-g9jx-rqhm-mj7g-no environment": (_own(lambda own: own.update(environment="")), "has no environment"),
    "GHSA-g9jx-rqhm-mj7g-another environment": (
        _own(lambda own: own.update(environment="other")),
        "environment: other",
    ),
    "GHSA-pgpm-j729-qcvh-the tree alone": (_digest("gitCommit", None), "a subject that is no commit with its tree"),
    "GHSA-pgpm-j729-qcvh-the commit alone": (_digest("gitTree", None), "a subject that is no commit with its tree"),
    "GHSA-pgpm-j729-qcvh-a weaker digest that is cut short": (
        lambda one: one.changed(
            lambda said: said["subject"][0]["digest"].update(gitCommit=said["subject"][0]["digest"]["gitCommit"][:8])
        ),
        "a subject that is no commit with its tree",
    ),
    "GHSA-pgpm-j729-qcvh-the right commit with another tree": (_digest("gitTree", "0" * 40), "HEAD tree: 000"),
    "GHSA-vmvj-p3hw-39q3-about nothing": (lambda one: one.changed(lambda said: said.update(subject=[])), NO_SUBJECT),
    "GHSA-vmvj-p3hw-39q3-about something else": (_digest("gitCommit", "1" * 40), "HEAD commit: 111"),
    "GHSA-vmvj-p3hw-39q3-without what the operation brings": (
        lambda one: one.changed(
            lambda said: (
                said.update(subject=[one for one in said["subject"] if one["name"] == "HEAD"]),
                said["predicate"]["guardrails"].update(candidate=None),
            )
        ),
        "candidate",
    ),
    "cosign GHSA-w6c6-c85g-mmv6-another type of predicate": (
        lambda one: one.changed(lambda said: said.update(predicateType="https://in-toto.io/attestation/svr/v0.2")),
        "is no verification summary",
    ),
    "slsa-a result that is none": (
        lambda one: one.changed(lambda said: said["predicate"].update(verificationResult="PASSED ")),
        "result: PASSED ",
    ),
    "slsa-another verifier": (
        lambda one: one.changed(lambda said: said["predicate"]["verifier"].update(id="https://other.example")),
        "verifier: https://other.example",
    ),
    "slsa-other rules": (
        lambda one: one.changed(lambda said: said["predicate"]["policy"]["digest"].update(sha256="0" * 64)),
        "policy set:",
    ),
    "replay-from the future": (
        lambda one: one.changed(lambda said: said["predicate"].update(timeVerified="2100-01-01T00:00:00Z")),
        "expiry:",
    ),
    "replay-with a later end": (_own(lambda own: own.update(expires="2016-01-01T00:00:00Z")), "expiry:"),
    "replay-a waiver that there is not": (
        _own(lambda own: own["waivers"].append({"policy": "clean-worktree", "expires": "2100-01-01T00:00:00Z"})),
        "waivers: clean-worktree",
    ),
}


def test_what_is_attacked_is_allowed_as_it_is(made: Carried, forge: Forge) -> None:
    assert refusal(made, forge.genuine) == ""
    assert refusal(made, forge.signed(forge.said)) == "", "nor is signing anew what is refused"


@pytest.mark.sample(1)
@pytest.mark.parametrize(("attack", "reason"), attacks(ENVELOPE, VERDICT))
def test_an_attack_is_refused(made: Carried, forge: Forge, attack: Attack, reason: str) -> None:
    data = attack(forge)
    assert data != forge.genuine
    assert reason in refusal(made, data)


@pytest.mark.sample(1)
@pytest.mark.parametrize(("allowed", "reason"), [pytest.param(*one, id=name) for name, one in TRUST.items()])
def test_a_file_of_signers_lets_nobody_in_by_the_way(made: Carried, forge: Forge, allowed: Any, reason: str) -> None:
    before = made.signers.allowed.read_text()
    made.trust(allowed(made.signers, "ci"))
    try:
        assert reason in refusal(made, forge.genuine)
    finally:
        made.trust(before)


def test_a_revoked_key_is_refused(made: Carried, forge: Forge) -> None:
    """GHSA-2v4r-xhmm-ghv8: a signature that is whole, of a key that is trusted and revoked."""
    said = made.host.configuration.read_text()
    write(made.host.folder / "revoked", made.signers.public("ci") + "\n")
    made.host.configure('revoked = "revoked"\n')
    try:
        assert "without what" in refusal(made, forge.genuine)
    finally:
        write(made.host.configuration, said)


def test_a_moment_for_which_no_policy_applies_proves_nothing(tmp_path: Path) -> None:
    """GHSA-rgp5-33mp-jhfm: rules without one that is asked hold of anything, so a verdict by them allows nothing."""
    own = Carried(tmp_path)
    own.configure("[operations.idle]\n")
    forge = Forge(own.issued(*PROMOTE).read_bytes(), own.signers, "ci", CARRY)

    def idle(said: dict[str, Any]) -> None:
        said["subject"] = [one for one in said["subject"] if one["name"] == "HEAD"]
        said["predicate"]["guardrails"].update(moment="idle", candidate=None, outcomes={})

    assert "policies:" in refusal(own, forge.changed(idle))


def test_programs_in_front_of_ours_are_not_asked(made: Carried, forge: Forge, tmp_path: Path) -> None:
    """GHSA-3vpg-3m94-v3qr: whoever can write in a folder of PATH does not verify signatures."""
    fake = write(tmp_path / "bin/ssh-keygen", f"#!/bin/sh\ntouch {tmp_path}/asked\nexit 0\n")
    fake.chmod(0o755)
    bad = write(
        tmp_path / "bad.json",
        ENVELOPE["GHSA-2v4r-xhmm-ghv8-a signature of a trusted key that does not verify"][0](forge).decode(),
    )
    done = made.verify(*PROMOTE, file=bad, env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"})

    assert (done.returncode, "does not verify" in done.stdout) == (1, True), done
    assert not (tmp_path / "asked").exists()


def test_from_outside_what_is_no_verdict_is_2_and_what_does_not_hold_is_1(
    made: Carried, forge: Forge, tmp_path: Path
) -> None:
    def code(data: bytes, *about: str) -> int:
        return made.verify(*about, file=write(tmp_path / "attack.json", data.decode())).returncode

    assert code(forge.genuine, *PROMOTE) == 0
    assert code(ENVELOPE["GHSA-2v4r-xhmm-ghv8-a bad signature beside a good one"][0](forge), *PROMOTE) == 2
    assert code(ENVELOPE["dsse-a key that nobody trusts"][0](forge), *PROMOTE) == 1
    assert code(forge.genuine, "--op", "start") == 1, "replayed for another moment"


def test_signers_come_by_no_link_of_somebody_else(made: Carried, forge: Forge, tmp_path: Path) -> None:
    """GHSA-v6px-jqx8-8xwj: a link that leads out of what is ours is not followed to whom to believe."""
    shared = tmp_path / "shared"
    shared.mkdir()
    theirs = write(shared / "signers", f"mallory@example.org {made.signers.public('mallory')}\n")
    shared.chmod(0o777)
    own = made.host.folder / "allowed_signers"
    before = own.read_text()
    own.unlink()
    own.symlink_to(theirs)
    try:
        assert "not ours alone" in refusal(made, forge.signed(forge.said, by="mallory"))
    finally:
        own.unlink()
        write(own, before)


def test_the_same_verdict_twice_is_one(made: Carried, forge: Forge) -> None:
    """GHSA-c346-qp3r-53vf: there is no quorum of verdicts that one of them could fill; two in an envelope are none."""
    [signed] = forge.envelope["signatures"]
    assert "more than one signature" in refusal(made, forge.with_envelope(signatures=[signed, signed]))


def test_each_advisory_is_played_here() -> None:
    assert named_in(Path(__file__)) == set(ADVISORIES)

"""Two roles, with real keys and a real repository: who may fill them, with what, and for how long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, script
from guardrails import SignOffBlocks, SignOffs
from guardrails.errors import CannotKnow
from guardrails.model import PolicyResult, Trust
from guardrails.operations.evidence.record_statements import record_sign_off
from guardrails.testing import gather, judge
from guardrails_policies.release.required_signoffs import RequiredSignoffs
from signers import Signers
from worlds.two_repositories import RELEASE, Repositories

AT = 1_790_000_000
DAY = 86_400
ROLES = {"architect-1": ["peter@example.org"], "architect-2": ["grace@example.org"]}


class Release:
    """A release that two people are to approve, and the keys of some people."""

    def __init__(self, folder: Path, signers: Signers) -> None:
        self.repos, self.signers = Repositories(folder), signers
        self.roles = ROLES
        signers.allow("peter", "grace")

    def say(self, role: str, who: str, decision: str = "approved", **rest: Any) -> str:
        """Record a decision that is signed by the key of that name."""
        commit = rest.pop("commit", git(self.repos.dev, "rev-parse", "HEAD"))
        about = {"environment": "prod", "plan": self.repos.plan(commit), "signer": "anybody", "issued": AT, **rest}
        tree = git(self.repos.dev, "rev-parse", f"{commit}^{{tree}}")
        key = self.signers.key(who)
        return record_sign_off(str(self.repos.dev), commit, tree, role, decision, key=key, **about)

    def judged(self, **rest: Any) -> PolicyResult:
        about = {"candidate": RELEASE, "at": AT + 60, "trust": Trust(str(self.signers.allowed)), **rest}
        given = gather(SignOffs, self.repos.world("promote", **about))
        policy = RequiredSignoffs.from_options({"roles": self.roles})
        return judge(policy, given=given, written=SignOffBlocks("", exists=False))

    def missing(self, **rest: Any) -> str:
        """The roles in the way, and what is said about them."""
        return "; ".join(f"{one.message}: {one.observed}" for one in self.judged(**rest).findings)


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Signers:
    return Signers(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def release(tmp_path: Path, signers: Signers) -> Release:
    return Release(tmp_path, signers)


@pytest.fixture
def approved(release: Release) -> Release:
    """One that both have approved."""
    release.say("architect-1", "peter")
    release.say("architect-2", "grace")
    assert release.judged().outcome == "pass"
    return release


def test_each_role_is_needed(release: Release) -> None:
    release.say("architect-1", "peter")
    assert release.missing().startswith("architect-2 has not approved the candidate")
    release.say("architect-2", "grace")
    assert release.missing() == ""


def test_one_key_under_two_names(release: Release) -> None:
    release.signers.allow(peter="peter@example.org,grace@example.org")
    release.say("architect-1", "peter")
    release.say("architect-2", "peter")
    assert "who approves for another role too" in release.missing()
    path = release.signers.allowed  # on two lines it is the same key
    public = release.signers.public("peter")
    path.write_text(f"peter@example.org {public}\ngrace@example.org {public}\n")
    assert "who approves for another role too" in release.missing()


def test_one_person_with_two_keys(release: Release) -> None:
    release.roles = {"architect-1": ["peter@example.org"], "architect-2": ["peter@example.org"]}
    release.signers.allow(old="peter@example.org", new="peter@example.org")
    release.say("architect-1", "old")
    release.say("architect-2", "new")
    assert "who approves for another role too" in release.missing()


def test_the_signer_that_is_claimed_is_of_no_use(release: Release) -> None:
    release.signers.allow("peter", "grace", "mallory")
    release.say("architect-1", "peter")
    release.say("architect-2", "mallory", signer="grace@example.org")
    assert "mallory@example.org" in release.missing()
    assert "who does not speak for architect-2" in release.missing()


@pytest.mark.parametrize(
    "who",
    [
        {"GIT_AUTHOR_EMAIL": "grace@example.org"},
        {"GIT_COMMITTER_EMAIL": "Grace@Example.org"},
        {"GIT_AUTHOR_NAME": "grace@example.org"},
        {},
    ],
    ids=["author", "committer", "name", "co-author"],
)
def test_who_made_part_of_it(release: Release, who: dict[str, str]) -> None:
    more = "" if who else "\n\nCo-authored-by: Grace <grace@example.org>"
    git(release.repos.dev, "commit", "-q", "--allow-empty", "-m", f"By Grace{more}", env=who)
    release.repos.commit(release.repos.dev, "the last one is of somebody else")
    release.say("architect-1", "peter")
    release.say("architect-2", "grace")
    assert release.missing().startswith("architect-2 has not")
    assert "who made part of what it brings" in release.missing()


def test_who_made_part_of_it_by_another_address(release: Release) -> None:
    release.signers.allow(peter="peter@example.org", grace="grace@example.org,grace@example.net")
    git(release.repos.dev, "commit", "-q", "--allow-empty", "-m", "x", env={"GIT_AUTHOR_EMAIL": "grace@example.net"})
    release.say("architect-1", "peter")
    release.say("architect-2", "grace")
    assert "who made part of what it brings" in release.missing()


def test_an_amended_commit(approved: Release) -> None:
    git(approved.repos.dev, "commit", "-q", "--amend", "-m", "The same tree, said otherwise")
    assert approved.missing().count("no sign-off of this commit") == 2


def test_a_tag_that_is_pointed_elsewhere(release: Release) -> None:
    dev = release.repos.dev
    git(dev, "tag", "-a", "-m", "Approved", "v1")
    for role, who in (("architect-1", "peter"), ("architect-2", "grace")):
        release.say(role, who, commit=git(dev, "rev-parse", "v1^{commit}"))
    assert release.judged(candidate="v1").outcome == "pass"
    release.repos.commit(dev, "more")
    git(dev, "tag", "-f", "-a", "-m", "Approved", "v1")
    assert release.missing(candidate="v1").count("no sign-off of this commit") == 2


def test_a_statement_under_the_ref_of_another_commit_or_role(release: Release) -> None:
    dev, second = release.repos.dev, release.repos.second
    release.say("architect-1", "peter")
    for ref in (release.say("architect-2", "grace", commit=second), release.say("architect-1", "grace")):
        target = f"refs/signoffs/{release.repos.release}/architect-2/copied-{ref[-8:]}"
        git(dev, "update-ref", target, ref)
    assert release.missing().startswith("architect-2 has not approved the candidate")
    assert f"it is about the commit {second}" in release.missing()


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ({"environment": "dev"}, "it is for dev"),
        ({"issued": AT + 61}, "it is from after the time of the check"),
        ({"issued": AT + 60 - 7 * DAY - 1}, "which is older than 7d"),
        ({"plan": "sha256:" + "0" * 64}, "it approves another plan (steps or operation have changed)"),
    ],
)
def test_for_another_place_time_or_plan(release: Release, rest: dict[str, Any], why: str) -> None:
    release.say("architect-1", "peter")
    release.say("architect-2", "grace", **rest)
    assert release.missing().startswith("architect-2 has not approved the candidate")
    assert why in release.missing()


def test_a_key_that_has_run_out(approved: Release) -> None:
    approved.signers.allow(peter="peter@example.org", grace='grace@example.org valid-before="20260921141400"')
    assert "architect-2" in approved.missing()
    assert "does not verify for grace@example.org" in approved.missing()


@pytest.mark.parametrize("line", ["*@example.org {key}", "grac?@example.org {key}", "mallory,!peter {key}"])
def test_a_pattern_among_the_signers_decides_nothing(approved: Release, line: str) -> None:
    with approved.signers.allowed.open("a") as file:
        file.write(line.format(key=approved.signers.public("mallory")) + "\n")
    with pytest.raises(CannotKnow, match="pattern"):
        approved.judged()


def test_a_rejection_after_an_approval_and_before_one(approved: Release) -> None:
    approved.say("architect-2", "grace", "rejected", issued=AT + 1)
    assert approved.missing().startswith("architect-2 rejects the candidate")
    approved.say("architect-2", "grace", issued=AT + 2)
    assert approved.missing() == ""


def test_a_rejection_with_another_key_of_the_person(approved: Release) -> None:
    approved.signers.allow(peter="peter@example.org", grace="grace@example.org", phone="grace@example.org")
    approved.say("architect-2", "phone", "rejected", issued=AT + 1)
    assert approved.missing().startswith("architect-2 rejects the candidate")


def test_a_rejection_stands_when_the_steps_change(approved: Release) -> None:
    approved.roles = {**ROLES, "architect-2": ["grace@example.org", "ann@example.org"]}
    approved.signers.allow("peter", "grace", "ann")
    approved.say("architect-2", "grace", "rejected", issued=AT + 1, plan="sha256:of-earlier-steps")
    approved.say("architect-2", "ann", issued=AT + 2)
    assert approved.missing().startswith("architect-2 rejects the candidate")


def test_a_rejection_that_nobody_of_the_role_signed(approved: Release) -> None:
    approved.signers.allow("peter", "grace", "mallory")
    approved.say("architect-2", "mallory", "rejected", issued=AT + 1)
    approved.say("architect-2", "a stranger", "rejected", issued=AT + 1)
    assert approved.missing() == ""


@pytest.mark.parametrize("program", ["gpg.program", "gpg.ssh.program", "gpg.ssh.defaultKeyCommand", "core.fsmonitor"])
def test_no_program_of_a_repository_runs_or_has_a_say(release: Release, tmp_path: Path, program: str) -> None:
    key = release.signers.key("ada").path
    signed = ("-c", "gpg.format=ssh", "-c", f"user.signingKey={key}", "commit", "-q", "-S", "--allow-empty", "-m", "x")
    git(release.repos.dev, *signed)  # which git verifies with those programs when it shows it
    release.say("architect-1", "peter")
    release.say("architect-2", "grace")
    fired = tmp_path / "fired"
    canary = script(tmp_path / "canary", f"touch {fired}; echo 'Good \"git\" signature for grace@example.org'")
    for repo in (release.repos.prod, release.repos.dev):
        for name, value in ((program, str(canary)), ("gpg.format", "ssh"), ("log.showSignature", "true")):
            git(repo, "config", name, value)
    assert release.missing() == ""
    release.signers.allow("peter")
    assert release.missing().startswith("architect-2 has not approved the candidate")
    release.say("architect-1", "peter", issued=AT + 1)
    assert not fired.exists()

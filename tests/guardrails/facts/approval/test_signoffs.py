"""Whose sign-offs count for exactly this commit, and who made it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, snapshot
from guardrails.errors import CannotKnow
from guardrails.facts.approval.signoffs import SignOffs
from guardrails.model import Trust
from guardrails.operations.evidence.record_statements import record_sign_off
from guardrails.testing import gather
from signers import Signers, forge
from worlds.forged_objects import forge_object
from worlds.two_repositories import RELEASE, Repositories

AT = 1_790_000_000


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Signers:
    return Signers(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def repos(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Repositories:
    """For tests that leave nothing in it that counts."""
    return Repositories(tmp_path_factory.mktemp("shared"))


def record(repos: Repositories, role: str = "architect-1", decision: str = "approved", **rest: Any) -> str:
    commit = rest.pop("commit", git(repos.dev, "rev-parse", "HEAD"))
    tree = git(repos.dev, "rev-parse", f"{commit}^{{tree}}")
    said = {"environment": "prod", "signer": "peter@example.org", "issued": AT, "plan": repos.plan(commit), **rest}
    return record_sign_off(str(repos.dev), commit, tree, role, decision, **said)


def found(repos: Repositories, **rest: Any) -> SignOffs:
    return gather(SignOffs, repos.world("promote", **{"candidate": RELEASE, "at": AT + 60, **rest}))


def signed(repos: Repositories, signers: Signers, **rest: Any) -> SignOffs:
    return found(repos, trust=Trust(str(signers.allowed)), **rest)


def test_none(repos: Repositories) -> None:
    seen = found(repos)
    assert (seen.environment, seen.commit, seen.found, seen.ignored) == ("prod", repos.release, (), ())
    assert (seen.signed, seen.committed_at) == (False, 1_700_000_000)


def test_an_unsigned_one_speaks_for_whom_it_names(repos: Repositories) -> None:
    record(repos, signer="Peter@Example.org", after=("architect-2",))
    before = snapshot(repos.prod, repos.dev)
    (one,) = found(repos).found
    assert (one.role, one.decision, one.principals) == ("architect-1", "approved", ("Peter@Example.org",))
    assert (one.person, one.at, one.after) == (("peter@example.org",), AT, ("architect-2",))
    assert snapshot(repos.prod, repos.dev) == before


def test_a_signed_one_speaks_for_its_key_whatever_it_says(repos: Repositories, signers: Signers) -> None:
    signers.allow("grace")
    record(repos, signer="peter@example.org", key=signers.key("grace"))
    (one,) = signed(repos, signers).found
    assert (one.principals, one.person) == (("grace@example.org",), ("grace@example.org",))


def test_only_signed_ones_count_where_signers_are_named(repos: Repositories, signers: Signers) -> None:
    signers.allow("peter")
    record(repos)
    record(repos, key=signers.key("mallory"))
    seen = signed(repos, signers)
    assert (seen.signed, seen.found, len(seen.ignored)) == (True, (), 2)


def test_a_signature_for_test_results_approves_nothing(repos: Repositories, signers: Signers) -> None:
    signers.allow(peter='peter@example.org namespaces="guardrails-attest"')
    record(repos, key=signers.key("peter"))
    assert signed(repos, signers).found == ()


@pytest.mark.parametrize("latest", ["approved", "rejected"])
def test_the_newest_of_a_person_counts(repos: Repositories, latest: str) -> None:
    record(repos, decision="approved", issued=AT + (latest == "approved"))
    record(repos, decision="rejected", issued=AT + (latest == "rejected"))
    assert [one.decision for one in found(repos).found] == [latest]


def test_at_the_same_time_the_rejection_counts(repos: Repositories) -> None:
    record(repos, decision="rejected")
    record(repos, decision="approved")
    assert [one.decision for one in found(repos).found] == ["rejected"]


@pytest.mark.parametrize("later", [0, 1])
def test_the_newest_of_a_person_with_two_keys_counts(repos: Repositories, signers: Signers, later: int) -> None:
    signers.allow(old="peter@example.org", new="peter@example.org")
    record(repos, decision="rejected", key=signers.key("new"), issued=AT + later)
    record(repos, decision="approved", key=signers.key("old"))
    assert [one.decision for one in signed(repos, signers).found] == ["rejected"]


def test_two_people_in_one_role_are_both_told(repos: Repositories, signers: Signers) -> None:
    signers.allow("peter", "ann")
    record(repos, decision="rejected", key=signers.key("ann"))
    record(repos, decision="approved", key=signers.key("peter"), issued=AT + 1)
    assert [one.decision for one in signed(repos, signers).found] == ["rejected", "approved"]


def test_one_person_by_two_names_of_one_key(repos: Repositories, signers: Signers) -> None:
    signers.allow(peter="peter@example.org,grace@example.org")
    for role in ("architect-1", "architect-2"):
        record(repos, role, key=signers.key("peter"))
    one, other = signed(repos, signers).found
    assert one.person == other.person


def test_an_amended_commit_loses_them(repos: Repositories) -> None:
    record(repos)
    git(repos.dev, "commit", "-q", "--amend", "-m", "Another message")
    assert found(repos).found == ()


def test_one_of_another_commit_under_the_name_of_this_one(repos: Repositories) -> None:
    ref = record(repos, commit=repos.second)
    git(repos.dev, "update-ref", f"refs/signoffs/{repos.release}/architect-1/copied", ref)
    assert [one.why for one in found(repos).ignored] == [f"it is about the commit {repos.second}"]


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ({"environment": "dev"}, "it is for dev"),
        ({"issued": AT + 61}, "it is from after the time of the check"),
        ({"plan": "sha256:0"}, "it approves another plan (steps or operation have changed)"),
    ],
)
def test_one_that_is_meant_for_another_place_time_or_plan(repos: Repositories, rest: dict[str, Any], why: str) -> None:
    record(repos, **rest)
    seen = found(repos)
    assert (seen.found, [one.why for one in seen.ignored]) == ((), [why])


@pytest.mark.parametrize(
    "changes",
    [
        {"predicateType": "https://in-toto.io/attestation/test-result/v0.1"},
        {"predicate.decision": "approved, mostly"},
        {"predicate.role": ""},
        {"predicate.role": None},
        {"predicate.environment": 1},
        {"predicate.signer": None},
        {"predicate.issuedOn": "2026-02-01"},
        {"predicate.after": "architect-1"},
        {"predicate.after": [1]},
        {"predicate.notes": ["fine"]},
    ],
    ids=str,
)
def test_what_makes_no_sense_cannot_be_known(shared: Repositories, changes: dict[str, Any]) -> None:
    ref = forge(shared.dev, record(shared), changes)
    with pytest.raises(CannotKnow, match=ref):
        found(shared)
    git(shared.dev, "update-ref", "-d", ref)


@pytest.mark.parametrize(
    "more", [{"configured": ("rm -rf /",)}, {"moves_head_to": "upstream"}, {"operation": "update"}]
)
def test_other_steps_or_another_operation_lose_the_approvals(repos: Repositories, more: dict[str, Any]) -> None:
    record(repos, "architect-1")
    record(repos, "architect-2", decision="rejected")
    changed = {"operation": "promote", "candidate": RELEASE, "at": AT + 60, "moves_head_to": "candidate", **more}
    seen = gather(SignOffs, repos.world(changed.pop("operation"), **changed))
    assert [one.why for one in seen.ignored] == ["it approves another plan (steps or operation have changed)"]
    assert [one.decision for one in seen.found] == ["rejected"], (
        "a rejection is of the commit, whatever is done with it"
    )


def test_steps_in_which_the_names_are_filled_are_those_that_were_approved(repos: Repositories) -> None:
    record(repos)
    assert len(found(repos, steps=(f"git merge --ff-only {repos.release}",)).found) == 1


def test_without_an_operation_nothing_is_approved(repos: Repositories) -> None:
    with pytest.raises(CannotKnow):
        gather(SignOffs, repos.world(None))


# Who made it


def made(repos: Repositories, message: str = "More", **who: str) -> None:
    (repos.dev / "more.txt").write_text(f"{message} {who}\n")
    git(repos.dev, "add", "-A")
    variables = {f"GIT_{name.upper()}": value for name, value in who.items()}
    git(repos.dev, "commit", "-qm", message, env=variables)


def test_authors_and_committers_of_every_new_commit(repos: Repositories) -> None:
    made(repos, author_name="Bob", author_email="bob@example.org")
    made(repos, committer_name="Eve", committer_email="eve@example.org", committer_date="1750000000 +0000")
    seen = found(repos)
    assert seen.makers == (
        "Ada Example", "Bob", "Eve", "ada@example.org", "bob@example.org", "eve@example.org",
    )  # fmt: skip
    assert seen.committed_at == 1_750_000_000


@pytest.mark.parametrize(
    "line",
    [
        "Co-authored-by: Peter <peter@example.org>",
        "co-Authored-By:   Peter   <peter@example.org>  ",
        "Co-authored-by: Peter <peter@example.org>\n\nNot at the end, so git takes it for no trailer",
    ],
)
def test_co_authors(repos: Repositories, line: str) -> None:
    made(repos, f"More\n\n{line}")
    assert {"Peter", "peter@example.org"} <= set(found(repos).makers)


def test_a_commit_that_was_forged_hides_no_maker(repos: Repositories) -> None:
    hidden = git(repos.dev, "rev-parse", "HEAD")
    made(repos)
    forge_object(repos.dev, hidden, "commit", b"author ", b"author Mallory ")
    with pytest.raises(CannotKnow, match=f"{hidden} of .* holds other bytes than its id says"):
        found(repos)


def test_names_in_another_encoding(repos: Repositories) -> None:
    git(repos.dev, "config", "i18n.commitEncoding", "ISO-8859-1")
    made(repos, author_name="J\udcfcrgen")
    assert "Jürgen" in found(repos).makers


def test_long_lines_of_a_message_take_no_time(repos: Repositories) -> None:
    made(repos, "More\n\n" + " " * 50_000 + "x\nCo-authored-by:" + " " * 50_000 + "<" * 10_000 + "x@example.org>  ")
    assert "x@example.org" in found(repos).makers


def test_those_of_commits_that_prod_has_already_are_no_makers(repos: Repositories) -> None:
    repos.promote()
    assert found(repos).makers == ()


def test_a_configuration_that_would_garble_the_log_does_not(repos: Repositories) -> None:
    made(repos, "More\n\nCo-authored-by: Peter <peter@example.org>")
    for repo in (repos.prod, repos.dev):
        for name, value in (
            ("i18n.logOutputEncoding", "UTF-16"), ("trailer.separators", "="), ("log.mailmap", "true"),
            ("format.pretty", "oneline"), ("log.date", "relative"), ("log.showSignature", "true"),
        ):  # fmt: skip
            git(repo, "config", name, value)
    (repos.prod / ".mailmap").write_text("Nobody <nobody@example.org> <peter@example.org>\n")
    assert "peter@example.org" in found(repos).makers


def test_a_history_that_is_cut_short_cannot_be_known(repos: Repositories) -> None:
    git(repos.folder, "clone", "-q", "--depth=1", "--template=", f"file://{repos.dev}", "cut")
    repos.dev.rename(repos.folder / "whole")
    (repos.folder / "cut").rename(repos.dev)
    with pytest.raises(CannotKnow, match="shallow"):
        found(repos)


# Who fills which role


@pytest.mark.parametrize(
    ("approvers", "filled"),
    [
        ({}, ""),
        ({"a": [], "b": ["p"]}, "b"),
        ({"a": ["p"], "b": ["p"]}, "a"),
        ({"a": ["p", "q"], "b": ["p"]}, "ab"),
        ({"a": ["p"], "b": ["p", "q"], "c": ["q", "r"]}, "abc"),
        ({"a": ["p", "q"], "b": ["p", "q"], "c": ["p", "q"]}, "ab"),
    ],
)
def test_as_many_roles_as_different_people_can_fill(approvers: dict[str, list[str]], filled: str) -> None:
    people: dict[str, list[tuple[str, ...]]] = {role: [(name,) for name in names] for role, names in approvers.items()}
    assert SignOffs.by_different_people(people) == set(filled)

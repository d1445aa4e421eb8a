"""A sign-off is kept where the candidate is, and read as it was meant."""

import time
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.approval.signoffs import SignOff, SignOffs
from guardrails.operations.evidence.signoff import sign_off
from guardrails.testing import gather
from worlds.two_repositories import RELEASE, Repositories


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def found(repositories: Repositories) -> tuple[SignOff, ...]:
    return gather(SignOffs, repositories.world("promote", candidate=RELEASE, at=time.time() + 1)).found


def test_by_the_name_of_the_release(repositories: Repositories) -> None:
    world = repositories.world("promote", candidate=RELEASE)
    done = sign_off(world, "architect-1", "approved", signer="a@example.org", after=("architect-2",))

    [one] = found(repositories)
    assert (done.commit, done.subject, done.ref) == (repositories.release, "release one", one.ref)
    assert done.plan == repositories.plan(repositories.release)
    assert (one.role, one.decision, one.principals, one.after) == (
        "architect-1", "approved", ("a@example.org",), ("architect-2",),
    )  # fmt: skip
    assert git(repositories.dev, "for-each-ref", "--format=%(refname)", "refs/signoffs") == done.ref
    assert git(repositories.prod, "for-each-ref", "refs/signoffs") == ""


def test_the_address_that_git_knows_of_the_user(repositories: Repositories) -> None:
    world = repositories.world("promote", candidate=RELEASE, home=str(repositories.folder))
    with pytest.raises(UsageError, match="who signs off"):
        sign_off(world, "architect-1", "rejected")
    (repositories.folder / ".gitconfig").write_text("[user]\n\temail = me@example.org\n")
    sign_off(world, "architect-1", "rejected")

    assert [one.principals for one in found(repositories)] == [("me@example.org",)]


@pytest.mark.parametrize("role", ["", "../x", "a b", "-f"])
def test_a_role_that_no_ref_can_be_called(repositories: Repositories, role: str) -> None:
    with pytest.raises(UsageError):
        sign_off(repositories.world("promote", candidate=RELEASE), role, "approved", signer="a@example.org")


def test_a_commit_that_is_nowhere(repositories: Repositories) -> None:
    with pytest.raises(CannotKnow):
        sign_off(repositories.world("promote", candidate="nowhere"), "architect-1", "approved", signer="a@example.org")

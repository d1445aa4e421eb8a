"""What must descend from what, in a promotion and in a push."""

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.operation.descent import Descent
from guardrails.model import RefUpdate
from guardrails.testing import gather, world
from worlds.two_repositories import RELEASE, Repositories

REFS = ("refs/heads/main", "refs/heads/release/*")


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def test_in_a_promotion_the_candidate_from_head(repositories: Repositories) -> None:
    descent = gather(Descent, repositories.world("promote", candidate=RELEASE), REFS)

    [ancestry] = descent.ancestries
    assert (descent.base, ancestry.relation, ancestry.candidate.commit) == ("HEAD", "descendant", repositories.release)


def test_in_a_push_the_protected_refs_that_have_an_old_commit(repositories: Repositories) -> None:
    old, new = repositories.second, repositories.release
    updates = (
        RefUpdate("refs/heads/main", old, new),
        RefUpdate("refs/heads/release/v2", "0" * 40, new),
        RefUpdate("refs/heads/release/v1", new, old),
        RefUpdate("refs/heads/feature", new, old),
        RefUpdate("refs/tags/v1", old, new),
    )
    descent = gather(Descent, world(repositories.dev, operation="push", updates=updates), REFS)

    assert descent.base == "the remote's"
    assert [(one.candidate.name, one.relation) for one in descent.ancestries] == [
        ("refs/heads/main", "descendant"),
        ("refs/heads/release/v1", "ancestor"),
    ]


def test_in_a_push_another_name_of_a_protected_ref(repositories: Repositories) -> None:
    git(repositories.dev, "update-ref", "refs/heads/main", repositories.release)
    git(repositories.dev, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    update = RefUpdate("refs/heads/alias", repositories.release, repositories.first)
    descent = gather(Descent, world(repositories.dev, operation="push", updates=(update,)), REFS)

    assert [(one.candidate.name, one.relation) for one in descent.ancestries] == [("refs/heads/alias", "ancestor")]

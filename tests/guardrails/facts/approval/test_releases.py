"""The branch that a release is made on, as it is in the repository that candidates come from."""

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails import Environment
from guardrails.errors import CannotKnow
from guardrails.facts.approval.releases import ReleaseSource
from guardrails.testing import gather, world
from worlds.two_repositories import RELEASE, Repositories, head


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def promoted(repositories: Repositories, candidate: str | None) -> ReleaseSource:
    return gather(ReleaseSource, repositories.world("promote", candidate=candidate))


def released(repositories: Repositories) -> ReleaseSource:
    return gather(ReleaseSource, world(repositories.dev, operation="release"))


def test_a_candidate_by_name(repositories: Repositories) -> None:
    source = promoted(repositories, RELEASE)

    assert (source.repo, source.branch, source.name) == (str(repositories.dev), RELEASE, RELEASE)
    assert source.candidate == source.commit == repositories.release
    assert source.tips == ((RELEASE, repositories.release),)
    assert (source.tagged, source.dirt) == (False, ())


def test_a_candidate_in_full(repositories: Repositories) -> None:
    assert promoted(repositories, f"refs/heads/{RELEASE}").name == RELEASE
    assert promoted(repositories, repositories.release).tips == ((RELEASE, repositories.release),)
    assert promoted(repositories, repositories.second).tips == (("main", repositories.second),)
    assert promoted(repositories, repositories.first).tips == ()


def test_making_a_release_needs_no_candidate(repositories: Repositories) -> None:
    source = released(repositories)

    assert (source.name, source.candidate, source.tips) == (
        RELEASE,
        repositories.release,
        ((RELEASE, repositories.release),),
    )


def test_a_detached_head(repositories: Repositories) -> None:
    git(repositories.dev, "checkout", "-q", "--detach")

    assert (released(repositories).branch, released(repositories).name, released(repositories).tips) == (None, "", ())


def test_a_branch_that_is_ahead_of_the_candidate(repositories: Repositories) -> None:
    git(repositories.dev, "tag", "tested")
    repositories.commit(repositories.dev, "one more")

    source = promoted(repositories, RELEASE)
    assert source.candidate == head(repositories.dev)
    assert promoted(repositories, "tested").tips == ()


def test_a_tag_of_the_same_name(repositories: Repositories) -> None:
    git(repositories.dev, "tag", RELEASE)

    assert released(repositories).tagged
    assert promoted(repositories, f"refs/heads/{RELEASE}").tagged
    with pytest.raises(CannotKnow, match="ambiguous"):
        promoted(repositories, RELEASE)


def test_what_is_not_committed(repositories: Repositories) -> None:
    (repositories.dev / "first.txt").write_text("changed\n")
    (repositories.dev / "new file.ts").write_text("new\n")

    assert sorted(released(repositories).dirt) == ["first.txt", "new file.ts"]
    assert sorted(promoted(repositories, RELEASE).dirt) == ["first.txt", "new file.ts"]


def test_no_candidate_and_no_repository(repositories: Repositories) -> None:
    with pytest.raises(CannotKnow, match="needs a candidate"):
        promoted(repositories, None)
    nowhere = Environment(name="dev", repo=str(repositories.folder / "nowhere"))
    with pytest.raises(CannotKnow, match="is not there"):
        gather(ReleaseSource, world(repositories.prod, operation="promote", candidate="x", candidate_from=nowhere))

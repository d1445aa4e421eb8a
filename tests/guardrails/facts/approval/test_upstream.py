"""Where updates come from: the ref, the commits on either side, the remote's address, and how old the ref is."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.approval.upstream import FETCHED, Upstream
from guardrails.testing import gather
from worlds.two_repositories import Repositories

NOW = 1_800_000_000.0
FETCH = "2027-01-15T07:00:00Z"  # an hour before


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def seen(repositories: Repositories, **rest: Any) -> Upstream:
    return gather(Upstream, repositories.world(**{"at": NOW, "home": str(repositories.folder), **rest}))


def note_fetch(repo: Path, said: object) -> None:
    blob = git(repo, "hash-object", "-w", "--stdin", stdin=json.dumps(said).encode())
    git(repo, "update-ref", FETCHED, blob)


def test_the_same_commit(repositories: Repositories) -> None:
    before = snapshot(repositories.prod)
    upstream = seen(repositories)

    assert (upstream.commit, upstream.head) == (repositories.second, repositories.second)
    assert (upstream.ahead, upstream.behind, upstream.related) == ((), (), True)
    assert upstream.url == upstream.effective_url == str(repositories.upstream)
    assert snapshot(repositories.prod) == before


def test_ahead_behind_and_diverged(repositories: Repositories) -> None:
    repositories.commit(repositories.prod, "ours")
    assert [one.subject for one in seen(repositories).ahead] == ["ours"]

    repositories.commit(repositories.upstream, "theirs")
    git(repositories.prod, "fetch", "-q", "upstream")
    upstream = seen(repositories)
    assert [one.subject for one in upstream.ahead] == ["ours"]
    assert [one.subject for one in upstream.behind] == ["theirs"]
    assert upstream.related


def test_behind_alone(repositories: Repositories) -> None:
    git(repositories.prod, "reset", "-q", "--hard", repositories.first)

    assert [one.subject for one in seen(repositories).behind] == ["second"]


def test_no_common_history(repositories: Repositories) -> None:
    stranger = git(repositories.prod, "commit-tree", "-m", "From nowhere", "HEAD^{tree}")
    git(repositories.prod, "update-ref", "refs/remotes/upstream/main", stranger)

    assert not seen(repositories).related


def test_a_ref_that_is_not_there(repositories: Repositories) -> None:
    git(repositories.prod, "update-ref", "-d", "refs/remotes/upstream/main")

    assert seen(repositories).commit is None


def test_a_local_branch_of_that_name_is_not_upstream(repositories: Repositories) -> None:
    git(repositories.prod, "branch", "upstream/main", repositories.first)

    assert seen(repositories).commit == repositories.second


def test_a_ref_that_is_no_commit(repositories: Repositories) -> None:
    tree = git(repositories.prod, "rev-parse", "HEAD^{tree}")
    git(repositories.prod, "update-ref", "refs/remotes/upstream/main", tree)

    with pytest.raises(CannotKnow, match="not a commit"):
        seen(repositories)


def test_a_shallow_clone_cannot_tell(repositories: Repositories) -> None:
    shallow = repositories.folder / "shallow"
    git(repositories.folder, "clone", "-q", "-o", "upstream", "--depth=1", f"file://{repositories.upstream}", shallow)
    repositories.prod = shallow

    with pytest.raises(CannotKnow, match="whole history"):
        seen(repositories)


def test_no_upstream_is_configured(repositories: Repositories) -> None:
    with pytest.raises(CannotKnow, match="no upstream"):
        seen(repositories, upstream=None)


@pytest.mark.parametrize("place", ["repository", "home"])
def test_an_address_that_git_rewrites(repositories: Repositories, place: str) -> None:
    settings = repositories.prod / ".git/config" if place == "repository" else repositories.folder / ".gitconfig"
    rule = f'[url "/srv/elsewhere"]\n\tinsteadOf = {repositories.upstream}\n'
    settings.write_text((settings.read_text() if settings.exists() else "") + rule)

    upstream = seen(repositories)
    assert (upstream.url, upstream.effective_url) == (str(repositories.upstream), "/srv/elsewhere")


def test_a_remote_without_an_address(repositories: Repositories) -> None:
    git(repositories.prod, "config", "--remove-section", "remote.upstream")

    assert (seen(repositories).url, seen(repositories).effective_url) == (None, None)


def test_our_own_record_of_a_fetch(repositories: Repositories) -> None:
    assert seen(repositories).fetched_at is None

    note_fetch(repositories.prod, {"upstream/main": {"commit": repositories.second, "at": FETCH}})
    assert seen(repositories).fetched_at == NOW - 3600


@pytest.mark.parametrize(
    "entry", [{"commit": "0" * 40, "at": FETCH}, {"commit": "SECOND", "at": "2027-01-15T09:00:00Z"}], ids=str
)
def test_a_record_of_another_commit_or_of_the_future_says_nothing(
    repositories: Repositories, entry: dict[str, str]
) -> None:
    commit = entry["commit"].replace("SECOND", repositories.second)
    note_fetch(repositories.prod, {"upstream/main": {**entry, "commit": commit}})

    assert seen(repositories).fetched_at is None


@pytest.mark.parametrize("said", [[], {"upstream/main": 5}, {"upstream/main": {"commit": "SECOND", "at": "today"}}])
def test_a_record_that_makes_no_sense(repositories: Repositories, said: object) -> None:
    note_fetch(repositories.prod, json.loads(json.dumps(said).replace("SECOND", repositories.second)))

    with pytest.raises(CannotKnow, match="makes no sense"):
        seen(repositories)


def test_the_remote_is_asked_only_when_it_is_to_be(repositories: Repositories) -> None:
    new = repositories.commit(repositories.upstream, "theirs")

    assert seen(repositories).online is None
    assert seen(repositories, online=True).online == new
    assert seen(repositories, online=True).commit == repositories.second


def test_a_remote_that_gives_no_answer(repositories: Repositories) -> None:
    os.rename(repositories.upstream, repositories.folder / "gone")

    with pytest.raises(CannotKnow, match="gave no answer"):
        seen(repositories, online=True)


def test_asking_the_remote_runs_nothing_that_the_repository_names(repositories: Repositories) -> None:
    ran = repositories.folder / "ran"
    git(repositories.prod, "config", "remote.upstream.uploadpack", f"touch {ran}; git-upload-pack")
    git(repositories.prod, "config", "core.sshCommand", f"touch {ran}")
    git(repositories.prod, "config", "credential.helper", f"!touch {ran}")

    assert seen(repositories, online=True).online == repositories.second
    git(repositories.prod, "config", "remote.upstream.url", f"ext::sh -c touch% {ran}")
    with pytest.raises(CannotKnow):
        seen(repositories, online=True)
    assert not ran.exists()

"""Refs are read as they are spelled, whatever else has a name that git would take for them."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.git import refs
from guardrails.facts.git.reader import Repository
from guardrails.facts.programs.side_by_side import run_to_end
from worlds.two_repositories import Repositories

NAMES = (
    "refs/guardrails/deployments",
    "refs/guardrails/audit",
    "refs/guardrails/fetched",
    "refs/remotes/upstream/main",
    "refs/tags/v1",
    "refs/heads/release/v1",
    "refs/stash",
)
IMPOSTORS = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def answer(question: Coroutine[Any, Any, Any]) -> Any:
    return run_to_end(question)


@pytest.mark.parametrize("impostor", IMPOSTORS)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_stands_in_for_a_ref(repositories: Repositories, name: str, impostor: str) -> None:
    repo, reader = repositories.dev, Repository(str(repositories.dev))
    git(repo, "update-ref", "-d", name)
    git(repo, "update-ref", "--create-reflog", impostor.format(name), repositories.first)
    assert git(repo, "rev-parse", name) == repositories.first, "git itself takes it for the ref"

    assert answer(refs.read_ref(reader, name)) is None
    assert answer(refs.commit_of(reader, name)) is None
    assert answer(refs.resolve_revision(reader, name)) is None
    assert answer(refs.read_reflog(reader, name)) == []
    git(repo, "update-ref", name, repositories.second)
    assert answer(refs.read_ref(reader, name)) == repositories.second
    assert answer(refs.commit_of(reader, name)) == repositories.second
    assert answer(refs.resolve_revision(reader, name)) == repositories.second


@pytest.mark.parametrize("name", ["HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD"])
@pytest.mark.parametrize("impostor", IMPOSTORS[1:])
def test_nothing_stands_in_for_what_lies_beside_the_refs(
    repositories: Repositories, tmp_path: Path, name: str, impostor: str
) -> None:
    repo = tmp_path / "unborn"
    git(tmp_path, "clone", "-q", "--template=", repositories.upstream, repo)
    git(repo, "symbolic-ref", "HEAD", "refs/heads/unborn")
    git(repo, "update-ref", impostor.format(name), repositories.first)
    reader = Repository(str(repo))

    assert answer(refs.read_beside_refs(reader, name)) is None
    if name == "HEAD":
        assert answer(refs.resolve_revision(reader, "HEAD~0")) is None
    git(repo, "update-ref", name, repositories.second)
    assert answer(refs.read_beside_refs(reader, name)) == repositories.second


def test_an_annotated_tag_leads_to_its_commit_and_a_tree_to_none(repositories: Repositories) -> None:
    repo, reader = repositories.dev, Repository(str(repositories.dev))
    git(repo, "tag", "-a", "-m", "one", "v1", repositories.first)
    git(repo, "update-ref", "refs/tags/tree", git(repo, "rev-parse", "HEAD^{tree}"))

    assert answer(refs.read_ref(reader, "refs/tags/v1")) == git(repo, "rev-parse", "v1")
    assert answer(refs.commit_of(reader, "refs/tags/v1")) == repositories.first
    with pytest.raises(CannotKnow, match="not a commit"):
        answer(refs.commit_of(reader, "refs/tags/tree"))


def test_a_broken_ref_is_no_missing_one(repositories: Repositories) -> None:
    reader = Repository(str(repositories.dev))
    for content in ("garbage\n", ""):
        (repositories.dev / ".git/refs/heads/broken").write_text(content)
        for question in (refs.read_ref(reader, "refs/heads/broken"), refs.list_refs(reader, "refs/heads")):
            with pytest.raises(CannotKnow, match="broken"):
                answer(question)


@pytest.mark.parametrize("name", ["a\u2028b", "a\x85b", "ü", "a;b", "-x"])
def test_a_name_is_one_whatever_is_in_it(repositories: Repositories, name: str) -> None:
    reader = Repository(str(repositories.dev))
    git(repositories.dev, "update-ref", f"refs/rescue/{name}", repositories.first)

    assert answer(refs.list_refs(reader, "refs/rescue/")) == [refs.Ref(f"refs/rescue/{name}", repositories.first)]


def test_many_names_at_once(repositories: Repositories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refs, "_AT_ONCE", 2)
    there = [f"refs/tags/v{number}" for number in range(5)]
    for name in there:
        git(repositories.dev, "update-ref", name, repositories.first)

    found = answer(refs.read_refs(Repository(str(repositories.dev)), [*there, "refs/tags/none"]))
    assert found == dict.fromkeys(there, repositories.first)


def test_symbolic_refs_and_where_they_end(repositories: Repositories) -> None:
    repo, reader = repositories.dev, Repository(str(repositories.dev))
    main = git(repo, "symbolic-ref", "HEAD")
    for name, target in {"b": "refs/heads/a", "a": main, "lost": "refs/heads/none"}.items():
        git(repo, "symbolic-ref", f"refs/heads/{name}", target)
    git(repo, "symbolic-ref", "-d", "refs/remotes/upstream/HEAD")

    assert answer(refs.read_symbolic(reader)) == {"refs/heads/a": main, "refs/heads/b": main}
    assert answer(refs.find_destination(reader, "refs/heads/b")) == main
    assert answer(refs.find_destination(reader, "refs/heads/lost")) == "refs/heads/none"
    assert answer(refs.find_destination(reader, "refs/heads/none")) == "refs/heads/none"
    assert answer(refs.find_destination(reader, "HEAD")) == main
    git(repo, "symbolic-ref", "refs/heads/x", "refs/heads/y")
    git(repo, "symbolic-ref", "refs/heads/y", "refs/heads/x")
    with pytest.raises(CannotKnow):
        answer(refs.find_destination(reader, "refs/heads/x"))


def test_what_a_person_writes_may_be_short_but_not_two_things(repositories: Repositories) -> None:
    repo, reader = repositories.dev, Repository(str(repositories.dev))
    first, short = repositories.first, repositories.first[:10]
    git(repo, "branch", "short", first)

    for text in ("short", "heads/short", "refs/heads/short", short, first, "short^{}", "short@{0}", "v9-1-g" + short):
        assert answer(refs.resolve_revision(reader, text)) == first, text
    for text in ("none", "refs/heads/none", "short~9", ""):
        assert answer(refs.resolve_revision(reader, text)) is None, text
    with pytest.raises(CannotKnow, match="not a commit"):
        answer(refs.resolve_revision(reader, "f" * 40))
    git(repo, "tag", "short", first)
    git(repo, "tag", short, first)
    git(repo, "update-ref", f"refs/heads/{first}", repositories.second)
    for text in ("short", "short~0", short):
        with pytest.raises(CannotKnow, match="ambiguous"):
            answer(refs.resolve_revision(reader, text))
    assert answer(refs.resolve_revision(reader, first)) == first, "a full id is itself"
    assert answer(refs.resolve_revision(reader, "refs/heads/short")) == first

"""How the candidate descends from what is checked out, when nobody cheats."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from dirty.dirty import commit, git, make_repository, snapshot
from guardrails.errors import CannotKnow
from guardrails.facts.operation.candidate import Ancestry
from guardrails.testing import Environment, gather, world


def relate(prod: Path, candidate: str | None, dev: Path | None = None, **rest: object) -> Ancestry:
    """Ask as `check --op promote --candidate` would; `dev` is where candidates come from."""
    source = Environment(name="dev", repo=str(dev)) if dev else None
    return gather(Ancestry, world(prod, operation="promote", candidate=candidate, candidate_from=source, **rest))


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


@pytest.fixture
def dev(prod: Path) -> Path:
    """A second clone of the same upstream, with one commit of its own on `release/x`."""
    git(prod.parent, "clone", "-q", "-o", "upstream", "--no-hardlinks", "--template=", "upstream", "dev")
    dev = prod.parent / "dev"
    git(dev, "checkout", "-qb", "release/x")
    step(dev, "Release")
    return dev


def head(repo: Path, name: str = "HEAD") -> str:
    return git(repo, "rev-parse", "--verify", f"{name}^{{commit}}")


def step(repo: Path, message: str) -> str:
    """One more commit, different from every other."""
    (repo / "other.txt").write_text(f"{message} in {repo.name}\n")
    return commit(repo, message)


def stranger(repo: Path, name: str) -> str:
    """A branch without a common commit."""
    tree = git(repo, "rev-parse", "HEAD^{tree}")
    oid = git(repo, "commit-tree", "-m", "From nowhere", tree)
    git(repo, "branch", name, oid)
    return oid


# Within one repository


@pytest.mark.parametrize("name", ["main", "HEAD", "upstream/main", "refs/heads/main", "main^{}", "@"])
def test_same(prod: Path, name: str) -> None:
    seen = relate(prod, name)
    assert (seen.relation, seen.head, seen.candidate.commit) == ("same", head(prod), head(prod))


def test_descendant(prod: Path) -> None:
    git(prod, "checkout", "-qb", "release/x")
    step(prod, "One")
    new = step(prod, "Two")
    git(prod, "checkout", "-q", "main")
    seen = relate(prod, "release/x")
    assert (seen.relation, seen.candidate.commit, seen.candidate.name) == ("descendant", new, "release/x")


def test_ancestor(prod: Path) -> None:
    assert relate(prod, "HEAD~1").relation == "ancestor"


def test_diverged(prod: Path) -> None:
    base = head(prod)
    git(prod, "checkout", "-qb", "release/x")
    step(prod, "Theirs")
    git(prod, "checkout", "-q", "main")
    step(prod, "Ours")
    seen = relate(prod, "release/x")
    assert (seen.relation, seen.base) == ("diverged", base)


def test_a_merge_of_head_into_the_candidate_is_a_descendant(prod: Path) -> None:
    git(prod, "checkout", "-qb", "release/x", "HEAD~1")
    (prod / "new.txt").write_text("new\n")
    commit(prod)
    git(prod, "merge", "-q", "-m", "Merge", "main")
    git(prod, "checkout", "-q", "main")
    assert relate(prod, "release/x").relation == "descendant"


def test_unrelated(prod: Path) -> None:
    stranger(prod, "release/x")
    seen = relate(prod, "release/x")
    assert (seen.relation, seen.base) == ("unrelated", None)


def test_from_a_detached_head_and_a_linked_work_tree(prod: Path) -> None:
    git(prod, "worktree", "add", "-q", "--detach", prod.parent / "linked", "HEAD~1")
    assert relate(prod.parent / "linked", "main").relation == "descendant"


# Across two repositories


def test_a_candidate_that_only_dev_has(prod: Path, dev: Path) -> None:
    before = snapshot(prod, dev)
    seen = relate(prod, "release/x", dev)
    assert (seen.relation, seen.candidate.commit, seen.head) == ("descendant", head(dev), head(prod))
    assert seen.repo == str(prod.resolve())
    assert snapshot(prod, dev) == before


def test_diverged_across_two_stores(prod: Path, dev: Path) -> None:
    base = head(prod)
    step(prod, "Hotfix")
    before = snapshot(prod, dev)
    seen = relate(prod, "release/x", dev)
    assert (seen.relation, seen.base) == ("diverged", base)
    assert snapshot(prod, dev) == before


def test_unrelated_across_two_stores(prod: Path, dev: Path) -> None:
    stranger(dev, "release/odd")
    assert relate(prod, "release/odd", dev).relation == "unrelated"


def test_prod_ahead_of_the_candidate(prod: Path, dev: Path) -> None:
    git(prod, "fetch", "-q", dev, "release/x")
    git(prod, "merge", "-q", "--ff-only", "FETCH_HEAD")
    step(prod, "Direct edit")
    assert relate(prod, "release/x", dev).relation == "ancestor"


def test_packed_objects_of_dev(prod: Path, dev: Path) -> None:
    git(dev, "gc", "-q")
    assert relate(prod, "release/x", dev).relation == "descendant"


def test_dev_as_a_linked_work_tree(prod: Path, dev: Path) -> None:
    git(dev, "worktree", "add", "-q", "--detach", prod.parent / "linked", "release/x")
    assert relate(prod, "release/x", prod.parent / "linked").relation == "descendant"


def test_dev_that_borrows_its_objects(prod: Path, dev: Path) -> None:
    git(prod.parent, "clone", "-q", "--shared", "--template=", "dev", "borrower")
    git(prod.parent / "borrower", "branch", "release/y")
    assert relate(prod, "release/y", prod.parent / "borrower").relation == "descendant"


@pytest.mark.parametrize("name", ["with:colon", '"quoted"', "line\nbreak", "back\\slash", "caf\u00e9 $(x)"])
def test_dev_in_a_folder_whose_name_is_hard_to_say(prod: Path, dev: Path, name: str) -> None:
    dev.rename(prod.parent / name)
    try:
        assert relate(prod, "release/x", prod.parent / name).relation == "descendant"
    except CannotKnow:
        assert "\n" in name  # git prints paths by lines


def test_dev_and_prod_as_one_repository(prod: Path) -> None:
    assert relate(prod, "HEAD~1", prod).relation == "ancestor"


# What the candidate may be called


def test_a_full_id(prod: Path, dev: Path) -> None:
    assert relate(prod, head(dev), dev).relation == "descendant"
    assert relate(prod, head(prod)).relation == "same"


def test_a_full_id_that_a_branch_of_dev_is_named_after(prod: Path, dev: Path) -> None:
    git(dev, "update-ref", f"refs/heads/{head(prod)}", head(dev))
    assert relate(prod, head(prod), dev).candidate.commit == head(prod)


def test_an_abbreviated_id(prod: Path, dev: Path) -> None:
    assert relate(prod, head(dev)[:12], dev).candidate.commit == head(dev)


def test_an_annotated_tag_is_peeled(prod: Path, dev: Path) -> None:
    git(dev, "tag", "-a", "-m", "Release", "v1")
    git(dev, "tag", "-a", "-m", "Tag of a tag", "v1-again", "v1")
    for name in ("v1", "v1-again", "refs/tags/v1"):
        seen = relate(prod, name, dev)
        assert (seen.relation, seen.candidate.commit) == ("descendant", head(dev))


def test_the_same_name_for_the_same_commit_in_both(prod: Path, dev: Path) -> None:
    git(prod, "fetch", "-q", dev, "release/x:release/x")
    assert relate(prod, "release/x", dev).candidate.commit == head(dev)


def test_the_same_name_for_different_commits(prod: Path, dev: Path) -> None:
    git(prod, "branch", "release/x")
    with pytest.raises(CannotKnow, match="release/x"):
        relate(prod, "release/x", dev)


def test_a_tag_and_a_branch_of_one_name(prod: Path, dev: Path) -> None:
    git(dev, "tag", "release/x", "HEAD~1")
    with pytest.raises(CannotKnow, match="release/x"):
        relate(prod, "release/x", dev)
    assert relate(prod, "refs/heads/release/x", dev).relation == "descendant"
    assert relate(prod, "refs/tags/release/x", dev).relation == "same"


def test_a_tag_and_a_branch_of_one_name_with_the_warning_off(prod: Path, dev: Path) -> None:
    git(dev, "tag", "release/x", "HEAD~1")
    git(dev, "config", "core.warnAmbiguousRefs", "false")
    git(dev, "config", "advice.objectNameWarning", "false")
    with pytest.raises(CannotKnow, match="release/x"):
        relate(prod, "release/x", dev)


def test_a_file_in_the_git_folder_with_the_name_of_the_branch(prod: Path, dev: Path) -> None:
    git(dev, "branch", "CANDIDATE")
    (dev / ".git/CANDIDATE").write_text(head(dev, "HEAD~1") + "\n")
    with pytest.raises(CannotKnow):
        relate(prod, "CANDIDATE", dev)


ABSENT = ["absent", "0" * 40, "f" * 40, "abcdef0", "", None]
OPTIONS = ["-x", "--all", "--git-dir=/", "-", "--", "--end-of-options"]
HARD = ["main..HEAD", "main...HEAD", "^main", "a\nb", "main ", "$(touch fired)", "caf\u00e9", "caf\udce9", ":/First"]
OTHER_THINGS = [
    "HEAD^{tree}",
    "HEAD:README.md",
    "HEAD:",
    "tree",
    "blob",
    "tagged-tree",
    ":README.md",
    "HEAD~9",
    "main@{9}",
]


@pytest.mark.parametrize("name", [*ABSENT, *OPTIONS, *HARD[:-1], *OTHER_THINGS])
def test_a_name_that_is_no_commit(prod: Path, dev: Path, name: str | None) -> None:
    for repo in (prod, dev):
        git(repo, "tag", "tree", "HEAD^{tree}")
        git(repo, "tag", "blob", "HEAD:README.md")
        git(repo, "tag", "-a", "-m", "Odd", "tagged-tree", "HEAD^{tree}")
    before = snapshot(prod, dev)
    with pytest.raises(CannotKnow) as caught:
        relate(prod, name, dev)
    assert "\n" not in str(caught.value)
    assert snapshot(prod, dev) == before


@pytest.mark.parametrize("kind", ["HEAD^{tree}", "HEAD:README.md"])
def test_a_full_id_that_is_no_commit(prod: Path, dev: Path, kind: str) -> None:
    with pytest.raises(CannotKnow):
        relate(prod, git(dev, "rev-parse", kind), dev)


def test_a_full_id_of_an_annotated_tag_stands_for_its_commit_or_for_nothing(prod: Path, dev: Path) -> None:
    git(dev, "tag", "-a", "-m", "Release", "v1")
    with suppress(CannotKnow):
        assert relate(prod, git(dev, "rev-parse", "v1"), dev).candidate.commit == head(dev)

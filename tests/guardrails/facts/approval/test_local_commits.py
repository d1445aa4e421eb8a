"""Commits that nobody approved: present ones, past ones, and reflogs that cannot tell."""

from pathlib import Path
from typing import Any

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.approval.local_commits import LocalCommits
from guardrails.testing import gather
from worlds.two_repositories import RELEASE, Repositories


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def seen(repositories: Repositories, **rest: Any) -> LocalCommits:
    return gather(LocalCommits, repositories.world(**rest))


def subjects(found: LocalCommits) -> tuple[list[str], list[str]]:
    return [one.subject for one in found.present], [one.subject for one in found.past]


def test_a_clone_has_none(repositories: Repositories) -> None:
    before = snapshot(repositories.folder)
    found = seen(repositories)

    assert (subjects(found), found.reflog, found.upstream) == (([], []), "whole", "upstream/main")
    assert snapshot(repositories.folder) == before


def test_a_commit_that_is_there(repositories: Repositories) -> None:
    repositories.commit(repositories.prod, "hotfix")

    assert subjects(seen(repositories)) == (["hotfix"], [])


def test_a_commit_that_was_reset_away_whatever_the_reflog_calls_it(repositories: Repositories) -> None:
    (repositories.prod / "hotfix.txt").write_text("now\n")
    git(repositories.prod, "add", "-A")
    git(repositories.prod, "commit", "-qm", "hotfix", env={"GIT_REFLOG_ACTION": "pull --ff-only"})
    git(repositories.prod, "reset", "-q", "--hard", repositories.second, env={"GIT_REFLOG_ACTION": "fetch"})

    assert subjects(seen(repositories)) == ([], ["hotfix"])


def test_a_commit_that_a_guarded_operation_took_back_is_on_record(repositories: Repositories) -> None:
    prod, second = repositories.prod, repositories.second
    hotfix = repositories.commit(prod, "hotfix")
    git(prod, "reset", "-q", "--hard", second)
    repositories.record("recover", commit=second, previous=hotfix)

    assert subjects(seen(repositories)) == ([], [])
    git(prod, "reset", "-q", "--hard", hotfix)
    assert subjects(seen(repositories)) == (["hotfix"], []), "and on record it is no more allowed to be there"
    repositories.commit(prod, "another")
    git(prod, "reset", "-q", "--hard", second)
    assert subjects(seen(repositories)) == ([], ["another"])


def test_a_commit_on_another_branch_of_prod_counts_once_it_was_checked_out(repositories: Repositories) -> None:
    git(repositories.prod, "checkout", "-q", "-b", "try")
    repositories.commit(repositories.prod, "trial")
    git(repositories.prod, "checkout", "-q", "main")

    assert subjects(seen(repositories)) == ([], ["trial"])


def test_upstream_going_on_is_nobody_s_edit(repositories: Repositories) -> None:
    repositories.commit(repositories.upstream, "theirs")
    git(repositories.prod, "pull", "-q", "--ff-only", "upstream", "main")

    assert subjects(seen(repositories)) == ([], [])


def test_a_release_branch_of_dev_is_approved(repositories: Repositories) -> None:
    repositories.promote()

    assert subjects(seen(repositories)) == ([], [])
    assert f"refs/heads/{RELEASE} of dev" in seen(repositories).approved


@pytest.mark.parametrize("options", [{}, {"release-branch": {"branches": ["hotfix/*"]}}])
def test_another_branch_of_dev_is_not(repositories: Repositories, options: dict[str, object]) -> None:
    repositories.promote()

    assert subjects(seen(repositories, options=options)) == (["release one"], [])


def test_a_recorded_promotion_is_approved_after_the_branch_is_gone(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    git(repositories.dev, "checkout", "-q", "main")
    git(repositories.dev, "branch", "-q", "-D", RELEASE)

    assert subjects(seen(repositories)) == ([], [])


def test_a_commit_on_top_of_a_release_is_not(repositories: Repositories) -> None:
    repositories.promote()
    repositories.commit(repositories.prod, "and one more")

    assert subjects(seen(repositories)) == (["and one more"], [])


def test_without_a_reflog(repositories: Repositories) -> None:
    (repositories.prod / ".git/logs/HEAD").unlink()

    assert seen(repositories).reflog == "missing"


def test_a_head_that_moved_without_its_reflog(repositories: Repositories) -> None:
    git(repositories.prod, "-c", "core.logAllRefUpdates=false", "update-ref", "refs/heads/main", repositories.first)
    log = repositories.prod / ".git/logs/HEAD"
    log.write_text(log.read_text().splitlines(keepends=True)[0])

    assert seen(repositories).reflog == "cut"


def test_commits_that_were_cleaned_away_are_gone(repositories: Repositories) -> None:
    repositories.commit(repositories.prod, "hotfix")
    git(repositories.prod, "reset", "-q", "--hard", repositories.second)
    kept = (repositories.prod / ".git/logs/HEAD").read_bytes()
    git(repositories.prod, "reflog", "expire", "--expire=now", "--all")
    git(repositories.prod, "gc", "-q", "--prune=now")
    (repositories.prod / ".git/logs/HEAD").write_bytes(kept)

    assert subjects(seen(repositories)) == ([], [])


@pytest.mark.parametrize("damage", [b"garbage\n", b"\0" * 100, b"0" * 40 + b" " + b"z" * 40 + b" Ada\n"])
def test_a_damaged_reflog(repositories: Repositories, damage: bytes) -> None:
    with (repositories.prod / ".git/logs/HEAD").open("ab") as file:
        file.write(damage)

    with pytest.raises(CannotKnow, match="reflog of HEAD"):
        seen(repositories)


def test_a_shallow_repository_cannot_tell(repositories: Repositories) -> None:
    shallow = repositories.folder / "shallow"
    git(repositories.folder, "clone", "-q", "-o", "upstream", "--depth=1", f"file://{repositories.upstream}", shallow)
    repositories.prod = shallow

    with pytest.raises(CannotKnow, match="whole history"):
        seen(repositories)


def test_without_an_upstream_nothing_can_be_compared(repositories: Repositories) -> None:
    assert seen(repositories, upstream=None).upstream is None


def test_without_the_upstream_ref_no_commit_is_called_local(repositories: Repositories) -> None:
    git(repositories.prod, "update-ref", "-d", "refs/remotes/upstream/main")
    found = seen(repositories, options={})

    assert (subjects(found), found.remedy) == (([], []), f"git -C {repositories.prod} fetch upstream")
    git(repositories.prod, "remote", "remove", "upstream")
    assert "remote --verbose   # a look: " in seen(repositories).remedy

"""What a hard reset would destroy: compared with what it then really destroys."""

from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.facts.operation.losses import Losses
from guardrails.testing import gather
from worlds.rescue_state import save
from worlds.two_repositories import Repositories, head


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def seen(repositories: Repositories, operation: str | None = "update") -> Losses:
    return gather(Losses, repositories.world(operation))


def subjects(commits: object) -> list[str]:
    return [one.subject for one in commits]  # type: ignore[attr-defined]


def test_a_clean_repository_loses_nothing(repositories: Repositories) -> None:
    before = snapshot(repositories.folder)

    assert seen(repositories) == Losses(str(repositories.prod), "update", repositories.second, environment="prod")
    assert snapshot(repositories.folder) == before


def test_a_local_commit_is_dropped_and_held_by_nothing_else(repositories: Repositories) -> None:
    repositories.commit(repositories.prod, "hotfix")
    losses = seen(repositories)

    assert (subjects(losses.drops), subjects(losses.orphans)) == (["hotfix"], ["hotfix"])


@pytest.mark.parametrize("keeper", [("branch", "keep"), ("tag", "keep"), ("update-ref", "refs/remotes/x/keep", "HEAD")])
def test_a_commit_with_another_name_is_dropped_and_no_orphan(
    repositories: Repositories, keeper: tuple[str, ...]
) -> None:
    repositories.commit(repositories.prod, "hotfix")
    git(repositories.prod, *keeper)

    assert (subjects(seen(repositories).drops), seen(repositories).orphans) == (["hotfix"], ())


def test_an_orphan_of_a_detached_head(repositories: Repositories) -> None:
    git(repositories.prod, "checkout", "-q", "--detach")
    repositories.commit(repositories.prod, "hotfix")

    assert subjects(seen(repositories).orphans) == ["hotfix"]


def test_changes_on_disk_and_in_the_index(repositories: Repositories) -> None:
    (repositories.prod / "first.txt").write_text("changed\n")
    (repositories.prod / "staged.txt").write_text("new\n")
    git(repositories.prod, "add", "staged.txt")
    (repositories.prod / "untracked.txt").write_text("survives\n")
    losses = seen(repositories)

    assert sorted(losses.loses) == ["first.txt", "staged.txt"]
    assert losses.overwrites == ()
    git(repositories.prod, "reset", "-q", "--hard", losses.target or "")
    assert (repositories.prod / "untracked.txt").exists()
    assert not (repositories.prod / "staged.txt").exists()


def test_files_that_stand_where_the_target_has_one(repositories: Repositories) -> None:
    for name in (".env.log", "notes"):
        (repositories.upstream / name).write_text("theirs\n")
    git(repositories.upstream, "add", "-A", "-f")
    git(repositories.upstream, "commit", "-qm", "theirs")
    git(repositories.prod, "fetch", "-q", "upstream")
    for name in (".env.log", "notes", "other.log"):
        (repositories.prod / name).write_text("mine\n")
    losses = seen(repositories)

    assert sorted(losses.overwrites) == [".env.log", "notes"]
    git(repositories.prod, "reset", "-q", "--hard", losses.target or "")
    assert [(repositories.prod / name).read_text() for name in (".env.log", "notes", "other.log")] == [
        "theirs\n",
        "theirs\n",
        "mine\n",
    ]


def test_a_promoted_release_would_be_undeployed(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    losses = seen(repositories)

    assert (subjects(losses.drops), subjects(losses.undeploys)) == (["release one"], ["release one"])
    assert losses.orphans == (), "the record holds the release"
    rollback = seen(repositories, "rollback")
    assert (rollback.target, subjects(rollback.undeploys)) == (repositories.second, ["release one"])


def test_a_rollback_without_a_record_has_nowhere_to_go(repositories: Repositories) -> None:
    assert seen(repositories, "rollback").target is None


def test_a_rescue_holds_all_of_it_or_does_not_count(repositories: Repositories) -> None:
    (repositories.prod / "first.txt").write_text("changed\n")
    repositories.commit(repositories.prod, "hotfix")
    (repositories.prod / "second.txt").write_text("changed\n")
    assert seen(repositories).rescue is None

    ref = save(repositories.prod)
    assert seen(repositories).rescue == ref
    (repositories.prod / "second.txt").write_text("changed again\n")
    assert seen(repositories).rescue is None


def test_stashes_are_counted(repositories: Repositories) -> None:
    for text in ("one\n", "two\n"):
        (repositories.prod / "first.txt").write_text(text)
        git(repositories.prod, "stash", "-q")

    assert (seen(repositories).stashes, seen(repositories).loses) == (2, ())


def test_an_operation_that_resets_nothing(repositories: Repositories) -> None:
    for operation in (None, "verify", "promote"):
        with pytest.raises(DoesNotApply):
            seen(repositories, operation)


def test_a_branch_that_reads_like_a_pattern_cannot_be_told(repositories: Repositories) -> None:
    git(repositories.prod, "symbolic-ref", "HEAD", "refs/heads/main")
    (repositories.prod / ".git/refs/heads/ma[i]n").write_text(head(repositories.prod) + "\n")
    (repositories.prod / ".git/HEAD").write_text("ref: refs/heads/ma[i]n\n")

    with pytest.raises(CannotKnow):
        seen(repositories)


def test_what_stands_in_place_of_a_tracked_file(repositories: Repositories) -> None:
    prod = repositories.prod
    repositories.commit(prod, "deep")
    git(prod, "update-ref", "refs/remotes/upstream/main", "HEAD")
    (prod / "deep.txt").unlink()
    (prod / "deep.txt").mkdir()
    (prod / "deep.txt/mine").write_text("mine\n")
    losses = seen(repositories)
    assert (losses.loses, losses.overwrites) == (("deep.txt",), ("deep.txt/mine",))

    ref = save(prod)
    assert seen(repositories).rescue == ref
    (prod / "deep.txt/mine").write_text("changed\n")
    assert seen(repositories).rescue is None
    git(prod, "reset", "-q", "--hard")
    assert (prod / "deep.txt").read_text() == "deep\n"


def test_what_a_clean_among_the_steps_removes(repositories: Repositories) -> None:
    (repositories.prod / "mine").write_text("mine\n")
    assert (seen(repositories).sweeps, seen(repositories).anything) == ((), False)

    world = repositories.world("update", steps=("git reset --hard {upstream}", "git clean --force -d"))
    losses = gather(Losses, world)
    assert (losses.sweeps, losses.anything, losses.rescue) == (("mine",), True, None)
    ref = save(repositories.prod)
    assert gather(Losses, world).rescue == ref
    (repositories.prod / "mine").write_text("changed\n")
    assert gather(Losses, world).rescue is None


def test_a_folder_that_became_a_link(repositories: Repositories) -> None:
    """What is seen through the link is no file of the work tree; the link is, and a reset removes it."""
    prod = repositories.prod
    (prod / "folder").mkdir()
    (prod / "folder/file").write_text("mine\n")
    git(prod, "add", "-A")
    git(prod, "commit", "-qm", "folder")
    git(prod, "update-ref", "refs/remotes/upstream/main", "HEAD")
    (prod / "folder").rename(repositories.folder / "elsewhere")
    (prod / "folder").symlink_to(repositories.folder / "elsewhere")
    losses = seen(repositories)
    assert (losses.loses, losses.overwrites) == (("folder/file",), ("folder",))

    ref = save(prod)
    assert seen(repositories).rescue == ref
    (prod / "folder").unlink()
    (prod / "folder").symlink_to("nowhere")
    assert seen(repositories).rescue is None

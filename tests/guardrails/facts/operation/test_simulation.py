"""Steps in order, each on what the earlier ones leave: foretold, then done with real git, and compared."""

import shlex
import subprocess
from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.operation.simulation import Simulation
from guardrails.testing import gather, world
from worlds.two_repositories import RELEASE, Repositories, head

MERGE = "git merge --ff-only --no-overwrite-ignore {candidate}"
UPDATE = "git reset --hard {upstream}"


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def foretold(repositories: Repositories, *steps: str, operation: str = "promote", **rest: object) -> Simulation:
    given = {"candidate": RELEASE} if operation == "promote" else {}
    before = snapshot(repositories.folder)
    found = gather(Simulation, repositories.world(operation, steps=steps, **{**given, **rest}))
    assert snapshot(repositories.folder) == before
    return found


def done(repositories: Repositories, simulation: Simulation) -> bool:
    """Do the steps for real, as a guarded run would: after a fetch of what is pinned. Whether git did them all."""
    git(repositories.prod, "fetch", "-q", repositories.dev, RELEASE)
    for step in simulation.steps:
        words = shlex.split(step.command)
        if subprocess.run(words, cwd=repositories.prod, check=False, capture_output=True).returncode != 0:
            return False
    return True


def outcomes(simulation: Simulation) -> list[str]:
    return [step.outcome for step in simulation.steps]


def test_the_runbook_of_a_promotion(repositories: Repositories) -> None:
    runbook = (
        "git fetch upstream",
        "git reset --hard upstream/main",
        f"git fetch {repositories.dev} {RELEASE}",
        "git merge --ff-only FETCH_HEAD",
    )
    simulation = foretold(repositories, *runbook, "pnpm install")

    assert outcomes(simulation) == ["stays", "stays", "stays", "moves", "stays"]
    assert (simulation.starts, simulation.ends) == (repositories.second, repositories.release)
    assert [one.subject for one in simulation.arrives] == ["release one"]
    assert (simulation.drops, simulation.undeploys, simulation.loses, simulation.overwrites) == ((), (), (), ())
    assert done(repositories, simulation.replaced(steps=simulation.steps[:4]))
    assert head(repositories.prod) == simulation.ends


def test_a_promotion_without_steps_is_one_merge(repositories: Repositories) -> None:
    [step] = foretold(repositories).steps

    assert step.command == f"git merge --ff-only --no-overwrite-ignore {repositories.release}"
    assert (step.outcome, step.head) == ("moves", repositories.release)


def test_the_reset_of_the_runbook_takes_a_local_commit_before_the_merge_could_refuse_it(
    repositories: Repositories,
) -> None:
    repositories.commit(repositories.prod, "hotfix")

    assert outcomes(foretold(repositories, MERGE)) == ["refused"]
    simulation = foretold(repositories, UPDATE, MERGE)
    assert outcomes(simulation) == ["moves", "moves"]
    assert [one.subject for one in simulation.drops] == ["hotfix"]
    assert done(repositories, simulation)


def test_a_promoted_release_is_undeployed_by_the_written_update(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()
    simulation = foretold(repositories, UPDATE, operation="update")

    assert [one.subject for one in simulation.undeploys] == ["release one"]
    assert simulation.ends == repositories.second


def test_a_rollback_goes_to_what_was_recorded(repositories: Repositories) -> None:
    repositories.promote()
    repositories.record()

    assert foretold(repositories, operation="rollback").ends == repositories.second


def test_changes_are_lost_by_a_hard_reset_and_kept_by_a_merge(repositories: Repositories) -> None:
    (repositories.prod / "first.txt").write_text("changed\n")

    simulation = foretold(repositories, MERGE)
    assert (outcomes(simulation), simulation.loses) == (["moves"], ())
    simulation = foretold(repositories, UPDATE, MERGE)
    assert simulation.loses == ("first.txt",)
    assert done(repositories, simulation)
    assert (repositories.prod / "first.txt").read_text() == "first\n"


def conflict(repositories: Repositories, name: str) -> None:
    """The release brings a file that is in prod already and is not git's."""
    (repositories.dev / name).write_text("theirs\n")
    git(repositories.dev, "add", "-f", name)
    git(repositories.dev, "commit", "-qm", f"bring {name}")
    (repositories.prod / name).write_text("mine\n")


@pytest.mark.parametrize(
    ("name", "step", "outcome"),
    [
        ("notes.md", MERGE, "refused"),
        ("notes.md", "git merge --ff-only {candidate}", "refused"),
        ("notes.md", "git reset --hard {candidate}", "moves"),
        ("notes.log", MERGE, "refused"),
        ("notes.log", "git merge --ff-only {candidate}", "moves"),
        ("notes.log", "git reset --hard {candidate}", "moves"),
        ("notes.log", "git reset --keep {candidate}", "moves"),
    ],
)
def test_a_file_that_is_not_git_s(repositories: Repositories, name: str, step: str, outcome: str) -> None:
    conflict(repositories, name)
    simulation = foretold(repositories, step)

    assert outcomes(simulation) == [outcome]
    assert simulation.overwrites == ((name,) if outcome == "moves" else ())
    assert done(repositories, simulation) == (outcome == "moves")
    assert (repositories.prod / name).read_text() == ("theirs\n" if outcome == "moves" else "mine\n")


@pytest.mark.parametrize("step", [MERGE, "git reset --keep {candidate}"])
def test_a_change_in_a_file_that_the_step_changes_too(repositories: Repositories, step: str) -> None:
    (repositories.dev / "first.txt").write_text("theirs\n")
    git(repositories.dev, "commit", "-qam", "change")
    (repositories.prod / "first.txt").write_text("mine\n")
    simulation = foretold(repositories, step)

    assert outcomes(simulation) == ["refused"]
    assert not done(repositories, simulation)


def test_a_merge_that_is_none_or_no_fast_forward(repositories: Repositories) -> None:
    git(repositories.dev, "reset", "-q", "--hard", repositories.first)
    assert outcomes(foretold(repositories, MERGE)) == ["stays"]

    repositories.commit(repositories.dev, "elsewhere")
    assert outcomes(foretold(repositories, MERGE)) == ["refused"]
    simulation = foretold(repositories, "git merge {candidate}", "git status", "pnpm build")
    assert outcomes(simulation) == ["unknown", "unknown", "unknown"]
    assert simulation.ends is None


@pytest.mark.parametrize(
    ("step", "outcome", "detail"),
    [
        ("pnpm install", "stays", "not git"),
        ("git status", "stays", "only looks"),
        ("git reset --hard HEAD", "stays", "HEAD is there already"),
        ("git reset --soft HEAD~1", "moves", ""),
        ("git checkout main", "unknown", "git checkout is not foretold"),
        ("git", "unknown", ""),
        ("git reset --hard nowhere", "unknown", "no commit that is known"),
        ("git merge --ff-only FETCH_HEAD", "unknown", "no commit that is known"),
        ("git -C {repo} status", "stays", "only looks"),
        ("git -C .. reset --hard", "stays", "another repository"),
        ("git pull --ff-only", "stays", "already up to date"),
    ],
)
def test_each_kind_of_step(repositories: Repositories, step: str, outcome: str, detail: str) -> None:
    [forecast] = foretold(repositories, step).steps

    assert forecast.outcome == outcome
    assert detail in forecast.detail


def test_what_cannot_be_had_is_not_guessed(repositories: Repositories) -> None:
    with pytest.raises(CannotKnow, match="no earlier deployment"):
        foretold(repositories, "git reset --hard {previous}", operation="rollback")
    with pytest.raises(CannotKnow, match="cannot be read"):
        foretold(repositories, "git merge 'unfinished")
    git(repositories.prod, "update-ref", "-d", "refs/remotes/upstream/main")
    with pytest.raises(CannotKnow, match="there is no upstream/main"):
        foretold(repositories, UPDATE)
    with pytest.raises(CannotKnow, match="only an operation"):
        gather(Simulation, world(repositories.prod))


def test_a_recovery(repositories: Repositories) -> None:
    """Flags, staged and untracked files: all are foretold to go, and do."""
    prod = repositories.prod
    for name in ("untracked", "kept.log"):
        (prod / name).write_text("mine\n")
    git(prod, "update-index", "--assume-unchanged", "first.txt")
    (prod / "first.txt").write_text("hidden\n")
    steps = ("git read-tree --empty", "git reset --hard", UPDATE, "git clean --force -d")
    simulation = foretold(repositories, *steps, operation="update")

    assert outcomes(simulation) == ["stays", "stays", "stays", "stays"]
    assert (simulation.ends, sorted(simulation.loses)) == (head(prod), ["first.txt", "untracked"])
    assert done(repositories, simulation)
    assert (prod / "first.txt").read_text() == "first\n"
    assert ((prod / "untracked").exists(), (prod / "kept.log").exists()) == (False, True)
    assert git(prod, "ls-files", "-v", "first.txt") == "H first.txt"

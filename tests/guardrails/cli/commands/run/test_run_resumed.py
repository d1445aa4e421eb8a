"""`--resume` judges as a first run does, and does what the configuration says, whatever a journal says."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from worlds.guarded_world import PROMOTE, REFUSED, GuardedWorld

RESUME = ("promote", "--env", "prod", "--resume")
MERGE = "git merge -q --ff-only {candidate}"


@pytest.fixture
def world(tmp_path: Path) -> GuardedWorld:
    """Two steps, and one policy that looks at the work tree."""
    made = GuardedWorld(tmp_path)
    made.only("clean-worktree")
    text = made.world.configuration.read_text()
    step = f"sh -c 'test ! -e \"$PNPM_FAILS\" && pwd >> {tmp_path}/did'"
    made.world.configuration.write_text(text.replace(f'"{MERGE}"', f"{json.dumps(MERGE)}, {json.dumps(step)}"))
    assert "pwd" in made.world.configuration.read_text()
    return made


def did(world: GuardedWorld) -> list[str]:
    """Where the second step has run."""
    path = world.folder / "did"
    return path.read_text().split() if path.exists() else []


def dirty(world: GuardedWorld) -> Path:
    path = world.prod / "src/gateway.ts"
    path.write_text("an edit\n")
    return path


def interrupted(world: GuardedWorld) -> Path:
    """Run it up to the second step, and give the journal."""
    world.fails.write_text("yes")
    assert world.run(*PROMOTE).returncode == 1
    world.fails.unlink()
    (path,) = (world.prod / ".git/guardrails/runs").glob("*/journal.json")
    return path


def change(journal: Path, **said: Any) -> None:
    """Write what somebody who can write in the repository would."""
    before = json.loads(journal.read_text())
    pins = {**before["pins"], **said.pop("pins", {})}
    journal.write_text(json.dumps({**before, "pins": pins, **said}))


def test_what_became_dirty_since_is_refused_and_mended(world: GuardedWorld) -> None:
    interrupted(world)
    path = dirty(world)
    done = world.run(*RESUME)
    assert (done.returncode, "clean-worktree" in done.stderr, did(world)) == (REFUSED, True, [])
    git(world.prod, "checkout", "-q", "--", path)
    done = world.run(*RESUME)
    assert (done.returncode, did(world)) == (0, [str(world.prod)]), done.stderr


PLANTED: dict[str, dict[str, Any]] = {
    "another place where HEAD was": {"pins": {"head": "1" * 40}},
    "no place where HEAD was": {"pins": {"head": None}},
    "all done": {"done": 2},
    "nothing done": {"done": 0},
    "another target": {"pins": {"target": "2" * 40}},
    "no target": {"pins": {"target": None}},
    "another candidate": {"pins": {"candidate": "3" * 40}},
    "steps of its own": {"steps": ["sh -c 'touch {folder}/proof'"], "done": 0},
    "a command of its own": {"steps": ["sh -c 'touch {folder}/proof'"], "done": 0, "quiet": False},
    "one more step": {"steps": [MERGE, "true", "sh -c 'touch {folder}/proof'"]},
    "another folder": {"folder": "/"},
}


@pytest.mark.parametrize("what", PLANTED)
@pytest.mark.sample(2)
def test_whatever_a_journal_says_a_dirty_work_tree_is_refused(world: GuardedWorld, what: str) -> None:
    journal = interrupted(world)
    said = json.loads(json.dumps(PLANTED[what]).replace("{folder}", str(world.folder)))
    change(journal, **said)
    path = dirty(world)
    done = world.run(*RESUME)
    assert (done.returncode, did(world)) == (REFUSED, []), done.stderr
    git(world.prod, "checkout", "-q", "--", path)
    world.run(*RESUME)
    assert set(did(world)) <= {str(world.prod)}
    assert not (world.folder / "proof").exists()
    assert world.head() == world.release


def test_a_planted_journal_of_a_run_that_never_was(world: GuardedWorld) -> None:
    head = world.before
    folder = world.prod / ".git/guardrails/runs/99991231T000000.000-promote"
    folder.mkdir(parents=True)
    pins = {"head": "1" * 40, "branch": "main", "target": head}
    entry = {
        "operation": "promote",
        "environment": "prod",
        "candidate": None,
        "pins": pins,
        "folder": "/",
        "head": head,
    }
    (folder / "journal.json").write_text(
        json.dumps({**entry, "steps": [f"touch {world.folder}/proof"], "quiet": False})
    )
    dirty(world)
    for more in ((), ("--", "touch", f"{world.folder}/proof")):
        assert world.run(*RESUME, *more).returncode == REFUSED
    assert not (world.folder / "proof").exists()


def test_upstream_is_looked_up_again(world: GuardedWorld) -> None:
    """Where HEAD is, not what a journal calls upstream, is what the steps that are left get."""
    planted = git(world.prod, "commit-tree", "-m", "planted", "HEAD^{tree}", "-p", "HEAD")
    text = world.world.configuration.read_text()
    steps = [
        "git merge -q --ff-only {upstream}",
        f"sh -c 'test ! -e \"$PNPM_FAILS\" && echo $0 >> {world.folder}/did' {{upstream}}",
    ]
    update = f'[operations.update]\nenvironment = "prod"\nmoves_head_to = "upstream"\nsteps = {json.dumps(steps)}\n'
    world.world.configuration.write_text(text.replace('["promote"]', '["promote", "update"]') + update)
    git(world.upstream, "-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "--allow-empty", "-m", "later")
    git(world.prod, "fetch", "-q", "upstream")
    later = git(world.prod, "rev-parse", "upstream/main")
    world.fails.write_text("yes")
    assert world.run("update", "--env", "prod").returncode == 1
    world.fails.unlink()
    (journal,) = (world.prod / ".git/guardrails/runs").glob("*/journal.json")
    change(journal, pins={"upstream": planted})
    done = world.run("update", "--env", "prod", "--resume")
    assert (done.returncode, did(world), world.head()) == (0, [later], later), done.stderr


class TestACommandOfTheCallers:
    @pytest.fixture
    def command(self, world: GuardedWorld) -> list[str]:
        """One that merges, and fails while it is told to."""
        script = f'git merge -q --ff-only "$0" && test ! -e "$PNPM_FAILS" && pwd >> {world.folder}/did'
        world.fails.write_text("yes")
        command = ["sh", "-c", script, "{candidate}"]
        done = world.run(*PROMOTE, "--", *command, cwd=world.prod)
        assert done.returncode == 1, done.stderr
        world.fails.unlink()
        assert f"--resume -- {shlex.join(command)}" in done.stderr
        return command

    def test_it_is_given_again(self, world: GuardedWorld, command: list[str]) -> None:
        refused = world.run("start", "--env", "prod", "--", "true")
        assert (refused.returncode, "start is unknown" in refused.stderr or refused.returncode) == (REFUSED, REFUSED)
        refused = world.run(*PROMOTE)
        assert f"--resume -- {shlex.join(command)}" in refused.stderr
        done = world.run(*RESUME, "--", *command, cwd=world.prod)
        assert (done.returncode, did(world)) == (0, [str(world.prod)]), done.stderr

    def test_it_is_not_taken_from_the_journal(self, world: GuardedWorld, command: list[str]) -> None:
        for more in ((), ("--", "touch", "ran"), ("--", *command, "more")):
            done = world.run(*RESUME, *more, cwd=world.prod)
            assert (done.returncode, did(world)) == (REFUSED, []), done.stderr
        assert not (world.prod / "ran").exists()

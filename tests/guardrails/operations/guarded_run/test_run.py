"""Between the check and the command things move: nothing is ever run on what was not checked."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.cli import main
from guardrails.exit_codes import UNVERIFIED
from guardrails.operations.guarded_run import journal, judge_twice, last_look, run
from guardrails.operations.guarded_run.pins import Pins
from guardrails.policy import World
from worlds.guarded_world import REFUSED, GuardedWorld
from worlds.small_world import DIGEST, RELEASE

CHECKED_JOBS = f'expected-cron-jobs\njobs = [{{ name = "daily digest", schedule = "{DIGEST["expr"]}", zone = "UTC" }}]'
FLIPS = int(os.environ.get("FLIPS", "48"))  # three rounds of every flip at every moment


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GuardedWorld]:
    made = GuardedWorld(tmp_path)
    made.only("fast-forward-only", CHECKED_JOBS)
    monkeypatch.chdir(made.world.folder)
    for name, value in made.world.environment().items():
        monkeypatch.setenv(name, value)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield made
    for number, handler in before.items():
        signal.signal(number, handler)


def flips(world: GuardedWorld) -> dict[str, Callable[[], object]]:
    jobs = world.world.prod_state / "cron/jobs.json"
    text = jobs.read_text()
    other = git(world.dev, "commit-tree", "-m", "other", "-p", world.release, f"{world.release}^{{tree}}")
    apart = git(world.prod, "commit-tree", "-m", "direct", "-p", world.before, f"{world.before}^{{tree}}")

    def undo() -> None:
        git(world.dev, "update-ref", f"refs/heads/{RELEASE}", world.release)
        git(world.prod, "update-ref", "refs/heads/main", world.before)
        git(world.prod, "update-ref", "refs/remotes/upstream/main", world.before)
        git(world.prod, "symbolic-ref", "HEAD", "refs/heads/main")
        jobs.write_text(text)

    def move(repo: Path, ref: str, commit: str) -> Callable[[], object]:
        return lambda: git(repo, "update-ref", ref, commit)

    return {
        "undo": undo,
        "HEAD": move(world.prod, "refs/heads/main", apart),
        "the candidate": move(world.dev, f"refs/heads/{RELEASE}", other),
        "upstream": move(world.prod, "refs/remotes/upstream/main", apart),
        "jobs": lambda: jobs.write_text(json.dumps({"version": 1, "jobs": []})),
    }


@pytest.mark.corpus
def test_a_flip_at_any_moment_between_check_and_command(
    world: GuardedWorld, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ran = world.folder / "ran"
    every = flips(world)
    names = [name for name in every if name != "undo"]
    pending: list[tuple[int, Callable[[], object]]] = []  # at which moment, what
    moments = 0

    def at_a_moment() -> None:
        nonlocal moments
        moments += 1
        while pending and pending[0][0] == moments:
            pending.pop()[1]()

    def after(module: object, name: str) -> None:
        original = getattr(module, name)

        def also(*given: object, **named: object) -> object:
            result = original(*given, **named)
            at_a_moment()
            return result

        monkeypatch.setattr(module, name, also)

    after(judge_twice, "judge_and_log")  # moments 1 and 2
    after(run, "bring_commits")  # 3
    after(journal, "begin")  # 4
    command = ["run", "promote", "--env", "prod", "--candidate", RELEASE, "--", "touch", str(ran)]
    for number in range(FLIPS):
        moments = 0
        name = names[number % len(names)]
        pending[:] = [(1 + number // len(names) % 4, every[name])]
        code = main(command)

        assert (code, ran.exists()) == (REFUSED, False), (name, number)
        assert not pending, "the flip was made"
        every["undo"]()
    capfd.readouterr()
    assert main(command) == UNVERIFIED, "it runs when nothing moves, and true moves no HEAD"
    assert ran.exists()


@pytest.mark.parametrize("how", ["its branch moves", "another branch is checked out", "its branch is packed and moves"])
def test_head_moves_after_the_names_were_looked_at_again(
    world: GuardedWorld, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    ran = world.folder / "ran"
    apart = git(world.prod, "commit-tree", "-m", "direct", "-p", world.before, f"{world.before}^{{tree}}")
    git(world.prod, "branch", "other", apart)
    if "packed" in how:
        git(world.prod, "pack-refs", "--all")
    same, last = last_look.require_same_pins, False

    def move(pins: Pins, world_of_it: World) -> None:
        nonlocal last
        same(pins, world_of_it)
        last = True
        if "moves" in how:
            git(world.prod, "update-ref", "refs/heads/main", apart)
        else:
            git(world.prod, "symbolic-ref", "HEAD", "refs/heads/other")

    monkeypatch.setattr(last_look, "require_same_pins", move)  # as the last look asks it, not the run before
    command = ["run", "promote", "--env", "prod", "--candidate", RELEASE, "--", "touch", str(ran)]
    assert (main(command), ran.exists(), last) == (REFUSED, False, True)


def test_a_name_that_moves_while_the_command_runs_changes_nothing(world: GuardedWorld) -> None:
    other = git(world.dev, "commit-tree", "-m", "other", "-p", world.release, f"{world.release}^{{tree}}")
    move = f"git -C {world.dev} update-ref refs/heads/{RELEASE} {other}"
    merge = f"git -C {world.prod} merge -q --ff-only {{candidate}}"
    assert main(["run", "promote", "--env", "prod", "--candidate", RELEASE, "--", "sh", "-c", f"{move}; {merge}"]) == 0
    assert world.head() == world.release


def test_a_repository_that_redirects_the_fetch(world: GuardedWorld, capfd: pytest.CaptureFixture[str]) -> None:
    git(world.prod, "config", f"url.{world.upstream}.insteadOf", str(world.dev))
    assert main(["run", "promote", "--env", "prod", "--candidate", RELEASE]) == REFUSED
    assert "configured to fetch from elsewhere" in capfd.readouterr().err
    assert world.head() == world.before
    missing = subprocess.run(
        ["git", "-C", world.prod, "cat-file", "-e", world.release], capture_output=True, check=False
    )
    assert missing.returncode != 0

"""Turns are played apart from each other, and whatever one of them does, the others are played."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.drills import crew
from guardrails.drills.outcomes import Outcome
from guardrails.drills.selection import Turn
from guardrails.errors import CannotKnow
from guardrails.plugins.drills import Drill
from guardrails.plugins.stages import Stage, nothing
from progress import come_true

_TABLE = '[environments.prod]\nrepo = "repo"\n\n[policies.required-files]\nwhen = ["standing"]\nfiles = ["file"]\n'


def build(folder: str) -> None:
    Path(folder, "guardrails.toml").write_text(_TABLE)
    repo = Path(folder, "repo")
    git(Path(folder), "init", "-q", "--template=", "repo")
    (repo / "file").write_text("here\n")
    git(repo, "add", "--all")
    git(repo, "commit", "-qm", "First")


STAGE = Stage("tiny", "one repository", build)


def lose(folder: str) -> None:
    Path(folder, "repo/file").unlink()


def fail(folder: str) -> None:
    raise ValueError("it cannot\nbe broken")


def crash(folder: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang(folder: str) -> None:
    subprocess.Popen(["sleep", "600"], cwd=folder, start_new_session=True)
    time.sleep(600)


def turn(name: str, play: object = nothing, **rest: object) -> Turn:
    about = {"stages": (STAGE,), **rest}
    return Turn(Drill("required-files", ("standing",), name, name, play, **about), "standing", STAGE)  # type: ignore[arg-type]


GOOD = [turn("lost", lose), turn("kept", harmless=True)]


def played(folder: Path, *turns: Turn) -> dict[str, str]:
    """The problem of each turn that was played beside those that hold."""
    heard: list[Outcome] = []
    outcomes = crew.play_all([GOOD[0], *turns, GOOD[1]], str(folder), heard.append, keep=False)
    problems = {outcome.turn.drill.name: outcome.problem for outcome in outcomes}
    assert {outcome.turn.id for outcome in heard} == {outcome.turn.id for outcome in outcomes}
    assert (problems.pop("lost"), problems.pop("kept")) == ("", "")
    return problems


def test_each_begins_with_a_sound_world(tmp_path: Path) -> None:
    assert played(tmp_path, *(turn(f"lost-{number}", lose) for number in range(3))) == dict.fromkeys(
        ("lost-0", "lost-1", "lost-2"), ""
    )


def test_what_cannot_be_played_is_told(tmp_path: Path) -> None:
    assert played(tmp_path, turn("fails", fail), turn("crashes", crash)) == {
        "fails": "it could not be played: it cannot be broken",
        "crashes": "the process that played it ended before it was done",
    }


def test_a_configuration_that_is_broken_is_no_answer(tmp_path: Path) -> None:
    problems = played(tmp_path, turn("broken", configuration="[nonsense]\n"))
    assert problems["broken"].startswith("there was no answer: ")


def test_what_hangs_is_ended_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = crew._Playing

    class Hasty(real):  # type: ignore[misc, valid-type]
        def __init__(self, one: Turn, *rest: object) -> None:
            super().__init__(one, *rest)
            if one.drill.name == "hangs":
                self.until = time.monotonic() + 3

    monkeypatch.setattr(crew, "_Playing", Hasty)
    assert played(tmp_path, turn("hangs", hang)) == {"hangs": "the process that played it ran out of time"}
    come_true(lambda: not [link for link in Path("/proc").glob("[0-9]*/cwd") if str(tmp_path) in _target(link)])


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def test_a_world_that_cannot_be_built_ends_it(tmp_path: Path) -> None:
    stage = STAGE.replaced(name="unbuildable", build=fail)
    with pytest.raises(CannotKnow, match="the world unbuildable cannot be built: it cannot be broken"):
        crew.play_all([GOOD[0].replaced(stage=stage)], str(tmp_path), lambda _: None, keep=False)


def test_what_cannot_be_left_is_told(tmp_path: Path) -> None:
    left = GOOD[0].replaced(stage=STAGE.replaced(name="unleavable", leave=fail))
    [outcome] = crew.play_all([left], str(tmp_path), lambda _: None, keep=False)
    assert outcome.problem == "what was started for it could not be ended: it cannot be broken"

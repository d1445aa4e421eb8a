"""A journal says what was last noted, whole or not at all, and only what makes sense is believed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from guardrails.errors import CannotKnow
from guardrails.facts.programs.process_table import mark_of
from guardrails.operations.guarded_run.journal import JournalEntry, begin, find_newest, is_step_running

ENTRY = JournalEntry(
    operation="promote",
    environment="prod",
    candidate="release/v1",
    pins={"head": "a" * 40, "candidate": None},
    steps=("git fetch", "true"),
    folder="/",
    quiet=True,
    head="a" * 40,
)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert find_newest(str(tmp_path)) is None
    journal = begin(str(tmp_path), ENTRY, "20260201T100000.000")
    journal.note(done=1, running=7, began=1.5)
    found = find_newest(str(tmp_path))

    assert found is not None
    assert found.entry == journal.entry == ENTRY.replaced(done=1, running=7, began=1.5)
    assert found.output(2).endswith("step-2.log")
    assert (Path(found.folder) / "journal.json").stat().st_mode & 0o777 == 0o600


def test_the_newest_counts_and_old_ones_go(tmp_path: Path) -> None:
    for number in range(25):
        begin(str(tmp_path), ENTRY.replaced(done=number % 3), f"20260201T1000{number:02}.000")
    found = find_newest(str(tmp_path))
    assert found is not None
    assert found.entry.done == 0
    assert len(list((tmp_path / "guardrails/runs").iterdir())) == 20
    (tmp_path / "guardrails/runs/999999-99999999T000000.000-update").mkdir()
    assert find_newest(str(tmp_path)) is not None, "one that was killed before it began is passed over"


def test_a_clock_that_was_ahead_makes_no_journal_the_newest(tmp_path: Path) -> None:
    """Neither by the names of an earlier version, which were times alone, nor by ours."""
    runs = tmp_path / "guardrails/runs"
    begin(str(tmp_path), ENTRY.replaced(head="b" * 40), "20990101T000000.000")
    for number in range(25):
        (runs / f"209901{number:02}T000000.000-promote").mkdir()
    began = begin(str(tmp_path), ENTRY, "20260201T100000.000")
    found = find_newest(str(tmp_path))
    assert found is not None
    assert (found.folder, found.entry.head) == (began.folder, ENTRY.head)
    assert len(list(runs.iterdir())) == 20


def test_what_else_lies_there_is_left_alone(tmp_path: Path) -> None:
    runs = tmp_path / "guardrails/runs"
    aside = runs / "20260131T000000.000"
    aside.mkdir(parents=True)
    (runs / "notes").write_text("mine")
    for _ in range(25):
        begin(str(tmp_path), ENTRY, "20260201T100000.000")
    assert find_newest(str(tmp_path)) is not None
    assert aside.is_dir()
    assert (runs / "notes").read_text() == "mine"


def test_the_printed_line_moves_nonsense_away(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    (Path(begin(str(folder), ENTRY, "20260201T100000.000").folder) / "journal.json").write_text("[]")
    with pytest.raises(CannotKnow) as caught:
        find_newest(str(folder))
    subprocess.run(["sh", "-c", str(caught.value).partition("move it away: ")[2]], check=True, cwd="/")
    assert find_newest(str(folder)) is None


def test_an_operation_with_a_slash(tmp_path: Path) -> None:
    assert begin(str(tmp_path), ENTRY.replaced(operation="../../x"), "2026").entry.operation == "../../x"
    assert not (tmp_path.parent / "x").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"done": 3},
        {"done": -1},
        {"done": "1"},
        {"steps": "abc"},
        {"steps": [1, 2]},
        {"pins": []},
        {"head": None},
        {"extra": 1},
        {"candidate": 3},
        {"quiet": "yes"},
        {"running": -1},
        {"running": True},
        {"running": 1 << 31},
        {"began": True},
        {"mark": 1},
        {"pins": {"head": "--hard"}},
        {"pins": {"candidate": "main"}},
        {"pins": {"head": 1}},
        {"pins": {"branch": 1}},
    ],
)
def test_nonsense_is_not_believed(tmp_path: Path, change: dict[str, Any]) -> None:
    journal = begin(str(tmp_path), ENTRY, "20260201T100000.000")
    path = Path(journal.folder) / "journal.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(CannotKnow):
        find_newest(str(tmp_path))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "{}"])
def test_what_is_no_journal(tmp_path: Path, text: str) -> None:
    journal = begin(str(tmp_path), ENTRY, "20260201T100000.000")
    (Path(journal.folder) / "journal.json").write_text(text)
    with pytest.raises(CannotKnow):
        find_newest(str(tmp_path))


def test_whether_its_step_still_runs() -> None:
    now = time.time()
    assert not is_step_running(ENTRY)
    assert is_step_running(ENTRY.replaced(running=os.getpid(), began=now))
    assert not is_step_running(ENTRY.replaced(running=os.getpid(), began=1.0)), "another process with that number"
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert not is_step_running(ENTRY.replaced(running=process.pid, began=now))


def test_whatever_the_clock_said_a_process_is_known_by_its_mark(tmp_path: Path) -> None:
    mark = mark_of(os.getpid())
    if not mark:
        pytest.skip("needs /proc")
    for began in (0.0, 1.0, time.time(), 4e9):
        assert is_step_running(ENTRY.replaced(running=os.getpid(), began=began, mark=mark))
        assert not is_step_running(ENTRY.replaced(running=os.getppid(), began=began, mark=mark)), (
            "its number was given again"
        )
        assert not is_step_running(ENTRY.replaced(running=os.getpid(), began=began, mark=f"{mark}0"))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        entry = ENTRY.replaced(running=process.pid, mark=mark_of(process.pid))
        assert is_step_running(entry)
        process.communicate(b"\n")
    assert not is_step_running(entry)

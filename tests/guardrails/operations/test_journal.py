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
from guardrails.operations.journal import Entry, alive, begin, newest

ENTRY = Entry(
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
    assert newest(str(tmp_path)) is None
    journal = begin(str(tmp_path), ENTRY, "20260201T100000.000")
    journal.note(done=1, running=7, began=1.5)
    found = newest(str(tmp_path))

    assert found is not None
    assert found.entry == journal.entry == ENTRY.replaced(done=1, running=7, began=1.5)
    assert found.output(2).endswith("step-2.log")
    assert (Path(found.folder) / "journal.json").stat().st_mode & 0o777 == 0o600


def test_the_newest_counts_and_old_ones_go(tmp_path: Path) -> None:
    for number in range(25):
        begin(str(tmp_path), ENTRY.replaced(done=number % 3), f"20260201T1000{number:02}.000")
    found = newest(str(tmp_path))
    assert found is not None
    assert found.entry.done == 0
    assert len(list((tmp_path / "guardrails/runs").iterdir())) == 20
    (tmp_path / "guardrails/runs/99999999T000000.000-update").mkdir()
    assert newest(str(tmp_path)) is not None, "one that was killed before it began is passed over"


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
    ],
)
def test_nonsense_is_not_believed(tmp_path: Path, change: dict[str, Any]) -> None:
    journal = begin(str(tmp_path), ENTRY, "20260201T100000.000")
    path = Path(journal.folder) / "journal.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(CannotKnow):
        newest(str(tmp_path))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "{}"])
def test_what_is_no_journal(tmp_path: Path, text: str) -> None:
    journal = begin(str(tmp_path), ENTRY, "20260201T100000.000")
    (Path(journal.folder) / "journal.json").write_text(text)
    with pytest.raises(CannotKnow):
        newest(str(tmp_path))


def test_whether_its_step_still_runs() -> None:
    now = time.time()
    assert not alive(ENTRY)
    assert alive(ENTRY.replaced(running=os.getpid(), began=now))
    assert not alive(ENTRY.replaced(running=os.getpid(), began=1.0)), "another process with that number"
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert not alive(ENTRY.replaced(running=process.pid, began=now))

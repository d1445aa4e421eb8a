"""A file that changed after the look began is noticed, however it was changed, and once only."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from guardrails.errors import CannotKnow
from guardrails.facts import witness
from guardrails.facts.files import read_bytes
from guardrails.facts.witness import Witness, require_unchanged, state_of

GRAIN = 0.05  # seconds; more than the kernel's clock for files may be behind


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_text("one\n")
    time.sleep(GRAIN)
    return path


def rewritten(path: Path) -> None:
    path.write_text("two\n")


def replaced(path: Path) -> None:
    (path.parent / "new").write_text("two\n")
    (path.parent / "new").rename(path)


def replaced_by_an_old_one(path: Path) -> None:
    shutil.copy2(path, path.parent / "new")
    os.utime(path.parent / "new", (0, 0))
    (path.parent / "new").rename(path)


def rewritten_with_its_time(path: Path) -> None:
    before = path.stat()
    path.write_text("two\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def moved_away_and_back(path: Path) -> None:
    path.rename(path.parent / "away")
    (path.parent / "away").rename(path)


@pytest.mark.parametrize(
    "change", [rewritten, replaced, replaced_by_an_old_one, rewritten_with_its_time, moved_away_and_back]
)
def test_a_change_after_the_beginning(
    path: Path, change: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Witness(time.time_ns())
    monkeypatch.setattr(witness, "current", seen)
    read_bytes(str(path))
    assert seen.late == {}
    change(path)
    read_bytes(str(path))
    assert list(seen.late) == [str(path)]
    assert seen.read == {}


def test_a_change_while_it_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Witness(time.time_ns())
    monkeypatch.setattr(witness, "current", seen)
    real = os.read

    def slow(descriptor: int, size: int) -> bytes:
        data = real(descriptor, size)
        path.write_text("two\n")
        return data

    monkeypatch.setattr(os, "read", slow)
    assert read_bytes(str(path)) == b"one\n"
    assert list(seen.late) == [str(path)]


def test_what_is_known_to_be_late_and_has_not_changed_since(path: Path) -> None:
    """As on a disk of another machine, whose clock is ahead: the second look sees that nothing has moved."""
    ahead = Witness(0)
    ahead.look(str(path))
    again = Witness(0, ahead.late)
    again.look(str(path))
    assert again.late == {}
    rewritten(path)
    again.look(str(path))
    assert list(again.late) == [str(path)]


def test_everything_for_whoever_looks_again(path: Path) -> None:
    seen = Witness(time.time_ns(), everything=True)
    seen.look(str(path))
    seen.look(str(path.parent / "absent"))
    assert seen.read == {str(path): state_of(str(path))}
    require_unchanged(seen.read)
    rewritten(path)
    with pytest.raises(CannotKnow, match="file was changed after it was checked"):
        require_unchanged(seen.read)


def test_what_was_absent_and_has_come(tmp_path: Path) -> None:
    state = {str(tmp_path / "absent"): state_of(str(tmp_path / "absent"))}
    require_unchanged(state)
    (tmp_path / "absent").touch()
    with pytest.raises(CannotKnow):
        require_unchanged(state)

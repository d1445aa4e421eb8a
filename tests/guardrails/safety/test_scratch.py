"""Temporary files are made outside of what is inspected, and go away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails.errors import CannotKnow
from guardrails.safety.scratch import Scratch


def test_nothing_is_made_before_it_is_needed_and_nothing_is_left(tmp_path: Path) -> None:
    scratch = Scratch((), {"TMPDIR": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []
    one, other = scratch.make_folder(), scratch.make_folder()
    assert one != other
    assert Path(one).parent == Path(other).parent
    assert Path(one).parent.parent == tmp_path
    Path(one, "deep/er").mkdir(parents=True)
    Path(one, "deep/file").write_text("x")
    Path(one, "link").symlink_to(tmp_path)
    scratch.remove()
    assert list(tmp_path.iterdir()) == []
    scratch.remove()


def test_what_another_process_made_is_removed(tmp_path: Path) -> None:
    scratch = Scratch((), {"TMPDIR": str(tmp_path)})
    child = os.fork()
    if child == 0:
        os._exit(0 if os.path.isdir(scratch.make_folder()) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(list(tmp_path.iterdir())) == 1
    scratch.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("inspected", [".", "in", "in/link", "../{name}"])
def test_no_place_inside_of_what_is_inspected(tmp_path: Path, inspected: str) -> None:
    inside, outside = tmp_path / "in/side", tmp_path.parent / f"{tmp_path.name}-outside"
    inside.mkdir(parents=True)
    outside.mkdir(mode=0o700)
    (tmp_path / "in/link").symlink_to(tmp_path)
    folder = str(tmp_path / inspected.format(name=tmp_path.name))
    scratch = Scratch((folder,), {"XDG_RUNTIME_DIR": str(inside), "TMPDIR": str(outside)})
    assert Path(scratch.make_folder()).is_relative_to(outside)
    assert list(inside.iterdir()) == []
    scratch.remove()


def test_a_prefix_of_a_name_is_no_folder_above(tmp_path: Path) -> None:
    state, beside = tmp_path / "state", tmp_path / "state-of-mine"
    state.mkdir()
    beside.mkdir()
    scratch = Scratch((str(state),), {"TMPDIR": str(beside)})
    assert Path(scratch.make_folder()).is_relative_to(beside)
    scratch.remove()


def test_nowhere() -> None:
    with pytest.raises(CannotKnow, match="set TMPDIR"):
        Scratch(("/",), {}).make_folder()


@pytest.mark.parametrize("place", ["relative", "/proc/nowhere", "/dev/null", ""])
def test_a_place_that_is_none_is_passed_over(place: str) -> None:
    scratch = Scratch((), {"XDG_RUNTIME_DIR": place, "TMPDIR": place})
    assert os.path.isdir(scratch.make_folder())
    scratch.remove()

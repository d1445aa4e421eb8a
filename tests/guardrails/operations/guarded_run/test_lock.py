"""One holder at a time, told by name, and let go however it ends."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from dirty.dirty import snapshot
from guardrails.errors import CannotKnow
from guardrails.operations.guarded_run.lock import hold_lock
from progress import elapsed

HOLD = """
import sys
from guardrails.operations.guarded_run.lock import hold_lock
with hold_lock(sys.argv[1], "promote in prod", home=sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def places(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "git").mkdir()
    (tmp_path / "home").mkdir()
    return str(tmp_path / "git"), str(tmp_path / "home")


def holder(places: tuple[str, str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, *places], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_nothing_is_written_where_the_lock_is(places: tuple[str, str]) -> None:
    git_dir, home = places
    before = snapshot(Path(git_dir))
    with hold_lock(git_dir, "promote in prod", home=home):
        assert snapshot(Path(git_dir)) == before
    assert snapshot(Path(git_dir)) == before


def test_a_second_one_is_told_who_holds_it(places: tuple[str, str]) -> None:
    with holder(places) as process:
        began = time.monotonic()
        with (
            pytest.raises(CannotKnow, match=rf"process {process.pid}, promote in prod"),
            hold_lock(places[0], "update", home=places[1], patience=0.3),
        ):
            pass
        assert time.monotonic() - began >= 0.3
        assert elapsed(began) < 3
        process.communicate("")
    with hold_lock(places[0], "update", home=places[1], patience=0):
        pass


def test_waiting_ends_when_it_is_let_go(places: tuple[str, str]) -> None:
    with holder(places) as process:
        process.kill()
        with hold_lock(places[0], "update", home=places[1]):
            pass


def test_a_home_that_cannot_be_written_to(places: tuple[str, str]) -> None:
    with (
        hold_lock(places[0], "update", home="/dev/null"),
        pytest.raises(CannotKnow, match="another user"),
        hold_lock(places[0], "x", home="/dev/null", patience=0),
    ):
        pass


def test_what_is_no_folder(places: tuple[str, str]) -> None:
    with pytest.raises(CannotKnow), hold_lock(places[0] + "/nothing", "update", home=places[1]):
        pass

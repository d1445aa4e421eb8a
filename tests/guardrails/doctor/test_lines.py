"""The code of all lines together, and the command that a message leads to."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from guardrails.doctor.lines import Line, State, exit_code, way_out
from guardrails.errors import CannotKnow
from guardrails.safety.ownership import require_ours


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([], 0),
        ([State.OK, State.NOTE], 0),
        ([State.OK, State.UNKNOWN], 2),
        ([State.UNKNOWN, State.WRONG, State.OK], 1),
    ],
)
def test_what_is_wrong_counts_before_what_cannot_be_told(states: list[State], code: int) -> None:
    assert exit_code([Line("log", "", state, "") for state in states]) == code


def test_a_line_of_a_file_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "its rules.toml"
    path.write_text("one\ntwo\n")
    do = way_out(f"{path}:2: not valid TOML", "mend it")
    assert do.endswith("# a look: mend it")
    assert subprocess.run(["sh", "-c", do], capture_output=True, text=True, check=True).stdout == "two\n"


def test_a_path_is_shown(tmp_path: Path) -> None:
    do = way_out(f"{tmp_path} is a directory, not a file", "mend\nit")
    assert str(tmp_path) in subprocess.run(["sh", "-c", do], capture_output=True, text=True, check=True).stdout
    assert way_out("nothing is known", "mend it") == ""


def test_the_command_of_a_message_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rules"
    path.write_text("")
    path.chmod(0o666)
    with pytest.raises(CannotKnow) as caught:
        require_ours(str(path))
    subprocess.run(["sh", "-c", way_out(str(caught.value), "unused")], check=True)
    require_ours(str(path))

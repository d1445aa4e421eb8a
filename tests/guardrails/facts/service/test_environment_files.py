"""Files of variables, beside what systemd's own program makes of the same files."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.facts.service.environment_files import (
    expand,
    list_configuration_files,
    read_manager_variables,
    read_variables,
)
from oracles.systemd_oracle import generated, need_systemd

PIECES = (
    "A", "B", "C", "HOME", "=", "=", "\n", "\n", "'", '"', "\\", " ", "\t", "#", ";", "$", "${", "}", ":-", ":+", "x",
    "y z", "$A", "${B}", "\r", "$$", "{", "-", "1", "ü",
)  # fmt: skip


def test_generated_files_of_environment_d_are_read_as_systemd_reads_them(tmp_path: Path) -> None:
    need_systemd()
    chosen = random.Random(16469)
    folder = tmp_path / ".config/environment.d"
    folder.mkdir(parents=True)
    decided = 0
    for _ in range(80):
        for name in ("a.conf", "b.conf"):
            lines = [
                f"{chosen.choice('ABC')}={''.join(chosen.choices(PIECES, k=chosen.randint(0, 8)))}" for _ in range(4)
            ]
            wild = "".join(chosen.choices(PIECES, k=chosen.randint(1, 40)))
            (folder / name).write_text(chosen.choice(["\n".join(lines), wild]), newline="")
        known = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        try:
            found = read_manager_variables(str(tmp_path / ".config"), known)
        except CannotKnow:
            continue  # systemd 254 reads such a comment in another way
        decided += 1
        wanted = generated(tmp_path, known)
        texts = [(folder / name).read_text() for name in ("a.conf", "b.conf")]
        assert {name: found.get(name) for name in "ABC"} == {name: wanted.get(name) for name in "ABC"}, texts
    assert decided > 60


def test_which_files_count(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    (tmp_path / "one/20-b.conf").touch()
    (tmp_path / "one/30-c.conf").symlink_to("/dev/null")
    (tmp_path / "one/.10-hidden.conf").touch()
    (tmp_path / "one/other.txt").touch()
    for name in ("10-a.conf", "20-b.conf", "30-c.conf"):
        (tmp_path / "two" / name).touch()
    folders = [str(tmp_path / name) for name in ("one", "none", "two")]
    assert list_configuration_files(folders) == [f"{tmp_path}/two/10-a.conf", f"{tmp_path}/one/20-b.conf"]
    for number in range(201):
        (tmp_path / f"one/{number}.conf").touch()
    with pytest.raises(CannotKnow, match="more than 200"):
        list_configuration_files(folders)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$HOME/x", "/h/x"),
        ("${HOME}x$$HOME", "/hx$HOME"),
        ("${NONE:-${HOME}/y}", "/h/y"),
        ("${HOME:-/other}", "/h"),
        ("${HOME:+there}${NONE:+not}", "there"),
        ("$NONE|${NONE}|$", "||$"),
        ("${HOME", "${HOME"),
        ("${HOME:x}", "${HOME:x}"),
    ],
)
def test_references(text: str, value: str) -> None:
    assert expand(text, {"HOME": "/h"}) == value


def test_a_file_of_variables_keeps_references_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "gw.env"
    path.write_text("A=$HOME\nB='x'y \"z\nC=\nexport D=1\nE =  two words  \n")
    assert read_variables(str(path)) == {"A": "$HOME", "B": 'xy "z', "C": "", "E": "two words"}
    path.write_text("# a comment \\\nA=1\n")
    with pytest.raises(CannotKnow, match="ends in a backslash"):
        read_variables(str(path))
    with pytest.raises(FileNotFoundError):
        read_variables(str(tmp_path / "none"))
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(CannotKnow, match="FIFO"):
        read_variables(str(tmp_path / "fifo"))

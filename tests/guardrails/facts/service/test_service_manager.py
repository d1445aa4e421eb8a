"""What a manager gives to every service: its configuration, and then environment.d."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.facts.service.service_manager import Manager
from guardrails.facts.service.unit_files import Folders


def variables(home: Path) -> dict[str, str]:
    return Manager(str(home), Folders.of(str(home), {})).variables


def test_environment_d_comes_after_the_managers_own_configuration(tmp_path: Path) -> None:
    (tmp_path / ".config/environment.d").mkdir(parents=True)
    (tmp_path / ".config/systemd/user.conf.d").mkdir(parents=True)
    (tmp_path / ".config/systemd/user.conf").write_text("[Manager]\nDefaultEnvironment=A=1 'B=b c' C=%h\n")
    (tmp_path / ".config/systemd/user.conf.d/x.conf").write_text("[Manager]\nDefaultEnvironment=D=4\n")
    (tmp_path / ".config/environment.d/a.conf").write_text("A=${HOME}/x:$B\nE=$XDG_RUNTIME_DIR\n")
    found = variables(tmp_path)
    assert [found[name] for name in "ABCDE"] == [
        f"{tmp_path}/x:b c", "b c", str(tmp_path), "4", f"/run/user/{os.getuid()}",
    ]  # fmt: skip
    assert "HOME" not in found


def test_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".config/environment.d").mkdir(parents=True)
    os.mkfifo(tmp_path / ".config/environment.d/a.conf")
    with pytest.raises(CannotKnow, match="FIFO"):
        variables(tmp_path)

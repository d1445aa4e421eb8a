"""launchd, as far as it is asked; systemd's answers are in test_installation.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails.watch.managers import Launchd, manager_of
from guardrails.watch.schedule import LAUNCHD
from worlds.small_world import write

NAME = "guardrails-watch-0123456789ab"
LAUNCHCTL = """\
#!/bin/sh
echo "$*" >>"{folder}/asked"
case $1 in
  bootstrap) echo "$3" >"{folder}/loaded" ;;
  bootout) rm "{folder}/loaded" ;;
  print) printf '\\tactive count = 0\\n\\tpath = %s\\n' "$(cat "{folder}/loaded")" && [ -e "{folder}/loaded" ] ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "bin/launchctl", LAUNCHCTL.format(folder=tmp_path)).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    return tmp_path


def test_an_agent_is_loaded_and_unloaded(folder: Path) -> None:
    path = str(folder / f"{NAME}.plist")
    agent = manager_of(LAUNCHD, NAME, [path])
    assert isinstance(agent, Launchd)
    assert agent.problem() == "launchd has not loaded it"
    agent.start()
    assert agent.problem() == ""
    assert Launchd(NAME, "/elsewhere.plist").problem() == "launchd has loaded another file in its place"
    agent.stop()
    assert agent.problem() == "launchd has not loaded it"
    domain = f"gui/{os.getuid()}"
    asked = (folder / "asked").read_text().splitlines()
    assert asked[1:3] == [f"bootout {domain}/{NAME}", f"bootstrap {domain} {path}"]


def test_where_there_is_no_launchctl_it_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere-at-all")
    assert Launchd(NAME, f"/{NAME}.plist").problem() == "launchd has not loaded it"

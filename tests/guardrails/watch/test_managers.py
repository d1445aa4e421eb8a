"""launchd, as far as it is asked, and drop-ins of systemd; its other answers are in test_installation.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails.watch.managers import Launchd, Systemd, manager_of
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


SYSTEMCTL = """\
#!/bin/sh
for unit in {name}.timer {name}.service; do
  printf '%s\\n' "Id=$unit" LoadState=loaded FragmentPath=/{name}.timer NeedDaemonReload=no ActiveState=active
  printf '%s\\n' SubState=waiting "DropInPaths=$(cat "{folder}/$unit" 2>/dev/null)" ""
done
"""


@pytest.mark.parametrize("kind", ["timer", "service"])
def test_a_drop_in_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    write(tmp_path / "bin/systemctl", SYSTEMCTL.format(folder=tmp_path, name=NAME)).chmod(0o755)
    write(tmp_path / "bin/loginctl", "#!/bin/sh\necho Linger=yes\n").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    schedule = Systemd(NAME, f"/{NAME}.timer")
    assert (schedule.problem(), schedule.gap()) == ("", "")
    everyone, own = f"/usr/lib/systemd/user/{kind}.d/10-x.conf", f"/home/me/{NAME}.{kind}.d/my own.conf"

    write(tmp_path / f"{NAME}.{kind}", everyone)
    assert schedule.problem() == ""
    assert schedule.gap() == f"systemd changes it, as all units of its kind, by {everyone}"
    write(tmp_path / f"{NAME}.{kind}", f"{everyone} {own}")
    assert schedule.problem() == f"systemd changes {NAME}.{kind} by {everyone} {own}; take away what is not yours"

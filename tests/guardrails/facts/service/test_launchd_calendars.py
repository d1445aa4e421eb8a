"""Property lists of launchd with times in them."""

from __future__ import annotations

import os
import plistlib
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow
from guardrails.facts.service.crontabs import cron_times
from guardrails.facts.service.launchd_calendars import read_launchd_jobs
from guardrails.facts.service.scheduled_job import ScheduledJob

LABEL = "com.example.backup"


class Mac:
    """A home and a folder that stands for `/`."""

    def __init__(self, folder: Path) -> None:
        self.home, self.root = folder / "home", folder / "root"
        self.agents = self.home / "Library/LaunchAgents"
        self.agents.mkdir(parents=True)

    def write(self, folder: Path | None = None, **keys: Any) -> Path:
        path = (folder or self.agents) / f"{LABEL}.plist"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(plistlib.dumps({"Label": LABEL, "ProgramArguments": ["/bin/backup", "--all"], **keys}))
        return path

    def found(self, troubles: list[str] | None = None) -> list[ScheduledJob]:
        seen: list[str] = []
        jobs = list(read_launchd_jobs(str(self.home), str(self.root), {LABEL}, seen if troubles is None else troubles))
        assert seen == []
        return jobs


@pytest.fixture
def mac(tmp_path: Path) -> Mac:
    return Mac(tmp_path)


@pytest.mark.parametrize(
    ("calendar", "line"),
    [
        ({"Hour": 3, "Minute": 0}, "0 3 * * *"),
        ({"Minute": 30}, "30 * * * *"),
        ({"Weekday": 7, "Hour": 1, "Minute": 5}, "5 1 * * 0"),
        ({"Day": 1, "Month": 2, "Hour": 0, "Minute": 0}, "0 0 1 2 *"),
        ({"Day": 1, "Weekday": 1, "Hour": 0, "Minute": 0}, "0 0 1 * 1"),
        ({}, "* * * * *"),
    ],
)
def test_a_calendar_is_a_line_of_a_crontab(mac: Mac, calendar: dict[str, int], line: str) -> None:
    path = mac.write(StartCalendarInterval=calendar)
    (job,) = mac.found()
    assert job.times == {cron_times(line)}
    assert (job.path, job.name, job.command, job.off) == (str(path), LABEL, "/bin/backup --all", "")


def test_several_calendars_and_an_interval(mac: Mac) -> None:
    mac.write(StartCalendarInterval=[{"Hour": 3, "Minute": 0}, {"Hour": 5, "Minute": 0}], StartInterval=1800)
    (job,) = mac.found()
    assert job.times == {cron_times("0 3 * * *"), cron_times("0 5 * * *"), "every 1800s"}
    assert job.schedule == "0 3 * * *; 0 5 * * *; every 1800s"


@pytest.mark.parametrize(("keys", "off"), [({}, "no time"), ({"Disabled": True, "StartInterval": 60}, "Disabled")])
def test_what_is_not_started(mac: Mac, keys: dict[str, Any], off: str) -> None:
    mac.write(**keys)
    assert off in mac.found()[0].off


@pytest.mark.parametrize("folder", ["LaunchAgents", "LaunchDaemons"])
def test_the_folders_of_the_system(mac: Mac, folder: str) -> None:
    mac.write(mac.root / "Library" / folder, StartInterval=60)
    assert len(mac.found()) == 1
    mac.write(StartInterval=60)
    assert len(mac.found()) == 2


@pytest.mark.parametrize(
    "keys",
    [
        {"StartCalendarInterval": {"Hour": 24}},
        {"StartCalendarInterval": {"Hour": True}},
        {"StartCalendarInterval": {"Hour": "3"}},
        {"StartCalendarInterval": {"hour": 3}},
        {"StartCalendarInterval": "daily"},
        {"StartCalendarInterval": {"Day": 31, "Month": 2}},
        {"StartInterval": 0},
        {"StartInterval": True},
        {"StartInterval": "60"},
        {"StartInterval": 60, "Disabled": "yes"},
        {"StartInterval": 60, "ProgramArguments": [1]},
    ],
)
def test_what_launchd_could_take_for_something_else(mac: Mac, keys: dict[str, Any]) -> None:
    path = mac.write(**keys)
    troubles: list[str] = []
    assert mac.found(troubles) == []
    assert str(path) in troubles[0]


def test_files_that_cannot_be_read(mac: Mac) -> None:
    (mac.agents / "a.plist").write_text("<plist>")
    (mac.agents / "b.plist").symlink_to("none")
    os.mkfifo(mac.agents / "c.plist")
    (mac.agents / "d.txt").write_text("none of it")
    mac.write(StartInterval=60)
    troubles: list[str] = []
    assert len(mac.found(troubles)) == 1
    assert len(troubles) == 3


def test_folders_that_cannot_be_listed(mac: Mac) -> None:
    (mac.root / "Library").mkdir(parents=True)
    (mac.root / "Library/LaunchDaemons").symlink_to("LaunchDaemons")
    troubles: list[str] = []
    mac.found(troubles)
    assert "cannot be read" in troubles[0]


def test_services_without_end(mac: Mac, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2001):
        (mac.agents / f"{number}.plist").touch()
    with pytest.raises(CannotKnow, match="more than 2000"):
        mac.found()

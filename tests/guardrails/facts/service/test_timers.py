"""Timers that are started, masked, changed by drop-ins or wanted by nothing, beside systemd's own manager."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from guardrails import CannotKnow
from guardrails.facts.service.scheduled_job import ScheduledJob
from guardrails.facts.service.systemd_times import calendar_text, span_seconds
from guardrails.facts.service.timers import Timers, system_folders, user_folders
from oracles.systemd_oracle import load_timers, need_systemd

NAMES = ("shop.timer", "shop-clean.timer", "t@.timer")
WANTED = ("shop.timer", "shop-clean.timer", "t@one.timer")
TARGETS = ("timers.target", "default.target", "basic.target", "multi-user.target", "shop.target")
TRIGGERS = (
    "OnCalendar=daily",
    "OnCalendar=Mon..Fri 09:00",
    "OnBootSec=5min",
    "OnUnitActiveSec=1h",
    "OnCalendar=",
    "OnBootSec=",
)


class Home:
    """A home with folders of units, which a test fills."""

    def __init__(self, folder: Path) -> None:
        self.home, self.runtime = folder / "home", folder / "run"
        self.folders = [self.home / ".config/systemd/user", self.home / ".local/share/systemd/user"]
        for path in (*self.folders, self.runtime):
            path.mkdir(parents=True)
        self.own = self.folders[0]
        folder.chmod(0o755)  # whom systemd runs as must reach it

    def timer(self, text: str = "OnCalendar=daily", *, wanted: str = "timers.target", name: str = "shop") -> Path:
        """A timer and what it starts."""
        (self.own / f"{name}.timer").write_text(f"[Timer]\n{text}\n")
        (self.own / f"{name}.service").write_text("[Service]\nExecStart=/bin/true --all\n")
        if wanted:
            (self.own / f"{wanted}.wants").mkdir(exist_ok=True)
            (self.own / f"{wanted}.wants/{name}.timer").symlink_to(f"../{name}.timer")
        return self.own / f"{name}.timer"

    def found(self, *names: str) -> dict[str, ScheduledJob]:
        folders = user_folders(str(self.home), {"XDG_RUNTIME_DIR": str(self.runtime)}, "/")
        return {one.name: one for one in Timers(folders, "/", of_user=True).find_named(names or WANTED)}

    def shop(self) -> ScheduledJob:
        return self.found()["shop"]


@pytest.fixture
def home() -> Iterator[Home]:
    need_systemd()  # whose own default.target is there
    with TemporaryDirectory() as folder:
        yield Home(Path(folder))


def fill(home: Home, chosen: random.Random) -> None:
    """Write timers, links, drop-ins and what they start at random."""
    for name in NAMES:
        for folder in chosen.sample(home.folders, chosen.choice([0, 1, 1, 1, 2])):
            kind = chosen.random()
            if kind < 0.1:
                (folder / name).symlink_to("/dev/null")
            else:
                lines = chosen.sample(TRIGGERS, chosen.randint(0, 3))
                (folder / name).write_text("\n".join(["[Timer]", *lines, ""]))
        service = home.own / name.replace(".timer", ".service")
        if (kind := chosen.random()) < 0.1:
            service.symlink_to("/dev/null")
        elif kind < 0.9:
            service.write_text("[Service]\nExecStart=/bin/true\n")
    for _ in range(6):
        folder, target, name = chosen.choice(home.folders), chosen.choice(TARGETS), chosen.choice(WANTED)
        path = folder / f"{target}.wants" / name
        path.parent.mkdir(exist_ok=True)
        if not path.is_symlink():
            path.symlink_to("/dev/null" if chosen.random() < 0.2 else f"../{name.replace('one', '')}")
    for _ in range(2):
        place = chosen.choice(home.folders) / f"{chosen.choice([*WANTED, 'shop-.timer', 'timer'])}.d"
        place.mkdir(exist_ok=True)
        path = place / chosen.choice(["a.conf", "b.conf"])
        path.write_text("\n".join(["[Timer]", *chosen.sample(TRIGGERS, 2), ""]))


def times(triggers: tuple[tuple[str, str], ...]) -> set[str]:
    """What the manager has read, in the form of a job's times."""
    calendars = {calendar_text(value) for key, value in triggers if key == "OnCalendar"}
    again = {f"every {span_seconds(value)}s" for key, value in triggers if key == "OnUnitActiveSec"}
    boot = {"@reboot"} if not again and any(key == "OnBootSec" for key, _ in triggers) else set()
    return calendars | again | boot


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.sample(4)
def test_generated_timers_are_started_as_systemd_starts_them(home: Home, seed: int) -> None:
    fill(home, random.Random(seed))
    found, loaded = home.found(), load_timers(home.home, home.runtime)
    for name in WANTED:
        timer, job = loaded.get(name), found.get(name.removesuffix(".timer"))
        if timer is None or timer.state == "not-found":
            assert job is None or job.off, name  # the manager loads what something wants
            continue
        assert job is not None, name
        service = home.own / name.replace(".timer", ".service").replace("one", "" if "@" in name else "one")
        runs = service.exists() and not service.is_symlink()
        assert (not job.off) == (timer.starts and timer.state == "loaded" and runs), (name, job, timer)
        assert job.path == timer.path
        if timer.state == "loaded":
            assert set(job.times) == times(timer.triggers), (name, job, timer)


def test_a_timer_that_is_started(home: Home) -> None:
    path = home.timer("OnCalendar=Mon 3:00\nPersistent=true")
    job = home.shop()
    assert (job.path, job.command, job.schedule, job.off, job.doubt) == (
        str(path),
        "/bin/true --all",
        "Mon 3:00",
        "",
        "",
    )
    assert job.times == {calendar_text("Mon *-*-* 03:00:00")}


@pytest.mark.parametrize("wanted", ["", "multi-user.target", "shop.target"])
def test_a_timer_that_nothing_wants(home: Home, wanted: str) -> None:
    home.timer(wanted=wanted)
    why = f"only {wanted} wants it, which does not come up by itself here"
    assert home.shop().off == (why if wanted else "it is not enabled: no target wants it")


def test_a_masked_timer_is_not_started(home: Home) -> None:
    path = home.timer()
    path.unlink()
    path.symlink_to("/dev/null")
    assert home.shop().off == "it is masked"


def test_a_link_to_nothing_takes_a_wish_back(home: Home) -> None:
    home.timer(wanted="")
    other = home.folders[1] / "timers.target.wants"
    other.mkdir()
    (other / "shop.timer").symlink_to("../shop.timer")
    assert (home.shop().off, load_timers(home.home, home.runtime)["shop.timer"].starts) == ("", True)
    (home.own / "timers.target.wants").mkdir()
    (home.own / "timers.target.wants/shop.timer").symlink_to("/dev/null")
    assert "not enabled" in home.shop().off
    assert "shop.timer" not in load_timers(home.home, home.runtime)


def test_a_target_that_is_masked_brings_nothing_up(home: Home) -> None:
    home.timer()
    (home.own / "timers.target").symlink_to("/dev/null")
    assert "does not come up" in home.shop().off


@pytest.mark.parametrize(
    ("drop_in", "schedule", "off"),
    [
        ("OnCalendar=\nOnCalendar=weekly", "weekly", ""),
        ("OnBootSec=", "", "it has no time, so systemd refuses it"),
        ("Unit=none.service", "daily", "none.service, which it starts, is not there"),
    ],
)
def test_drop_ins_change_a_timer(home: Home, drop_in: str, schedule: str, off: str) -> None:
    home.timer()
    (home.own / "shop.timer.d").mkdir()
    (home.own / "shop.timer.d/x.conf").write_text(f"[Timer]\n{drop_in}\n")
    assert (home.shop().schedule, home.shop().off) == (schedule, off)


@pytest.mark.parametrize(("text", "why"), [("", "is masked"), ("[Service]\nExecStart=\n", "has no command")])
def test_what_a_timer_starts_must_be_there(home: Home, text: str, why: str) -> None:
    home.timer()
    (home.own / "shop.service").write_text(text)
    assert home.shop().off == f"shop.service, which it starts, {why}"


def test_intervals_and_a_first_time_are_one_schedule(home: Home) -> None:
    home.timer("OnBootSec=0\nOnUnitInactiveSec=1h 30min")
    assert home.shop().times == {"every 5400s"}
    home.timer("OnStartupSec=5min", wanted="default.target", name="shop-clean")
    assert home.found()["shop-clean"].times == {"@reboot"}


def test_a_timer_with_conditions_is_in_doubt(home: Home) -> None:
    path = home.timer()
    path.write_text("[Unit]\nConditionACPower=true\n" + path.read_text())
    assert "ConditionACPower=true" in home.shop().doubt


@pytest.mark.parametrize(
    "text", ["OnCalendar=bad", "OnCalendar=%i", "OnBootSec=soon", "OnCalendar=10:00:00.5", "Unit=%i.service"]
)
def test_what_is_not_understood_is_not_known(home: Home, text: str) -> None:
    home.timer(f"OnCalendar=daily\n{text}")
    with pytest.raises(CannotKnow):
        home.shop()


@pytest.mark.parametrize("spoil", ["fifo", "folder", "large", "latin", "dangling"])
def test_a_file_that_cannot_be_read(home: Home, spoil: str) -> None:
    path = home.timer()
    path.unlink()
    if spoil == "fifo":
        os.mkfifo(path)
    elif spoil == "folder":
        path.mkdir()
    elif spoil == "dangling":
        path.symlink_to(home.home / "none")
    else:
        path.write_bytes(b"[Timer]\n" + (b"# \xe9\n" if spoil == "latin" else b"#" * (1 << 21)))
    with pytest.raises(CannotKnow, match=r"shop\.timer"):
        home.shop()


class System:
    """A folder that stands for `/`, with targets."""

    def __init__(self, root: Path, default: str = "multi-user.target") -> None:
        self.root, self.units, self.own = root, root / "usr/lib/systemd/system", root / "etc/systemd/system"
        for path in (self.units, self.own / "timers.target.wants", self.own / "graphical.target.wants"):
            path.mkdir(parents=True)
        for name in ("timers", "basic", "multi-user", "graphical"):
            (self.units / f"{name}.target").write_text("[Unit]\n")
        (self.units / "default.target").symlink_to(default)
        (self.units / "shop.timer").write_text("[Timer]\nOnCalendar=daily\n")
        (self.units / "shop.service").write_text("[Service]\nExecStart=/bin/true\n")

    def want(self, target: str) -> None:
        (self.own / f"{target}.wants/shop.timer").symlink_to("/usr/lib/systemd/system/shop.timer")

    def off(self) -> str:
        (job,) = Timers(system_folders(str(self.root)), str(self.root), of_user=False).find_named(["shop.timer"])
        return job.off


def test_a_timer_of_the_system(tmp_path: Path) -> None:
    system = System(tmp_path)
    assert "not enabled" in system.off()
    system.want("timers.target")
    assert system.off() == ""


def test_what_a_server_does_not_bring_up(tmp_path: Path) -> None:
    system = System(tmp_path)
    system.want("graphical.target")
    assert "graphical.target wants it" in system.off()
    (system.own / "default.target").symlink_to("/usr/lib/systemd/system/graphical.target")
    assert system.off() == ""


@pytest.mark.parametrize("default", ["rescue.target", "/dev/null"])
def test_a_default_that_is_not_known(tmp_path: Path, default: str) -> None:
    system = System(tmp_path, default)
    (system.units / "rescue.target").write_text("[Unit]\n")
    with pytest.raises(CannotKnow, match=r"default\.target of the system"):
        system.off()


def test_links_stay_below_the_folder_that_stands_for_the_root(tmp_path: Path) -> None:
    system = System(tmp_path)
    (system.units / "shop.timer").unlink()
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt/x.timer").write_text("[Timer]\nOnCalendar=daily\n")
    (system.own / "shop.timer").symlink_to("/opt/x.timer")
    system.want("timers.target")
    assert system.off() == ""


def test_the_folders_of_the_system_are_those_of_systemd() -> None:
    need_systemd()
    done = subprocess.run(["systemd-analyze", "--system", "unit-paths"], capture_output=True, text=True, check=True)
    assert system_folders("/") == done.stdout.splitlines()

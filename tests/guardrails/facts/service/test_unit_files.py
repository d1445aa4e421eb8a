"""Names, links, templates and drop-ins, beside what systemd's own manager loads."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from guardrails import CannotKnow
from guardrails.facts.service.unit_files import Folders, UnitFile, UnitFiles
from oracles.systemd_oracle import load, need_systemd

NAMES = ("gw-a-b.service", "gw-a.service", "t-x@.service", "t-x@one.service", "other.service")
WANTED = ("gw-a-b.service", "gw-a.service", "t-x@one.service", "t-x@two.service", "other.service")
DROP_INS = (
    "gw-a-b.service.d", "gw-.service.d", "gw-a-.service.d", "gw-a.service.d", "service.d", "t-x@.service.d",
    "t-x@one.service.d", "t-x@two.service.d", "t-@.service.d", "t-.service.d", "t-@one.service.d", "other.service.d",
)  # fmt: skip


@pytest.mark.parametrize(
    "variables",
    [{}, {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d/"}, {"XDG_DATA_DIRS": "/a:/b", "XDG_CONFIG_DIRS": "/e:/f"}],
)
def test_the_folders_are_those_of_systemd(tmp_path: Path, variables: dict[str, str]) -> None:
    need_systemd()
    given = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": "/run/user/1000", **variables}
    done = subprocess.run(
        ["systemd-analyze", "--user", "unit-paths"],
        env={**given, "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert list(Folders.of(str(tmp_path), given).units) == done.stdout.splitlines()


class Home:
    """A home with folders of units, which a test fills."""

    def __init__(self, folder: Path) -> None:
        self.home, self.runtime = folder / "home", folder / "run"
        units = [self.home / ".config/systemd/user.control", self.home / ".config/systemd/user"]
        units += [self.runtime / "systemd/user", self.home / ".local/share/systemd/user"]
        for path in units:
            path.mkdir(parents=True)
        self.folders = units
        self.own = units[1]
        folder.chmod(0o755)

    def want(self, *names: str) -> None:
        """Have units started with the manager."""
        (self.own / "default.target.wants").mkdir(exist_ok=True)
        (self.own / "default.target").write_text("[Unit]\n")
        for name in names:
            (self.own / "default.target.wants" / name).symlink_to(f"../{name}")

    def files(self, *asked: str) -> dict[str, UnitFile]:
        folders = Folders.of(str(self.home), {"XDG_RUNTIME_DIR": str(self.runtime)})
        found = UnitFiles(folders.units).units(asked)
        return {one.name: one for one in found if not one.path.startswith("/usr/")}


@pytest.fixture
def home() -> Iterator[Home]:
    with TemporaryDirectory() as folder:  # whom systemd runs as must reach it, which pytest's folders forbid
        yield Home(Path(folder))


def fill(home: Home, chosen: random.Random) -> None:
    """Write units, links and drop-ins at random."""
    for name in NAMES:
        for folder in chosen.sample(home.folders, chosen.choice([0, 1, 1, 2])):
            path, kind = folder / name, chosen.random()
            if kind < 0.6:
                path.write_text(f"[Service]\nExecStart=/bin/echo {folder}\n")
            elif kind < 0.7:
                linked = home.home / f"linked-{name}"
                linked.write_text("[Service]\nExecStart=/bin/echo linked\n")
                path.symlink_to(linked)
            elif (other := chosen.choice(NAMES)) != name:
                target = chosen.choice(home.folders) / other
                path.symlink_to(chosen.choice([str(target), os.path.relpath(target, folder)]))
    for _ in range(chosen.randint(0, 8)):
        place = chosen.choice(home.folders) / chosen.choice(DROP_INS)
        place.mkdir(exist_ok=True)
        path = place / chosen.choice(["a.conf", "b.conf", "c.conf", "x.txt"])
        if chosen.random() < 0.1 and not path.exists():
            path.symlink_to("/dev/null")
        elif not path.is_symlink():
            path.write_text("[Service]\nEnvironment=A=1\n")


@pytest.mark.parametrize("seed", range(8))
def test_generated_units_are_found_as_systemd_finds_them(home: Home, seed: int) -> None:
    need_systemd()
    fill(home, random.Random(seed))
    home.want(*WANTED)
    found, loaded = home.files(), load(home.home, home.runtime)
    for name in WANTED:
        if name not in loaded or loaded[name].state == "not-found":  # or loaded by the name that it stands for
            assert name not in found
        else:
            assert (found[name].path, found[name].drop_ins) == (loaded[name].path, loaded[name].drop_ins), name


def test_an_alias_is_no_second_unit(home: Home) -> None:
    (home.own / "gw.service").write_text("[Service]\n")
    (home.own / "old.service").symlink_to("gw.service")
    (home.folders[2] / "older.service").symlink_to(home.own / "old.service")
    assert [(one.name, one.aliases) for one in home.files().values()] == [
        ("gw.service", ("old.service", "older.service"))
    ]


def test_a_link_to_elsewhere_is_a_unit_by_its_own_name(home: Home) -> None:
    (home.home / "repo.service").write_text("[Service]\n")
    (home.own / "gw.service").symlink_to(home.home / "repo.service")
    assert home.files()["gw.service"].path == str(home.own / "gw.service")


def test_instances_of_a_template(home: Home) -> None:
    (home.own / "gw@.service").write_text("[Service]\n")
    assert home.files() == {}
    assert list(home.files("gw@asked.service", "none.service")) == ["gw@asked.service"]
    home.want("gw@wanted.service", "none@x.service")
    (home.own / "gw@dropped.service.d").mkdir()
    assert list(home.files()) == ["gw@dropped.service", "gw@wanted.service"]


def test_folders_that_cannot_be_listed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(CannotKnow, match="cannot be read"):
        UnitFiles([str(tmp_path / "loop")])
    (tmp_path / "file").touch()
    assert UnitFiles([str(tmp_path / "file"), str(tmp_path / "none")]).units() == []


def test_units_without_end(tmp_path: Path) -> None:
    for number in range(2001):
        (tmp_path / f"{number}.service").touch()
    with pytest.raises(CannotKnow, match="more than 2000"):
        UnitFiles([str(tmp_path)]).units()

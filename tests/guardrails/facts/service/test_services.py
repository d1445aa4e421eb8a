"""Definitions of both kinds in a home, those that a service manager would refuse too."""

from __future__ import annotations

import os
import plistlib
import re
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, Table
from guardrails.facts.service.service_manager import Manager
from guardrails.facts.service.services import LAUNCHD, SYSTEMD, Service, Services
from guardrails.facts.service.unit_files import Folders
from guardrails.testing import gather, world

CANARY = "hunter2hunter2"


OF_THE_MACHINE = gather(Services, world(Path("/nowhere"), home="/nowhere")).services


def services(home: Path, **variables: str) -> tuple[Service, ...]:
    """Those of the home, apart from what the machine has for every user."""
    asked = world(home, home=str(home))
    asked.variables = variables
    found = gather(Services, asked)
    assert CANARY not in repr(found)
    others = {one.path for one in OF_THE_MACHINE}
    return tuple(_apart(one) for one in found.services if one.path not in others)


def _apart(service: Service) -> Service:
    given = Manager("/nowhere", Folders.of("/nowhere", {})).variables
    return service.replaced(
        variables=Table({name: value for name, value in service.variables.items() if name not in given})
    )


def plist(home: Path, name: str = "a", data: bytes | None = None, **keys: Any) -> Path:
    path = home / LAUNCHD / f"{name}.plist"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(plistlib.dumps(keys) if data is None else data)
    return path


def unit(home: Path, text: str, name: str = "gw") -> Path:
    path = home / SYSTEMD / f"{name}.service"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_none(tmp_path: Path) -> None:
    assert services(tmp_path) == ()


@pytest.mark.parametrize("binary", [True, False])
def test_a_property_list(tmp_path: Path, *, binary: bool) -> None:
    keys = {
        "Label": "com.gw",
        "ProgramArguments": ["/node", "x.js", "--token", CANARY, f"--password={CANARY}", "--port", "1"],
        "EnvironmentVariables": {"STATE": "~/x", "GW_TOKEN": CANARY, "EMPTY_TOKEN": ""},
        "WorkingDirectory": "/w",
        "KeepAlive": True,
    }
    path = plist(tmp_path, data=plistlib.dumps(keys, fmt=plistlib.FMT_BINARY) if binary else plistlib.dumps(keys))
    assert services(tmp_path) == (
        Service(
            "com.gw",
            str(path),
            ("/node", "x.js", "--token", "--password", "--port", "1"),
            "/w",
            {"STATE": "~/x"},
            ("GW_TOKEN", "--token", "--password"),
        ),
    )


def test_a_program_and_a_disabled_one(tmp_path: Path) -> None:
    plist(tmp_path, Label="x", Program="/p", ProgramArguments=["p", "1"], Disabled=True)
    (found,) = services(tmp_path)
    assert (found.command, found.off, found.folder) == (("/p", "1"), True, "")


def test_a_unit(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text(f"GW_PASSWORD={CANARY}\nPORT=1\n")
    path = unit(
        tmp_path,
        f"[Service]\nExecStart=/node x.js\nEnvironment=GW_TOKEN={CANARY} STATE=%h\nEnvironmentFile=%h/secrets\n",
    )
    assert services(tmp_path) == (
        Service(
            "gw",
            str(path),
            ("/node", "x.js"),
            str(tmp_path),
            {"STATE": str(tmp_path), "PORT": "1"},
            ("GW_TOKEN",),
            files=(str(tmp_path / "secrets"),),
        ),
    )


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"", "not a valid property list"),
        (b"<plist><dict><key>Label</key>", "not a valid property list"),
        (plistlib.dumps({"Label": "x"})[:-30], "not a valid property list"),
        (plistlib.dumps({}), "no Label"),
        (plistlib.dumps({"Label": 1}), "Label of .* is no str"),
        (plistlib.dumps([1]), "not a table"),
        (plistlib.dumps({"Label": "x", "ProgramArguments": [1]}), "not texts"),
        (plistlib.dumps({"Label": "x", "EnvironmentVariables": {"A": 1}}), "not texts"),
        (b"<plist><dict><key>Label</key><string>a</string><key>Label</key><string>b</string></dict></plist>", "differ"),
        (b"<plist>" + b"<array>" * 100_000, "plist"),
        (f"<plist><integer>{CANARY}</integer></plist>".encode(), "not a valid property list"),
        (b'<!DOCTYPE p [<!ENTITY a "a"><!ENTITY b "&a;&a;">]><plist><string>&b;</string></plist>', "plist"),
    ],
)
def test_property_lists_that_cannot_be_read(tmp_path: Path, data: bytes, trouble: str) -> None:
    plist(tmp_path, data=data)
    plist(tmp_path, "b", Label="fine")
    broken, fine = services(tmp_path)
    assert (broken.name, broken.command, fine.name, fine.trouble) == ("a", (), "fine", "")
    assert re.search(trouble, broken.trouble)


def test_files_that_are_none(tmp_path: Path) -> None:
    with plist(tmp_path, "huge", data=b"").open("wb") as file:
        file.truncate(1 << 30)
    os.mkfifo(tmp_path / LAUNCHD / "fifo.plist")
    (tmp_path / LAUNCHD / "folder.plist").mkdir()
    (tmp_path / LAUNCHD / "gone.plist").symlink_to("nowhere")
    (tmp_path / LAUNCHD / "loop.plist").symlink_to("loop.plist")
    (tmp_path / LAUNCHD / "other.txt").write_text("no definition")
    unit(tmp_path, "[Service\n")
    found = services(tmp_path)
    assert [one.name for one in found] == ["fifo", "folder", "gone", "huge", "loop", "gw"]
    assert all(one.trouble for one in found)


def test_folders_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / SYSTEMD).parent.mkdir(parents=True)
    (tmp_path / SYSTEMD).symlink_to(tmp_path / SYSTEMD)
    with pytest.raises(CannotKnow, match="cannot be read"):
        services(tmp_path)


def test_services_without_end(tmp_path: Path) -> None:
    folder = plist(tmp_path).parent
    for number in range(2001):
        (folder / f"{number}.plist").touch()
    with pytest.raises(CannotKnow, match="more than 2000"):
        services(tmp_path)


def test_names_are_data(tmp_path: Path) -> None:
    plist(tmp_path, "a\n\x1b[31m", Label="b\n[x]")
    (found,) = services(tmp_path)
    assert (found.name, found.path.endswith("a\n\x1b[31m.plist")) == ("b\n[x]", True)


def test_where_xdg_says_that_units_are(tmp_path: Path) -> None:
    for name in ("config", "data", "run"):
        folder = tmp_path / name / "systemd/user"
        folder.mkdir(parents=True)
        (folder / f"{name}.service").write_text("[Service]\nExecStart=/x\n")
    given = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_RUNTIME_DIR": "run"}
    found = services(tmp_path, **{name: str(tmp_path / folder) for name, folder in given.items()})
    assert [one.name for one in found] == ["config", "data", "run"]
    assert services(tmp_path) == ()


def test_a_unit_whose_variables_cannot_be_told_still_shows_its_command(tmp_path: Path) -> None:
    unit(tmp_path, "[Service]\nExecStart=/node x.js\nEnvironmentFile=/nowhere/x\n")
    (found,) = services(tmp_path)
    assert (found.command, found.trouble) == (("/node", "x.js"), "")
    assert "/nowhere/x is not there" in found.doubt


def test_aliases_and_masked_units(tmp_path: Path) -> None:
    unit(tmp_path, "[Service]\nExecStart=/x\n")
    (tmp_path / SYSTEMD / "old.service").symlink_to("gw.service")
    (tmp_path / SYSTEMD / "off.service").symlink_to("/dev/null")
    found = {one.name: one for one in services(tmp_path)}
    assert found["gw"].names == ("gw", "old")
    assert (found["off"].off, found["off"].command) == (True, ())


def test_what_the_system_brings_is_read_when_it_holds_a_word(tmp_path: Path) -> None:
    found = gather(Services, world(tmp_path, home=str(tmp_path)), ("a word that no unit has",))
    assert [one for one in found.services if one.path.startswith("/usr/")] == []

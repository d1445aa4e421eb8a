"""Services as OpenClaw itself writes them, and whose they are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from guardrails import Environment, World
from guardrails.testing import gather
from guardrails_policies.openclaw.gateways.gateway_services import (
    GatewayService,
    GatewayServices,
    package_folder,
    package_version,
)
from guardrails_policies.openclaw.owners import environments_at, environments_of_state, may_write
from worlds.openclaw_state import REAL_STATES

CAPTURED = REAL_STATES / "2026.1.30/service"


def world(home: Path, *environments: Environment) -> World:
    prod = environments[0] if environments else Environment("prod", str(home / "prod"), str(home / "state"))
    return World(prod, {one.name: one for one in environments or (prod,)}, at=0, home=str(home))


@pytest.mark.skipif(not CAPTURED.is_dir(), reason="real service definitions not present")
def test_what_openclaw_writes(tmp_path: Path) -> None:
    for ending, folder in ((".plist", "Library/LaunchAgents"), (".service", ".config/systemd/user")):
        (tmp_path / folder).mkdir(parents=True)
        for path in CAPTURED.glob(f"*{ending}"):
            shutil.copy(path, tmp_path / folder)
    dev = Environment("dev", "/opt/homebrew/lib/node_modules/openclaw", "/Users/alice/.openclaw-dev")
    found = gather(GatewayServices, world(tmp_path, dev)).services
    assert [(one.name, one.state_dir, one.states, one.environments) for one in found] == [
        ("ai.openclaw.dev", "/Users/alice/.openclaw-dev", ("dev",), ("dev",)),
        ("ai.openclaw.gateway", "/Users/alice/.openclaw", (), ("dev",)),
        ("openclaw-gateway-dev", "/home/alice/.openclaw-dev", (), ()),
        ("openclaw-gateway", "/home/alice/.openclaw", (), ()),
    ]
    assert {one.secrets for one in found} == {("OPENCLAW_GATEWAY_TOKEN",)}
    assert {one.folder for one in found[2:]} == {"/usr/lib/node_modules/openclaw"}
    assert not [one for one in found if one.otherwise or one.doubt or one.trouble]  # they say their version


class Home:
    """A home with production, development, and the units that a test writes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.units = home / ".config/systemd/user"
        self.units.mkdir(parents=True)
        for name in ("prod/dist", "moltbot/dist", ".openclaw", ".openclaw-dev"):
            (home / name).mkdir(parents=True)
        for name in ("prod", "moltbot"):
            (home / name / "dist/entry.js").touch()
            (home / name / "package.json").write_text('{"version": "2026.9.6"}')
        self.prod = Environment("prod", f"{home}/prod", f"{home}/.openclaw", service="gw")
        self.dev = Environment("dev", f"{home}/moltbot", f"{home}/.openclaw-dev", service="gw-dev")

    def unit(self, command: str, *lines: str, name: str = "gw") -> Path:
        path = self.units / f"{name}.service"
        path.write_text("\n".join(["[Service]", f"ExecStart={command}", *lines, ""]))
        return path

    def services(self) -> GatewayServices:
        return gather(GatewayServices, world(self.home, self.prod, self.dev))

    def only(self) -> GatewayService:
        (found,) = self.services().services
        return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_whatever_starts_it(home: Home) -> None:
    script = home.home / "prod/start.sh"
    script.write_text('#!/bin/bash\nset -e\ncd "$(dirname "$0")"\nexec node dist/entry.js gateway\n')
    script.chmod(0o755)
    for command in (
        "/usr/bin/node %h/prod/dist/entry.js gateway",
        "/bin/bash %h/prod/start.sh",
        "%h/prod/start.sh",
        "/usr/bin/env -u OPENCLAW_STATE_DIR node %h/prod/dist/entry.js gateway",
        "/usr/bin/nice -n 5 node ${HOME}/prod/dist/entry.js gateway",
        "/bin/sh -c 'cd ~/prod && exec node dist/entry.js gateway'",
    ):
        home.unit(command)
        found = home.only()
        assert (found.environments, found.states, found.doubt, found.trouble) == (("prod",), ("prod",), "", ""), command


@pytest.mark.parametrize(
    ("lines", "configuration", "otherwise"),
    [
        (["Environment=OPENCLAW_CONFIG_PATH=%h/.openclaw-dev/openclaw.json"], ".openclaw-dev/openclaw.json", True),
        (
            ["Environment=OPENCLAW_CONFIG_PATH=/c OPENCLAW_STATE_DIR=%h/.openclaw"],
            "/c",
            False,
        ),
    ],
)
def test_another_configuration(home: Home, lines: list[str], configuration: str, *, otherwise: bool) -> None:
    home.unit("/usr/bin/node %h/prod/dist/entry.js gateway", *lines)
    found = home.only()
    assert found.configuration.endswith(configuration)
    assert (found.states, bool(found.otherwise)) == (("prod",), otherwise)


def test_environment_d_and_files(home: Home) -> None:
    home.unit("/usr/bin/node %h/prod/dist/entry.js gateway")
    (home.home / ".config/environment.d").mkdir()
    (home.home / ".config/environment.d/x.conf").write_text("OPENCLAW_STATE_DIR=${HOME}/.openclaw-dev\n")
    assert home.only().states == ("dev",)
    (home.home / "x.env").write_text(f"OPENCLAW_STATE_DIR={home.home}/.openclaw\n")
    home.unit("/usr/bin/node %h/prod/dist/entry.js gateway", "EnvironmentFile=%h/x.env")
    found = home.only()
    assert (found.states, found.plain) == (("prod",), False)
    home.unit("/usr/bin/node %h/prod/dist/entry.js gateway", "UnsetEnvironment=OPENCLAW_STATE_DIR")
    assert home.only().states == ("prod",)
    home.unit("/usr/bin/node %h/prod/dist/entry.js gateway", "EnvironmentFile=%h/none.env")
    assert "does not start" in home.only().doubt


def test_aliases_and_instances(home: Home) -> None:
    home.unit("/usr/bin/node %h/prod/dist/entry.js gateway")
    (home.units / "clawdbot-gateway.service").symlink_to("gw.service")
    assert home.only().names == ("gw", "clawdbot-gateway")
    home.unit("/usr/bin/node %h/%i/dist/entry.js gateway", name="openclaw@")
    (home.units / "openclaw@moltbot.service.d").mkdir()
    (home.units / "openclaw@moltbot.service.d/x.conf").write_text(
        "[Service]\nEnvironment=OPENCLAW_STATE_DIR=%h/.openclaw-dev\n"
    )
    found = {one.name: one for one in home.services().services}
    assert list(found) == ["gw", "openclaw@moltbot"]
    assert (found["openclaw@moltbot"].environments, found["openclaw@moltbot"].states) == (("dev",), ("dev",))


def test_a_script_that_cannot_be_followed(home: Home) -> None:
    script = home.home / "start.sh"
    script.write_text('eval "exec openclaw gateway"\n')
    home.unit("/bin/sh %h/start.sh", name="other")
    assert "may start a gateway" in home.only().trouble
    script.write_text("rsync -a ~/.openclaw /backup; openclaw gateway status\n")
    assert home.services().services == ()


def test_one_of_several_commands(home: Home) -> None:
    home.unit("/usr/bin/node %h/prod/dist/entry.js gateway", "ExecStart=/bin/true", "Type=oneshot")
    assert home.only().environments == ("prod",)
    assert home.only().doubt == "it runs several commands"


def test_secrets_that_others_may_read(home: Home) -> None:
    home.unit("/usr/bin/node %h/prod/dist/entry.js gateway")
    path = home.home / ".openclaw/.env"
    path.write_text("OPENCLAW_GATEWAY_TOKEN=x\n")
    path.chmod(0o640)
    assert home.only().open_files == ((str(path), 0o640),)


def test_the_package_of_a_program(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    assert package_folder("/nowhere/dist/entry.js") == "/nowhere"
    assert package_folder("") == ""
    for text, version in (('{"version": "2026.1.30"}', "2026.1.30"), ("{", ""), ("[]", ""), ('{"version": 1}', "")):
        (tmp_path / "package.json").write_text(text)
        assert package_folder(f"{tmp_path}/dist/entry.js") == str(tmp_path)
        assert package_version(f"{tmp_path}/dist/entry.js") == version


def test_whose_a_place_is(tmp_path: Path) -> None:
    (tmp_path / "prod/nested").mkdir(parents=True)
    (tmp_path / "state").mkdir()
    (tmp_path / "link").symlink_to("state")
    both = (
        Environment("prod", str(tmp_path / "prod"), str(tmp_path / "state")),
        Environment("dev", str(tmp_path / "prod/nested"), str(tmp_path / "link")),
        Environment("bare", str(tmp_path / "prod-2")),
    )
    at = world(tmp_path, *both)
    assert environments_of_state(str(tmp_path / "link"), at) == ("prod", "dev")
    assert environments_of_state(str(tmp_path / "state/inside"), at) == ()
    assert environments_of_state("", at) == environments_of_state("state", at) == ()
    assert environments_at(str(tmp_path / "prod/x"), at) == ("prod",)
    assert environments_at(str(tmp_path / "prod/nested/x"), at) == ("dev",)
    assert environments_at(str(tmp_path / "prod-2/x"), at) == ("bare",)
    assert environments_at(str(tmp_path / "prod-3"), at) == environments_at("", at) == ()


def test_who_may_write(tmp_path: Path) -> None:
    owner = tmp_path.stat().st_uid
    tmp_path.chmod(0o700)
    assert may_write(owner, str(tmp_path))
    assert may_write(0, str(tmp_path))
    assert not may_write(owner + 1, str(tmp_path))
    tmp_path.chmod(0o770)
    assert may_write(owner + 1, str(tmp_path))
    assert not may_write(owner, str(tmp_path / "nothing"))

"""What is printed to mend a service, run as it is printed: it ends the finding, or only looks."""

from __future__ import annotations

import plistlib
import subprocess
from pathlib import Path

import pytest

from guardrails import Environment, World
from guardrails.testing import gather
from guardrails_policies.openclaw.gateways import service_remedies
from guardrails_policies.openclaw.gateways.gateway_services import GatewayService, GatewayServices
from progress import run_to_its_end


class Home:
    """A home with production and development, each with a service of its own name."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.units = home / ".config/systemd/user"
        for folder in (
            "prod/dist",
            "dev/dist",
            "state %h \"q'",
            "other",
            ".config/systemd/user",
            "Library/LaunchAgents",
        ):
            (home / folder).mkdir(parents=True)
        self.state = home / "state %h \"q'"
        self.prod = Environment("prod", f"{home}/prod", str(self.state), service="gw")
        self.dev = Environment("dev", f"{home}/dev", f"{home}/.openclaw", service="gw-dev")

    def unit(self, *lines: str, name: str = "gw", repo: str = "prod") -> None:
        body = ["[Service]", f"ExecStart=/usr/bin/node %h/{repo}/dist/entry.js gateway", *lines, ""]
        (self.units / f"{name}.service").write_text("\n".join(body))

    def services(self, environment: Environment | None = None) -> GatewayServices:
        environments = {one.name: one for one in (self.prod, self.dev)}
        return gather(GatewayServices, World(environment or self.prod, environments, at=0, home=str(self.home)))

    def one(self) -> GatewayService:
        (found,) = self.services().services
        return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def run(line: str) -> subprocess.CompletedProcess[str]:
    return run_to_its_end(["sh", "-c", line], cwd="/", text=True)


@pytest.mark.parametrize(
    "lines",
    [
        ["Environment=OPENCLAW_STATE_DIR=%h/other"],
        ['Environment="OPENCLAW_STATE_DIR=%h/other" OPENCLAW_CONFIG_PATH=/etc/openclaw.json'],
    ],
)
def test_a_state_that_is_set_by_the_printed_line(home: Home, lines: list[str]) -> None:
    home.unit(*lines)
    assert run(service_remedies.set_state(home.one(), str(home.state))).returncode == 0
    found = home.one()
    assert (found.states, found.state_dir, found.configuration, found.otherwise) == (("prod",), str(home.state), "", "")


@pytest.mark.parametrize(
    "lines",
    [["EnvironmentFile=%h/x.env"], ["ExecStart=", "ExecStart=/bin/sh -c 'OPENCLAW_STATE_DIR=/x openclaw gateway'"]],
)
def test_what_a_line_cannot_mend_is_looked_at(home: Home, lines: list[str]) -> None:
    (home.home / "x.env").write_text("OPENCLAW_STATE_DIR=/x\n")
    home.unit(*lines)
    line = service_remedies.set_state(home.one(), str(home.state))
    assert "a look" in line
    done = run(line)
    assert (done.returncode, "ExecStart" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("variables", "commands"),
    [
        ({}, ["Add :EnvironmentVariables:OPENCLAW_STATE_DIR string /s"]),
        ({"OPENCLAW_STATE_DIR": "/x"}, ["Set :EnvironmentVariables:OPENCLAW_STATE_DIR /s"]),
        (
            {"OPENCLAW_STATE_DIR": "/x", "OPENCLAW_CONFIG_PATH": "/c"},
            ["Set :EnvironmentVariables:OPENCLAW_STATE_DIR /s", "Delete :EnvironmentVariables:OPENCLAW_CONFIG_PATH"],
        ),
    ],
)
def test_a_property_list(home: Home, variables: dict[str, str], commands: list[str]) -> None:
    path = home.home / "Library/LaunchAgents/gw.plist"
    words = ["/usr/bin/node", f"{home.home}/prod/dist/entry.js", "gateway"]
    path.write_bytes(plistlib.dumps({"Label": "gw", "ProgramArguments": words, "EnvironmentVariables": variables}))
    line = service_remedies.set_state(home.one(), "/s")
    wanted = " && ".join(f"/usr/libexec/PlistBuddy -c '{one}' {path}" for one in commands)
    assert line.startswith(f"{wanted}   # then: launchctl bootout gui/$(id -u) {path}; launchctl bootstrap")
    assert service_remedies.let_start(home.one()) == f"/usr/libexec/PlistBuddy -c 'Delete :Disabled' {path}"


def test_a_service_that_may_be_of_another_environment_is_not_ended(home: Home) -> None:
    home.unit("Environment=OPENCLAW_STATE_DIR=%h/.openclaw")  # production's own service, on development's state
    services = home.services(home.dev)
    assert "a look" in service_remedies.end(services.services[0], services)
    home.unit(name="spare", repo="dev")
    services = home.services(home.dev)
    spare = next(one for one in services.services if one.name == "spare")
    assert service_remedies.end(spare, services) == "systemctl --user disable --now spare.service"


def test_a_service_that_is_not_there(home: Home) -> None:
    line = service_remedies.install(home.services(), "/the state")
    assert line == (
        f"cd {home.home}/prod && OPENCLAW_STATE_DIR='/the state' OPENCLAW_LAUNCHD_LABEL=gw "
        "OPENCLAW_SYSTEMD_UNIT=gw.service node openclaw.mjs gateway install"
    )

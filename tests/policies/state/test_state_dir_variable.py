"""state-dir-variable: the service, what is running, and the command that is about to run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from guardrails import Environment, MomentInQuestion, StateDirectories, StateDirectory, World
from guardrails.model import Operation, PolicyResult
from guardrails.testing import gather, judge
from guardrails_policies.openclaw.gateways.caller_state import CallerState, PlannedState
from guardrails_policies.openclaw.gateways.gateway_services import GatewayService, GatewayServices
from guardrails_policies.openclaw.gateways.running_gateways import Gateway, Gateways
from guardrails_policies.state.state_dir_variable import StateDirVariable

STATE, OTHER = "/home/me/.openclaw", "/home/me/.openclaw-dev"
SET = f"OPENCLAW_STATE_DIR={STATE}"
SERVICE = GatewayService("gw", "/home/me/gw.service", state_dir=STATE, because=SET, states=("prod",))
RUNNING = Gateway(10, STATE, SET, states=("prod",), program="/repo", environments=("prod",))
PLANNED = PlannedState("the command about to run", STATE, SET, ("prod",))


def concluded(
    *planned: PlannedState,
    service: GatewayService = SERVICE,
    running: tuple[Gateway, ...] = (RUNNING,),
    operation: str | None = "start",
    legacy: tuple[str, ...] = (),
    state: str | None = STATE,
) -> PolicyResult:
    directories = (StateDirectory("prod", state, state, (1, 1)),) if state else ()
    return judge(
        StateDirVariable(),
        moment=MomentInQuestion("prod", operation, after=False, at=0),
        caller=CallerState("prod", planned, legacy),
        services=GatewayServices("prod", "gw", (service,), "/home/me"),
        gateways=Gateways("prod", running),
        state=StateDirectories("prod", directories),
    )


def test_everything_leads_there() -> None:
    result = concluded(PLANNED)
    assert (result.outcome, result.reason) == ("pass", None)
    assert concluded(service=SERVICE.replaced(name="another", states=()), running=()).outcome == "pass"


@pytest.mark.parametrize("because", [f"OPENCLAW_STATE_DIR={OTHER}", "OPENCLAW_STATE_DIR is not set", "--profile dev"])
def test_a_service_that_uses_another_state(because: str) -> None:
    result = concluded(service=SERVICE.replaced(state_dir=OTHER, states=("dev",), because=because), operation=None)
    (finding,) = result.findings
    assert finding.observed == f"{because}, which is {OTHER}"
    assert finding.expected == SET
    assert finding.path == "/home/me/gw.service"


def test_a_service_whose_state_depends_on_the_version() -> None:
    result = concluded(service=SERVICE.replaced(because="CLAWDBOT_STATE_DIR=x", otherwise=OTHER))
    assert result.findings[0].observed.endswith(f"{STATE}, or else {OTHER}")


def test_a_profile_run_from_the_same_package_has_a_state_of_its_own() -> None:
    profile = RUNNING.replaced(pid=11, state_dir="/home/me/.openclaw-work", states=(), profile="work")
    assert concluded(PLANNED, running=(RUNNING, profile)).outcome == "pass"
    assert concluded(PLANNED, running=(profile.replaced(service="gw"),)).outcome == "fail"
    assert concluded(PLANNED, running=(profile.replaced(states=("dev",)),)).outcome == "fail"
    assert concluded(PLANNED, running=(profile.replaced(profile=""),)).outcome == "fail"


@pytest.mark.parametrize(
    "gateway",
    [
        RUNNING.replaced(state_dir=OTHER, states=("dev",)),
        RUNNING.replaced(otherwise=OTHER),
        RUNNING.replaced(state_dir=OTHER, states=(), environments=(), program="", service="gw"),
    ],
)
def test_a_running_gateway_that_uses_another_state(gateway: Gateway) -> None:
    result = concluded(running=(gateway,), operation=None)
    (finding,) = result.findings
    assert finding.message == "a gateway of prod uses another state"
    assert "process 10" in finding.observed
    assert concluded(running=(gateway.replaced(environments=("dev",), service=""),)).outcome == "pass"


def test_a_command_that_would_use_another_state() -> None:
    inherited = PLANNED.replaced(state_dir=OTHER, states=("dev",), because=f"OPENCLAW_STATE_DIR={OTHER}")
    (finding,) = concluded(inherited).findings
    assert finding.observed.endswith("the state of dev")
    assert finding.remediation == f"export OPENCLAW_STATE_DIR={STATE}"
    assert concluded(inherited, operation="verify").outcome == "pass"
    uncertain = PLANNED.replaced(otherwise=OTHER, certain=False)
    assert "may use another state" in concluded(uncertain).findings[0].message
    assert concluded(PLANNED.replaced(otherwise=OTHER)).outcome == "pass"  # both are that of prod


@pytest.mark.parametrize(
    ("service", "running"),
    [
        (SERVICE.replaced(trouble="unreadable"), ()),
        (SERVICE.replaced(doubt="it is started through direnv"), ()),
        (SERVICE, (RUNNING.replaced(state_dir="", states=(), environments=(), trouble="unreadable"),)),
    ],
)
def test_what_cannot_be_known(service: GatewayService, running: tuple[Gateway, ...]) -> None:
    assert concluded(PLANNED, service=service, running=running).outcome == "error"


def test_legacy_variables_are_mentioned() -> None:
    result = concluded(PLANNED, legacy=("CLAWDBOT_STATE_DIR",))
    assert (result.outcome, result.reason) == (
        "pass",
        "CLAWDBOT_STATE_DIR is set, which OpenClaw 2026.9 does not read; unset it",
    )


def test_an_environment_without_state_is_skipped() -> None:
    assert concluded(state=None).outcome == "skip"


class Caller:
    """Whoever starts prod, with a home of their own."""

    def __init__(self, home: Path, state: str = ".openclaw", version: str = "2026.1.30") -> None:
        self.home = home
        (home / state).mkdir()
        (home / "prod").mkdir()
        (home / "prod/package.json").write_text(f'{{"version": "{version}"}}')
        own = {"OPENCLAW_STATE_DIR": "{state_dir}"}
        self.prod = Environment("prod", str(home / "prod"), state_dir=str(home / state), variables=own)

    def planned(self, *steps: str, operation: str | None = "start", **variables: str) -> list[tuple[str, ...]]:
        asked = Operation(operation, steps=steps, configured=steps) if operation else None
        world = World(
            self.prod, {"prod": self.prod}, at=time.time(), home=str(self.home), operation=asked, variables=variables
        )
        return [one.states for one in gather(CallerState, world).planned]


def test_what_the_caller_would_start(tmp_path: Path) -> None:
    caller = Caller(tmp_path)
    assert caller.planned() == [("prod",)]  # nothing set is the default, which is prod
    assert caller.planned(OPENCLAW_STATE_DIR="~/.openclaw") == [("prod",)]
    assert caller.planned(OPENCLAW_STATE_DIR="~/.openclaw-dev") == [()]
    assert caller.planned(CLAWDBOT_STATE_DIR="/legacy") == [()]
    assert caller.planned(OPENCLAW_STATE_DIR="relative") == [()]
    assert caller.planned(operation=None) == []


def test_nothing_set_where_that_means_another_directory(tmp_path: Path) -> None:
    caller = Caller(tmp_path, state="state")
    assert caller.planned() == [()]
    assert caller.planned(OPENCLAW_STATE_DIR=f"{tmp_path}/state") == [("prod",)]


def test_the_steps_of_the_operation(tmp_path: Path) -> None:
    caller = Caller(tmp_path, state=".openclaw-work")
    steps = ("pnpm build", "openclaw gateway run", "env OPENCLAW_STATE_DIR=/x openclaw gateway run", "'")
    assert caller.planned(*steps) == [(), ("prod",), ()]
    other = "openclaw --profile other gateway run"  # the variable wins, and yet settings and service are those of other
    assert caller.planned(other) == [(), (), ("prod",)]


def test_a_version_that_is_not_known(tmp_path: Path) -> None:
    caller = Caller(tmp_path, version="2026.3.20")
    world = World(
        caller.prod,
        {"prod": caller.prod},
        at=0,
        home=str(tmp_path),
        operation=Operation("start"),
        variables={"CLAWDBOT_STATE_DIR": "/x"},
    )
    (planned,) = gather(CallerState, world).planned
    assert (planned.states, planned.certain, planned.otherwise) == (("prod",), False, "/x")

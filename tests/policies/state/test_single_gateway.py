"""single-gateway: two processes, one of another repository, two services, and what cannot be seen."""

from __future__ import annotations

import pytest

from guardrails import MomentInQuestion, StateDirectories, StateDirectory
from guardrails.model import PolicyResult
from guardrails.testing import judge
from guardrails_policies.openclaw.gateways.gateway_services import GatewayService, GatewayServices
from guardrails_policies.openclaw.gateways.running_gateways import Gateway, Gateways
from guardrails_policies.state.single_gateway import SingleGateway

STATE = "/home/me/.openclaw"
OWN = Gateway(
    10,
    STATE,
    "OPENCLAW_STATE_DIR=~/.openclaw",
    states=("prod",),
    program="/home/me/openclaw-prod/openclaw.mjs",
    environments=("prod",),
    folder="/home/me/openclaw-prod",
    lock="/tmp/openclaw-1000/gateway.1.lock",
    config_path=f"{STATE}/openclaw.json",
)
DEV = OWN.replaced(
    pid=11,
    state_dir="/home/me/.openclaw-dev",
    states=("dev",),
    program="/home/me/moltbot/openclaw.mjs",
    environments=("dev",),
)
SERVICE = GatewayService(
    "gw",
    "/home/me/.config/systemd/user/gw.service",
    folder="/home/me/openclaw-prod",
    state_dir=STATE,
    because="OPENCLAW_STATE_DIR=~/.openclaw",
    program="/home/me/openclaw-prod/dist/entry.js",
    environments=("prod",),
    states=("prod",),
)
PLIST = SERVICE.replaced(name="com.gw", file="/home/me/Library/LaunchAgents/com.gw.plist")


def concluded(
    *running: Gateway,
    services: tuple[GatewayService, ...] = (SERVICE,),
    stale: tuple[str, ...] = (),
    operation: str | None = None,
    state: str | None = STATE,
    services_of_others: tuple[str, ...] = (),
    named: str | None = "gw",
) -> PolicyResult:
    directories = (StateDirectory("prod", state, state, (1, 1)),) if state else ()
    return judge(
        SingleGateway(),
        moment=MomentInQuestion("prod", operation, after=False, at=0),
        gateways=Gateways("prod", running, stale, services_of_others),
        services=GatewayServices("prod", named, services, "/home/me"),
        state=StateDirectories("prod", directories),
    )


@pytest.mark.parametrize("running", [(), (OWN,), (DEV,), (OWN, DEV), (DEV, DEV.replaced(pid=12))])
def test_at_most_one(running: tuple[Gateway, ...]) -> None:
    result = concluded(*running)
    assert (result.outcome, result.reason) == ("pass", None)


def test_two_on_one_state() -> None:
    other = DEV.replaced(state_dir=STATE, states=("prod",))
    result = concluded(OWN, other)
    assert result.outcome == "fail"
    several, stranger = result.findings
    assert several.message == "2 gateways use one state directory"
    assert "process 10" in several.observed
    assert "process 11" in several.observed
    assert several.remediation.startswith("ps -o pid,ppid,lstart,args -p 10,11 ")
    assert stranger.message == "the gateway on the state of prod runs from the repository of dev"
    assert len(concluded(OWN, OWN.replaced(pid=12)).findings) == 1


@pytest.mark.parametrize(
    ("environments", "program", "whose"),
    [(("dev",), "/home/me/moltbot", "the repository of dev"), ((), "/opt/openclaw", "/opt/openclaw")],
)
def test_one_of_another_repository(environments: tuple[str, ...], program: str, whose: str) -> None:
    result = concluded(OWN.replaced(environments=environments, program=program))
    assert [one.message for one in result.findings] == [f"the gateway on the state of prod runs from {whose}"]
    assert result.findings[0].remediation.startswith("ps -o pid,ppid,lstart,args -p 10 ")  # it may be another's service


@pytest.mark.parametrize(
    "other",
    [
        PLIST,
        PLIST.replaced(environments=()),
        PLIST.replaced(states=("dev",), state_dir="/home/me/.openclaw-dev"),
        SERVICE.replaced(name="openclaw-gateway", file="/home/me/.config/systemd/user/openclaw-gateway.service"),
    ],
)
def test_two_services(other: GatewayService) -> None:
    result = concluded(OWN, services=(SERVICE, other))
    (finding,) = result.findings
    assert finding.message == "2 services start a gateway of prod"
    wanted = "launchctl bootout" if other.file.endswith(".plist") else "systemctl --user disable --now openclaw-gateway"
    assert finding.remediation.startswith(wanted if other.states != ("dev",) else "plutil -p ")
    assert concluded(OWN, services=(SERVICE, other.replaced(off=True))).outcome == "pass"
    assert concluded(OWN, services=(SERVICE, other.replaced(states=("dev",), environments=("dev",)))).outcome == "pass"


def test_the_service_of_another_environment_is_not_stopped() -> None:
    other = SERVICE.replaced(name="gw-dev", file="/home/me/.config/systemd/user/gw-dev.service")
    (finding,) = concluded(OWN, services=(SERVICE, other), services_of_others=("gw-dev",)).findings
    assert finding.remediation.startswith(f"ls -l {SERVICE.file} {other.file}   # a look")


def test_which_service_to_stop_is_not_guessed() -> None:
    other = SERVICE.replaced(name="gw-2", file="/home/me/.config/systemd/user/gw-2.service")
    (finding,) = concluded(OWN, services=(SERVICE, other), named=None).findings
    assert finding.remediation.startswith("ls -l ")
    third = SERVICE.replaced(name="gw-3", file="/home/me/.config/systemd/user/gw-3.service")
    (finding,) = concluded(OWN, services=(SERVICE, other, third)).findings
    assert finding.remediation == "systemctl --user disable --now gw-2.service"


@pytest.mark.parametrize(
    ("running", "services", "why"),
    [
        ((DEV.replaced(state_dir="", states=(), trouble="process 11 cannot be read"),), (), "process 11 cannot be"),
        ((DEV.replaced(otherwise=STATE),), (), "process 11 uses /home/me/.openclaw-dev or /home/me/.openclaw"),
        ((OWN, OWN.replaced(pid=11, otherwise="/x", doubtful=True)), (), "process 11 uses /home/me/.openclaw or /x"),
        ((OWN.replaced(program="", environments=()),), (), "nothing shows whose repository process 10 runs"),
        ((OWN,), (SERVICE, GatewayService("x", "/x.plist", trouble="/x.plist is broken")), "may start a second"),
    ],
)
def test_what_cannot_be_known(running: tuple[Gateway, ...], services: tuple[GatewayService, ...], why: str) -> None:
    result = concluded(*running, services=services)
    assert result.outcome == "error"
    assert why in (result.reason or "")


def test_a_finding_is_said_although_something_else_is_not_known() -> None:
    assert concluded(OWN, OWN.replaced(pid=12), DEV.replaced(trouble="unreadable")).outcome == "fail"


def test_what_is_mentioned() -> None:
    assert concluded(operation="verify").reason == "no gateway is running on this state directory"
    assert "process 10 runs already" in (concluded(OWN, operation="start").reason or "")
    stale = concluded(OWN, stale=("/tmp/x.lock",))
    assert (stale.outcome, stale.reason) == ("pass", "/tmp/x.lock is a lock that nobody holds any more")
    assert "protects no state" in (concluded(OWN.replaced(config_path="/home/me/test.json")).reason or "")


def test_an_environment_without_state_is_skipped() -> None:
    assert concluded(OWN, OWN, state=None).outcome == "skip"

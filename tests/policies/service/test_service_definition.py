"""service-definition: missing, another repository, another state, another label, a second one, a secret."""

from __future__ import annotations

import plistlib
import time
from pathlib import Path
from typing import Any

import pytest

from guardrails import Environment, StateDirectories, World
from guardrails.model import PolicyResult
from guardrails.testing import gather, judge
from guardrails_policies.openclaw.gateways.gateway_services import GatewayServices
from guardrails_policies.service.service_definition import ServiceDefinition

LABEL = "com.moltbot.gateway.prod"
CANARY = "hunter2hunter2"


class Home:
    """A home with two repositories, two states and the definitions that a test writes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        for name in ("openclaw-prod", "moltbot", ".openclaw", ".openclaw-dev", "agents"):
            (home / name).mkdir()
        (home / "Library").mkdir()
        (home / "Library/LaunchAgents").mkdir()
        (home / ".config/systemd/user").mkdir(parents=True)

    def plist(
        self, name: str = LABEL, repo: str = "openclaw-prod", state: str | None = "~/.openclaw", **rest: Any
    ) -> Path:
        variables = {"OPENCLAW_GATEWAY_TOKEN": CANARY} | ({} if state is None else {"OPENCLAW_STATE_DIR": state})
        keys = {
            "Label": name,
            "ProgramArguments": ["/usr/bin/node", f"{self.home}/{repo}/dist/entry.js", "gateway", "--port", "18789"],
            "EnvironmentVariables": variables,
        }
        path = self.home / f"Library/LaunchAgents/{name}.plist"
        path.write_bytes(plistlib.dumps({key: value for key, value in {**keys, **rest}.items() if value is not None}))
        return path

    def unit(self, name: str = LABEL, repo: str = "openclaw-prod", state: str = "%h/.openclaw") -> Path:
        path = self.home / f".config/systemd/user/{name}.service"
        path.write_text(
            f'[Service]\nExecStart="/usr/bin/node" "{self.home}/{repo}/dist/entry.js" gateway --port 18789\n'
            f'Environment="OPENCLAW_STATE_DIR={state}"\nEnvironment=OPENCLAW_GATEWAY_TOKEN={CANARY}\n'
        )
        return path

    def concluded(self, service: str | None = LABEL, state_dir: str = ".openclaw") -> PolicyResult:
        environments = {
            "prod": Environment(
                "prod", f"{self.home}/openclaw-prod", state_dir=f"{self.home}/{state_dir}", service=service
            ),
            "dev": Environment("dev", f"{self.home}/moltbot", state_dir=f"{self.home}/.openclaw-dev"),
        }
        world = World(environments["prod"], environments, at=time.time(), home=str(self.home))
        result = judge(
            ServiceDefinition(),
            services=gather(GatewayServices, world),
            state=gather(StateDirectories, world),
        )
        assert CANARY not in repr(result)
        return result


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.mark.parametrize("kind", ["plist", "unit"])
@pytest.mark.parametrize("ending", ["", ".service"])
def test_the_right_service(home: Home, kind: str, ending: str) -> None:
    path = home.plist() if kind == "plist" else home.unit()
    result = home.concluded(LABEL + ending)
    assert result.outcome == "pass"
    assert result.reason == (f"{path} holds OPENCLAW_GATEWAY_TOKEN in clear text; anybody who can read the file has it")


def test_nothing_set_where_that_is_the_right_state(home: Home) -> None:
    home.plist(state=None)
    assert home.concluded().outcome == "pass"


def test_a_service_of_others_is_not_ours(home: Home) -> None:
    home.plist()
    home.plist("ai.openclaw.dev", "moltbot", "~/.openclaw-dev")
    home.plist("com.example.backup", ProgramArguments=["/usr/bin/rsync", "x"], EnvironmentVariables=None)
    (home.home / ".config/systemd/user/mail.service").write_text("[Service]\nExecStart=/bin/mail %S/x\n")
    assert home.concluded().outcome == "pass"


def only(result: PolicyResult) -> Any:
    assert result.outcome == "fail", result
    (finding,) = result.findings
    return finding


def test_a_definition_of_that_name_that_cannot_be_read_is_undecided(home: Home) -> None:
    path = home.home / f"Library/LaunchAgents/{LABEL}.plist"
    path.write_text("garbage")
    result = home.concluded()
    assert (result.outcome, str(path) in str(result.reason)) == ("error", True), result


def test_what_is_missing_is_not_what_else_there_is(home: Home) -> None:
    (home.home / "Library/LaunchAgents/com.example.backup.plist").write_text("garbage")
    home.plist("ai.openclaw.dev", "moltbot", "~/.openclaw-dev")
    assert only(home.concluded()).observed.startswith("nothing of that name in")


def test_missing(home: Home) -> None:
    finding = only(home.concluded())
    assert finding.message == f"there is no service {LABEL}"
    assert finding.observed.startswith("nothing of that name in")
    assert finding.remediation.endswith("node openclaw.mjs gateway install")
    assert f"OPENCLAW_SYSTEMD_UNIT={LABEL}.service" in finding.remediation


@pytest.mark.parametrize("kind", ["plist", "unit"])
def test_it_runs_from_the_other_repository(home: Home, kind: str) -> None:
    home.plist(repo="moltbot") if kind == "plist" else home.unit(repo="moltbot")
    finding = only(home.concluded())
    assert finding.message == f"the service {LABEL} runs from the repository of dev"
    assert finding.observed == f"{home.home}/moltbot/dist/entry.js"


def test_it_runs_from_the_other_repository_by_a_link(home: Home) -> None:
    (home.home / "moltbot/dist").mkdir()
    (home.home / "openclaw-prod/dist").symlink_to(home.home / "moltbot/dist")
    home.plist()
    assert "runs from the repository of dev" in only(home.concluded()).message


def test_it_runs_from_nobodys_repository(home: Home) -> None:
    home.plist(repo="elsewhere")
    assert only(home.concluded()).message.startswith(f"the service {LABEL} runs from {home.home}")


@pytest.mark.parametrize("state", ["~/.openclaw-dev", "/nowhere", "relative"])
def test_another_state(home: Home, state: str) -> None:
    home.plist(state=state)
    finding = only(home.concluded())
    assert finding.expected == f"{home.home}/.openclaw"
    assert f"OPENCLAW_STATE_DIR={state}" in finding.observed


def test_nothing_set_where_that_is_another_state(home: Home) -> None:
    home.plist(state=None)
    (home.home / "agents/state").mkdir()
    finding = only(home.concluded(state_dir="agents/state"))
    assert finding.observed == f"OPENCLAW_STATE_DIR is not set, which is {home.home}/.openclaw"


def test_a_drop_in_counts(home: Home) -> None:
    drop_in = Path(f"{home.unit()}.d/override.conf")
    drop_in.parent.mkdir()
    drop_in.write_text("[Service]\nEnvironment=OPENCLAW_STATE_DIR=%h/.openclaw-dev\n")
    assert "uses the state of dev" in only(home.concluded()).message


def test_another_label_in_a_file_of_that_name(home: Home) -> None:
    path = home.plist(Label="ai.openclaw.gateway")
    message, second = home.concluded().findings
    assert message.observed == f"{path}, whose name is ai.openclaw.gateway"
    assert second.message.startswith("a second service, ai.openclaw.gateway")


def test_a_disabled_one_is_none(home: Home) -> None:
    path = home.plist(Disabled=True)
    assert only(home.concluded()).observed == f"{path} is disabled"


@pytest.mark.parametrize(
    ("repo", "state", "same"),
    [
        ("openclaw-prod", "~/.openclaw", "repository"),
        ("openclaw-prod", "~/.openclaw-dev", "repository"),
        ("moltbot", "~/.openclaw", "state directory"),
    ],
)
def test_a_second_one(home: Home, repo: str, state: str, same: str) -> None:
    home.plist()
    path = home.plist("ai.openclaw.gateway", repo, state)
    finding = only(home.concluded())
    assert finding.message == f"a second service, ai.openclaw.gateway, is for the {same} of prod"
    assert finding.path == str(path)
    home.plist("ai.openclaw.gateway", repo, state, Disabled=True)
    assert home.concluded().outcome == "pass"


def test_what_cannot_be_read(home: Home) -> None:
    path = home.plist()
    path.write_bytes(path.read_bytes()[:100])
    result = home.concluded()
    assert (result.outcome, "not a valid property list" in (result.reason or "")) == ("error", True)
    home.plist()
    (home.home / "Library/LaunchAgents/other.plist").write_text("<plist>")
    assert "may be a second gateway" in (home.concluded().reason or "")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["openclaw", "gateway"], "give its whole path"),
        (["direnv", "exec", ".", "{}/openclaw-prod/openclaw.mjs", "gateway"], "direnv"),
        (["/bin/sh", "{}/start.sh"], "no gateway that can be recognised"),
        ([], "no gateway that can be recognised"),
    ],
)
def test_what_cannot_be_told(home: Home, arguments: list[str], why: str) -> None:
    filled = [word.format(home.home) for word in arguments]
    home.plist(ProgramArguments=filled, EnvironmentVariables={"PATH": "/nowhere"})
    result = home.concluded()
    assert result.outcome == "error"
    assert why in (result.reason or "")


def test_an_environment_without_a_service_is_skipped(home: Home) -> None:
    assert home.concluded(None).outcome == "skip"


def test_names_are_data(home: Home) -> None:
    home.plist("a b';\n$(x)", repo="moltbot")
    finding = home.concluded("a b';\n$(x)").findings[0]
    assert "'a b'\"'\"';\n$(x).plist'" in finding.remediation.replace(str(home.home) + "/Library/LaunchAgents/", "")

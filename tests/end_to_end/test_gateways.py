"""Gateways and services judged by the real command, and what must never be printed."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from dirty.dirty import snapshot
from servers.fake_gateway import NEW, OLD, fake_gateway
from worlds.small_world import SmallWorld, outcomes, small_world

POLICIES = ("service-definition", "state-dir-variable", "single-gateway")
CHOSEN = [word for policy in POLICIES for word in ("--policy", policy)]
CANARY = "hunter2hunter2"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    world = small_world(tmp_path_factory.mktemp("gateways"))
    path = world.home / "Library/LaunchAgents/com.moltbot.gateway.prod.plist"
    service = plistlib.loads(path.read_bytes())
    service["EnvironmentVariables"]["OPENCLAW_GATEWAY_TOKEN"] = CANARY
    path.write_bytes(plistlib.dumps(service))
    return world


def judged(world: SmallWorld, *arguments: str, **variables: str) -> dict[str, str]:
    given: dict[str, str | None] = {"TMPDIR": str(world.home / "tmp"), "SOME_TOKEN": CANARY, **variables}
    before = snapshot(world.folder)
    report = world.report(*(arguments or ("--env", "prod")), *CHOSEN, env=given)
    assert snapshot(world.folder) == before
    assert CANARY not in str(report)
    return outcomes(report)


@pytest.mark.parametrize("version", [OLD, NEW])
def test_one_gateway_and_then_a_second(world: SmallWorld, version: str) -> None:
    given = {"OPENCLAW_STATE_DIR": str(world.prod_state), "OPENCLAW_GATEWAY_TOKEN": CANARY}
    with fake_gateway(world.prod, given, home=world.home, version=version):
        assert set(judged(world).values()) == {"pass"}
        with fake_gateway(world.dev, given, home=world.home, config=world.home / "other.json"):
            assert judged(world) == {
                "service-definition": "pass",
                "single-gateway": "fail",
                "state-dir-variable": "pass",
            }
    with fake_gateway(world.prod, {"OPENCLAW_STATE_DIR": str(world.dev_state)}, home=world.home, version=version):
        assert judged(world)["state-dir-variable"] == "fail"


def test_an_inherited_variable_before_a_start(world: SmallWorld) -> None:
    start = ("--env", "prod", "--op", "start")
    assert judged(world, *start, OPENCLAW_STATE_DIR=str(world.prod_state))["state-dir-variable"] == "pass"
    assert judged(world, *start, OPENCLAW_STATE_DIR=str(world.dev_state))["state-dir-variable"] == "fail"
    assert judged(world, *start)["state-dir-variable"] == "fail"  # nothing set means ~/.openclaw, which is another


def test_nothing_secret_in_any_format(world: SmallWorld, tmp_path: Path) -> None:
    (world.home / ".config/systemd/user").mkdir(parents=True)
    broken = world.home / ".config/systemd/user/broken.service"
    given = {"OPENCLAW_STATE_DIR": str(world.dev_state), "OPENCLAW_GATEWAY_PASSWORD": CANARY}
    try:
        broken.write_text(f"[Service]\nExecStart=/x --token {CANARY} 'y\nEnvironment=A_TOKEN={CANARY}\n")
        with fake_gateway(world.prod, given, home=world.home):
            for arguments in (["--verbose"], ["--format", "json"]):
                done = world.check("--env", "prod", *CHOSEN, *arguments, env={"A_SECRET": CANARY})
                assert done.returncode == 1
                assert CANARY not in done.stdout + done.stderr
    finally:
        broken.unlink()

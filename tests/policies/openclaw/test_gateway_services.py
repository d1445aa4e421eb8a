"""Services as OpenClaw itself writes them, and whose they are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from guardrails import Environment, World
from guardrails.testing import gather
from guardrails_policies.openclaw.gateway_services import GatewayServices, package_folder, package_version
from guardrails_policies.openclaw.whose import environments_at, environments_of_state, may_write
from openclaw_state import REAL_STATES

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

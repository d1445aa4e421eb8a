"""Installing for a host, asking for it and uninstalling: its settings come back byte by byte."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from guardrails.facts.hooks.codex_trust import trusted_hash
from guardrails.guards import HOSTS
from guardrails.hosts.kinds import HOSTS as TABLE
from worlds.hooked import Hooked

CONFIGURATION = """\
[environments.prod]
repo = "prod"
branch = "main"
[environments.dev]
repo = "dev"
state_dir = "state"
[operations.tool-call]
[policies.clean-worktree]
when = { prod = ["tool-call"], dev = ["tool-call"] }
[policies.guards-installed]
when = { prod = ["standing"], dev = ["standing"] }
"""


class Agents(Hooked):
    """The repositories, guarded for the hosts of one home."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "guardrails.toml").write_text(CONFIGURATION)
        self.scripts = self.home / ".local/share/guardrails/hosts"

    def settings(self, kind: str) -> Path:
        return self.home / TABLE[kind].folder / TABLE[kind].settings

    def trust(self) -> None:
        """Have Codex trust its hook, as /hooks does."""
        path = self.settings("codex")
        [group] = json.loads(path.read_text())["hooks"]["PreToolUse"]
        trusted = f'[hooks.state."{path}:pre_tool_use:0:0"]\ntrusted_hash = "{trusted_hash(group)}"\n'
        (path.parent / "config.toml").write_text(trusted)

    def kept(self) -> dict[str, bytes]:
        """Every file below the home but what guardrails keeps for itself: its cache and its log."""
        own = (self.home / ".cache", self.home / ".local/state")
        return {
            str(path.relative_to(self.home)): path.read_bytes()
            for path in sorted(self.home.rglob("*"))
            if path.is_file() and not any(one in path.parents for one in own)
        }

    def missed(self, name: str) -> list[str]:
        """What guards-installed says of an environment."""
        done = self.guardrails("check", "--env", name, "--policy", "guards-installed", "--format", "json")
        [result] = json.loads(done.stdout)["results"]
        return [finding["observed"] for finding in result["findings"]]


@pytest.fixture
def world(tmp_path: Path) -> Agents:
    return Agents(tmp_path)


@pytest.mark.parametrize("kind", HOSTS)
@pytest.mark.sample(2)
def test_each_host_is_installed_missed_and_comes_off(world: Agents, kind: str) -> None:
    world.settings(kind).parent.mkdir()
    world.settings(kind).write_bytes(b'{\r\n\t"mine": [1, 2.50],\r\n\t"version": 1\r\n}')
    before = world.kept()
    absent = world.hook("status", kind)
    assert (absent.returncode, "not installed" in absent.stdout) == (1, True)
    assert f"do: guardrails hook install {kind} --env prod" in absent.stdout

    said = world.hook("install", kind)
    assert said.returncode in (0, 1), said.stderr
    assert str(world.settings(kind)) in said.stdout
    assert f'guards.dev = ["{kind}"]' in said.stdout
    if kind == "codex":
        assert "until you trust it" in world.missed("prod")[0]
        world.trust()
        before |= {".codex/config.toml": (world.home / ".codex/config.toml").read_bytes()}
    there = world.kept()
    assert "gap: " in said.stdout
    assert "stands already" in world.hook("install", kind).stdout
    assert world.kept() == there
    [script] = [path for path in world.scripts.iterdir() if path.is_file()]
    assert os.access(script, os.X_OK)
    assert str(script) in world.settings(kind).read_text()
    assert (world.missed("prod"), world.missed("dev")) == ([], [])

    script.write_text(script.read_text() + "# an edit\n")
    assert "is not what would be written now" in world.missed("prod")[0]
    script.unlink()
    assert f"{script}, which is gone" in world.missed("dev")[0]
    world.hook("install", kind)
    assert world.kept() == there
    world.settings(kind).write_bytes(before[str(world.settings(kind).relative_to(world.home))])
    assert "does not name guardrails" in world.missed("dev")[0]
    world.hook("install", kind)

    gone = world.hook("uninstall", kind)
    assert gone.returncode == 0, gone.stderr
    assert world.kept() == before
    assert world.missed("dev") == []
    assert "it does not stand in" in world.hook("uninstall", kind).stdout


@pytest.mark.parametrize("kind", HOSTS)
@pytest.mark.sample(2)
def test_settings_that_were_not_there_go_away_again(world: Agents, kind: str) -> None:
    world.hook("install", kind)
    json.loads(world.settings(kind).read_text())
    world.hook("uninstall", kind)
    assert world.kept() == {}


@pytest.mark.parametrize("kind", ["codex", "openclaw"])
def test_a_change_of_what_is_guarded_makes_the_script_stale(world: Agents, kind: str) -> None:
    world.hook("install", kind)
    if kind == "codex":
        world.trust()
    path = world.folder / "guardrails.toml"
    path.write_text(path.read_text().replace('"dev"', '"dev/../dev2"'))
    (world.folder / "dev2").symlink_to("dev")
    said = world.hook("status", kind, "--env", "prod")
    assert (said.returncode, "is not what would be written now" in said.stdout) == (1, True)
    world.hook("install", kind)
    assert world.missed("prod") == []


def test_the_settings_of_a_project_guard_its_environment(world: Agents) -> None:
    path = world.dev / ".claude/settings.local.json"
    assert world.hook("install", "claude-code", "--scope", "project").returncode == 2
    world.hook("install", "claude-code", "--scope", "project", "--env", "dev")
    assert str(world.scripts) in path.read_text()
    assert not world.settings("claude-code").exists()
    assert world.missed("dev") == []
    world.hook("uninstall", "claude-code", "--scope", "project", "--env", "dev")
    assert not path.exists()


def test_a_guard_that_is_configured_and_switched_off_is_missed(world: Agents) -> None:
    path = world.folder / "guardrails.toml"
    path.write_text('guards.dev = ["claude-code", "gemini"]\n' + path.read_text())
    assert ["not installed" in one for one in world.missed("dev")] == [True, True]
    for kind in ("claude-code", "gemini"):
        world.hook("install", kind, "--env", "dev")
    assert world.missed("dev") == []
    settings = world.settings("claude-code")
    settings.write_text('{"disableAllHooks": true,' + settings.read_text()[1:])
    assert ["switches all hooks off" in one for one in world.missed("dev")] == [True]
    doctor = world.guardrails("doctor", "--env", "dev").stdout
    assert "claude-code: " in doctor
    assert "Gemini CLI runs it" in doctor
    assert "still names gemini in guards.dev" in world.hook("uninstall", "gemini", "--env", "dev").stdout


def test_a_link_to_settings_stays_one(world: Agents) -> None:
    path, real = world.settings("gemini"), world.folder / "dotfiles.json"
    real.write_text("{ // mine\n}\n")
    path.parent.mkdir()
    path.symlink_to(real)
    assert f"which is {real}" in world.hook("install", "gemini").stdout
    assert path.is_symlink()
    world.hook("uninstall", "gemini")
    assert (path.is_symlink(), real.read_text()) == (True, "{ // mine\n}\n")


@pytest.mark.parametrize("text", ["{", "[]", '{"hooks": []}'])
def test_settings_that_cannot_be_read_are_left_alone(world: Agents, text: str) -> None:
    path = world.settings("codex")
    path.parent.mkdir()
    path.write_text(text)
    done = world.hook("install", "codex")
    assert (done.returncode, done.stderr.count("\n"), str(path) in done.stderr) == (2, 1, True)
    assert world.kept() == {".codex/hooks.json": text.encode()}
    path.unlink()
    assert world.missed("dev") == [], "what was never installed is not missed"


def test_nothing_is_installed_where_nothing_would_be_refused(world: Agents) -> None:
    (world.folder / "guardrails.toml").write_text(CONFIGURATION.replace('dev = ["tool-call"]', "dev = []"))
    done = world.hook("install", "cursor", "--env", "dev")
    assert (done.returncode, "no policy applies to a tool-call in dev" in done.stderr) == (2, True)
    assert world.kept() == {}


def test_the_plugin_of_openclaw_is_javascript(world: Agents) -> None:
    world.hook("install", "openclaw")
    [folder] = [path for path in world.scripts.iterdir() if path.is_dir()]
    assert "prod" in json.loads((folder / "names.json").read_text())
    paths = json.loads(world.settings("openclaw").read_text())["plugins"]["load"]["paths"]
    assert paths == [str(folder)]
    subprocess.run(["node", "--check", folder / "index.js"], check=True)

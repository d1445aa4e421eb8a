"""The hosts of agents themselves, with a scripted model on loopback: what is refused does not happen, the rest does."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from guardrails.facts.hooks.codex_trust import trusted_hash
from guardrails.hosts.kinds import HOSTS, PLUGIN
from needs import agent_hosts
from scripted_model import ScriptedModel, scripted_model
from worlds.hooked import Hooked

PATIENCE = 600  # seconds; OpenClaw takes three minutes on a busy machine
CONFIGURATION = """\
extends = ["checkout"]
[environments.prod]
repo = "prod"
branch = "main"
state_dir = "state/prod"
[environments.dev]
repo = "dev"
state_dir = "state/dev"
"""
TOOLS = {"claude-code": "Bash", "codex": "exec_command", "gemini": "run_shell_command", "openclaw": "exec"}


class AgentWorld(Hooked):
    """The guarded repositories, a folder that nobody guards, and a host whose settings ask guardrails."""

    def __init__(self, folder: Path, kind: str) -> None:
        super().__init__(folder)
        self.kind, self.free = kind, folder / "free"
        self.free.mkdir()
        (folder / "guardrails.toml").write_text(CONFIGURATION)
        self.settings = self.home / HOSTS[kind].folder / HOSTS[kind].settings
        self.settings.parent.mkdir()

    def call(self, command: str) -> tuple[str, dict[str, Any]]:
        """What a model says to have a command run."""
        named = {"cmd": command} if self.kind == "codex" else {"command": command}
        said = {"description": "Do it"} if self.kind in ("claude-code", "gemini") else {}
        return TOOLS[self.kind], named | said

    def install_hook(self) -> None:
        """Have the host ask, and wait until the hook answers in time on this machine."""
        done = self.hook("install", self.kind)
        if self.kind == "codex":
            assert (done.returncode, "until you trust it" in done.stdout) == (1, True), done
            [group] = json.loads(self.settings.read_text())["hooks"]["PreToolUse"]
            trusted = f'[hooks.state."{self.settings}:pre_tool_use:0:0"]\ntrusted_hash = "{trusted_hash(group)}"\n'
            (self.settings.parent / "config.toml").write_text(trusted)
            done = self.hook("status", self.kind)
        assert done.returncode == 0, done

    def play(self, model: ScriptedModel) -> subprocess.CompletedProcess[str]:
        """Run the host until its agent is done, with nothing but loopback to speak to."""
        command, more = getattr(self, f"_{self.kind.replace('-', '_')}")(agent_hosts(), model)
        path = os.environ["PATH"]
        return subprocess.run(
            command,
            cwd=self.free,
            env={"PATH": path, "HOME": str(self.home), "TERM": "dumb", "no_proxy": "*", **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def _claude_code(self, hosts: Path, model: ScriptedModel) -> tuple[list[str], dict[str, str]]:
        [program] = hosts.glob("node_modules/@anthropic-ai/claude-code-*/claude")
        quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"}
        asked = {"ANTHROPIC_BASE_URL": model.address, "ANTHROPIC_API_KEY": "none"}
        return [str(program), "-p", "go", "--allowedTools", "Bash"], asked | quiet

    def _codex(self, hosts: Path, model: ScriptedModel) -> tuple[list[str], dict[str, str]]:
        provider = f'{{name="scripted",base_url="{model.address}/v1",wire_api="responses"}}'
        given = ['model="m1"', 'model_provider="scripted"', f"model_providers.scripted={provider}"]
        options = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
        command = [str(hosts / "node_modules/.bin/codex"), "exec", *options]
        return [*command, *(word for one in given for word in ("-c", one)), "go"], {}

    def _gemini(self, hosts: Path, model: ScriptedModel) -> tuple[list[str], dict[str, str]]:
        command = [
            str(hosts / "node_modules/.bin/gemini"),
            "--yolo",
            "--skip-trust",
            "-m",
            "gemini-2.5-pro",
            "-p",
            "go",
        ]
        return command, {"GEMINI_API_KEY": "none", "GOOGLE_GEMINI_BASE_URL": model.address}

    def _openclaw(self, hosts: Path, model: ScriptedModel) -> tuple[list[str], dict[str, str]]:
        modules = hosts / "openclaw/node_modules"
        [node] = modules.glob("node-*/bin")
        settings = json.loads(self.settings.read_text())
        models = [{"id": "m1", "name": "m1", "contextWindow": 200000, "maxTokens": 4096}]
        provider = {"baseUrl": f"{model.address}/v1", "apiKey": "none", "api": "openai-completions", "models": models}
        settings["models"] = {"mode": "merge", "providers": {"scripted": provider}}
        self.settings.write_text(json.dumps(settings))
        command = [str(node / "node"), str(modules / "openclaw/openclaw.mjs"), "agent", "--local", "--agent", "main"]
        return [*command, "--message", "go"], {"PATH": f"{node}:{os.environ['PATH']}"}


BEFORE = {  # what stands in the settings before us
    "claude-code": '{\n  "includeCoAuthoredBy": false\n}\n',
    "codex": '{"hooks": {}}',
    "gemini": '{\n  // by key\n  "security": {"auth": {"selectedType": "gemini-api-key"}}\n}\n',
}


@pytest.mark.parametrize(
    "kind",
    [
        "claude-code",
        "codex",
        pytest.param("gemini", marks=pytest.mark.corpus),
        pytest.param("openclaw", marks=pytest.mark.corpus),
    ],
)
def test_what_is_refused_does_not_happen_and_the_rest_does(tmp_path: Path, kind: str) -> None:
    agent_hosts()
    world = AgentWorld(tmp_path, kind)
    workspace = world.free / "workspace"
    workspace.mkdir()
    agents = {"defaults": {"model": {"primary": "scripted/m1"}, "workspace": str(workspace)}}
    openclaw = {"agents": agents, "tools": {"exec": {"security": "full", "ask": "off"}}}
    world.settings.write_text(BEFORE.get(kind) or json.dumps(openclaw))
    world.install_hook()
    head = git(world.prod, "rev-parse", "HEAD")
    refused = (
        f"touch {shlex.quote(str(tmp_path))}/asked; cd {shlex.quote(str(world.prod))} && git reset -q --hard HEAD~1"
    )
    with scripted_model(world.call(refused), world.call("touch harmless")) as model:
        done = world.play(model)

    assert done.returncode == 0, (done.stdout, done.stderr)
    assert len(model.seen) == 2, (model.seen, done.stdout, done.stderr)
    assert "guardrails refused this" in model.seen[0]
    assert not (tmp_path / "asked").exists(), "no part of it ran"
    assert git(world.prod, "rev-parse", "HEAD") == head
    assert "guardrails" not in model.seen[1]
    assert list(world.free.rglob("harmless")), model.seen[1]
    assert TOOLS[kind] in model.tools


def test_cursor_would_refuse_by_the_command_that_its_settings_hold(tmp_path: Path) -> None:
    world = AgentWorld(tmp_path, "cursor")
    world.install_hook()
    settings = json.loads(world.settings.read_text())
    assert settings["version"] == 1
    calls: dict[str, dict[str, object]] = {
        "beforeShellExecution": {"command": "git reset --hard HEAD~1", "cwd": str(world.prod)},
        "preToolUse": {"tool_name": "Write", "tool_input": {"file_path": f"{world.prod}/x"}, "cwd": str(world.free)},
    }
    for event, asked in calls.items():
        [hook] = settings["hooks"][event]
        about: dict[str, object] = {
            "hook_event_name": event,
            "conversation_id": "1",
            "workspace_roots": [str(world.free)],
        }
        for more, code in ((asked, 2), (asked | {"command": "ls", "cwd": "/", "tool_input": {"file_path": "/x"}}, 0)):
            done = subprocess.run(
                ["/bin/sh", "-c", hook["command"]],
                input=json.dumps(about | more).encode(),
                env={"PATH": os.environ["PATH"], "HOME": str(world.home)},
                capture_output=True,
                check=False,
            )
            assert done.returncode == code, (event, more, done)
            assert json.loads(done.stdout).get("permission") == ("deny" if code else None)


def test_codex_passes_over_a_hook_that_nobody_trusts(tmp_path: Path) -> None:
    agent_hosts()
    world = AgentWorld(tmp_path, "codex")
    world.hook("install", "codex")
    assert world.hook("status", "codex").returncode == 1
    with scripted_model(world.call(f"touch {world.prod}/untrusted")) as model:
        assert world.play(model).returncode == 0
    assert (world.prod / "untrusted").exists(), "so status does well to say that nothing is guarded"


def test_the_plugin_of_openclaw_answers_by_what_the_script_says(tmp_path: Path) -> None:
    modules = agent_hosts() / "openclaw/node_modules"
    [node] = modules.glob("node-*/bin/node")
    world = AgentWorld(tmp_path, "openclaw")
    world.install_hook()
    entry = json.loads(world.settings.read_text())["plugins"]
    [folder], config = entry["load"]["paths"], entry["entries"][PLUGIN]["config"]
    script = f"""
      const {{ default: plugin }} = await import({json.dumps(folder + "/index.js")});
      let hook;
      const api = {{ pluginConfig: {json.dumps(config)}, on: (name, asked) => {{ hook = asked; }} }};
      plugin.register(api);
      const asked = async (script, toolName, params) => {{
        api.pluginConfig.script = script;
        plugin.register(api);
        return (await hook({{ toolName, params }}, {{}})) ?? null;
      }};
      const own = {json.dumps(config["script"])}, gone = "/not/there";
      const bad = {{ command: "git -C {world.prod} reset --hard" }};
      console.log(JSON.stringify([
        await asked(own, "exec", bad), await asked(own, "exec", {{ command: "ls" }}),
        await asked(own, "write", {{ path: "{world.prod}/x", content: "" }}), await asked(own, "read", bad),
        await asked(gone, "exec", bad), await asked(gone, "exec", {{ command: "ls" }}),
        await asked("/bin/false", "exec", {{ command: "ls" }}),
      ]));
    """
    (tmp_path / "ask.mjs").write_text(script)
    done = subprocess.run(
        [node, tmp_path / "ask.mjs"],
        cwd=world.free,
        env={"PATH": os.environ["PATH"], "HOME": str(world.home)},
        capture_output=True,
        check=True,
        text=True,
    )
    answers = json.loads(done.stdout)
    assert [one and one["block"] for one in answers] == [True, None, True, None, True, None, True], answers
    assert answers[0]["blockReason"].startswith("guardrails refused this")
    assert "ENOENT" in answers[4]["blockReason"]

"""A secret in any input reaches no output: canaries are planted everywhere, and searched for in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails import reporters
from guardrails.reporters.page.page_data import unpack_data
from servers.web_server import page, serving
from worlds.small_world import RELEASE, SmallWorld, small_world, write

PROMOTE = ("--env", "prod", "--op", "promote", "--candidate", RELEASE)
MOMENTS = (
    ("--env", "prod"),
    ("--env", "dev"),
    PROMOTE,
    (*PROMOTE, "--after"),
    ("--env", "dev", "--op", "release"),
    *(("--env", "prod", "--op", operation) for operation in ("update", "start", "verify", "rollback")),
    ("--env", "dev", "--op", "push", "--updates", "push"),
)
RULES = """
[policies.facts-memory-health]
command = "sh -c 'echo Authorization: Bearer canary-of-a-command; echo api_key=canary-of-stderr >&2; exit 1'"
within = "300ms"

[policies.facts-memory-row]
command = "cat {{state_dir}}/openclaw.json"
contains = "something else"
within = "300ms"

[policies.ui-answers]
url = "http://me:canary-of-the-address@127.0.0.1:{port}/?token=canary-of-the-query"
within = "300ms"

[policies.token-is-set]
use = "environment-variable"
environments = ["prod"]
when = ["start"]
name = "OPENCLAW_GATEWAY_TOKEN"
value = "canary-that-is-wanted"

[policies.settings]
use = "required-config"
environments = ["prod"]
file = "{{state_dir}}/openclaw.json"
values = {{ "gateway.auth.token" = "canary-that-is-required", "gateway.port" = 1 }}
present = ["gateway.auth.password"]
"""
UNIT = """[Service]
ExecStart=/usr/bin/node {prod}/dist/entry.js gateway --token canary-of-an-option --password=canary-of-another
Environment=OPENCLAW_GATEWAY_TOKEN=canary-of-the-unit
Environment="SLACK_BOT_TOKEN=canary of the unit"
"""
SETTINGS = """{
  gateway: {mode: "remote", port: 2, auth: {token: "canary-of-the-settings", password: "canary-of-the-password"}},
  channels: {telegram: {botToken: "canary-of-a-channel"}},
"""


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """A deployment with a canary in every place that is read, and something wrong in most."""
    made = small_world(tmp_path)
    for state in (made.prod_state, made.dev_state):
        write(state / "openclaw.json", SETTINGS + "}")
        store = json.loads((state / "cron/jobs.json").read_text())
        job = store["jobs"][0]
        job |= {"payload": {"kind": "agentTurn", "message": "use sk-canary-of-a-job"}, "name": "token=canary-of-a-name"}
        write(state / "cron/jobs.json", json.dumps(store))
    remote = "https://me:canary-of-the-remote@example.org/openclaw.git"
    git(made.prod, "config", "remote.upstream.url", remote)
    git(
        made.prod,
        "config",
        "url.https://me:canary-of-the-rule@example.net/.insteadOf",
        "https://me:canary-of-the-remote@example.org/",
    )
    git(made.prod, "config", "http.extraHeader", "Authorization: Bearer canary-of-a-header")
    for repo in (made.prod, made.dev):
        write(repo / "password=canary-of-a-file-name", "secret\n")
        git(repo, "commit", "-q", "--allow-empty", "-m", "use ghp_canaryOfASubject0123456789")
    tip = git(made.dev, "rev-parse", "HEAD")
    write(made.folder / "push", f"(delete) {'0' * 40} refs/heads/main {tip}\n")
    write(made.home / ".config/systemd/user/com.moltbot.gateway.prod.service", UNIT.format(prod=made.prod))
    return made


def outputs(world: SmallWorld, *arguments: str) -> str:
    """Everything that a command prints and writes in each of its formats."""
    written = {form: world.home / f"report.{form}" for form in reporters.FORMATS}
    written["html"] = world.home / "report.html"
    every = [word for form, path in written.items() for word in ("--output", f"{form}:{path}")]
    texts = []
    for more in (["--verbose"], every):
        given = {"OPENCLAW_GATEWAY_TOKEN": "canary-of-the-caller", "CLAWDBOT_TOKEN": "canary-of-old"}
        done = world.check(*arguments, *more, env=given)
        texts += [done.stdout, done.stderr]
    logs = [path.read_text() for path in (world.home / ".local/state/guardrails").rglob("*.jsonl")]
    assert logs
    packed = unpack_data(written["html"].read_text())
    return "".join([*texts, *(path.read_text() for path in written.values()), packed, *logs])


@pytest.mark.parametrize("moment", MOMENTS, ids=" ".join)
@pytest.mark.sample(4)
def test_no_check_shows_a_secret(world: SmallWorld, moment: tuple[str, ...]) -> None:
    with serving(page("token: canary-of-the-page")) as url:
        world.configure(RULES.format(port=url.rpartition(":")[2].rstrip("/")))
        printed = outputs(world, *moment)

    assert "fail" in printed
    assert "canary" not in printed.lower(), next(line for line in printed.splitlines() if "canary" in line.lower())


@pytest.mark.parametrize("operation", ["promote", "update", "rollback"])
def test_no_plan_shows_a_secret(world: SmallWorld, operation: str) -> None:
    candidate = ("--candidate", RELEASE) if operation == "promote" else ()
    for form in ("text", "json"):
        page = world.home / "plan.html"
        done = world.run("plan", operation, "--env", "prod", *candidate, "--format", form, "--output", f"html:{page}")
        assert done.stdout
        assert "canary" not in (done.stdout + done.stderr).lower()
        assert "canary" not in (page.read_text() + unpack_data(page.read_text())).lower()


@pytest.mark.parametrize("name", ["openclaw.json", "cron/jobs.json", "agents/main/sessions/sessions.json"])
@pytest.mark.parametrize(
    "broken", ['{"token": "canary-', '{"botToken": canary-of-garbage}', '\x00{"password": "canary-']
)
@pytest.mark.sample(3)
def test_no_error_about_a_broken_file_shows_what_is_in_it(world: SmallWorld, name: str, broken: str) -> None:
    world.configure(RULES.format(port=1))
    write(world.prod_state / name, broken)
    printed = outputs(world, "--env", "prod") + outputs(world, "--env", "prod", "--op", "verify")

    assert "error" in printed
    assert "canary" not in printed.lower()


def test_no_other_command_shows_a_secret(world: SmallWorld) -> None:
    world.configure('[environments.prod.variables]\nAPI_TOKEN = "canary-of-the-configuration"\n')
    for arguments in (("config", "show"), ("policies",), ("explain", "ui-answers"), ("explain", "promote")):
        done = world.run(*arguments)
        assert done.returncode == 0, done.stderr
        assert "canary" not in (done.stdout + done.stderr).lower()

"""Rules of the user's own about a service, without Python: written in a configuration, judged from outside."""

from __future__ import annotations

import plistlib
import time
from pathlib import Path

import pytest

from progress import elapsed
from servers.web_server import page, serving
from worlds.small_world import SmallWorld, bare_world, left_over, outcomes, write

RULES = """
state_dir = "state"
variables = {{ STATE = "{{state_dir}}", GREETING = "Hello" }}

[operations.verify]

[policies.mode-is-local]
use = "required-config"
when = ["verify"]
file = "{{state_dir}}/openclaw.json"
values = {{ "gateway.mode" = "local", "gateway.port" = 18789 }}
present = ["gateway.auth.token"]

[policies.service-keeps-alive]
use = "required-config"
when = ["verify"]
file = "~/Library/LaunchAgents/gateway.plist"
values = {{ KeepAlive = true }}

[policies.says-hello]
use = "healthy-command"
when = ["verify"]
command = "{{repo}}/say-hello.sh"
json = {{ greeting = "Hello" }}
contains = "state"
times = 2

[policies.ui-answers]
use = "reachable-page"
when = ["verify"]
url = "{url}/"
contains = "Facts Memory"
within = "1s"

[policies.readme]
use = "required-files"
when = ["verify"]
files = ["README.*", "{{state_dir}}/openclaw.json"]

[policies.settings-are-new]
use = "fresh-file"
when = ["verify"]
file = "{{state_dir}}/openclaw.json"
newer_than = "1h"

[policies.right-state]
use = "environment-variable"
when = ["verify"]
name = "OPENCLAW_STATE_DIR"
value = "{{state_dir}}"
"""
HELLO = """#!/bin/sh
echo '{"greeting": "'$GREETING'", "state": "'$STATE'"}'
"""
SETTINGS = "{gateway: {mode: 'local', port: 18789, auth: {token: 'hunter2hunter2'}}} // JSON5"


@pytest.fixture
def deployment(tmp_path: Path) -> SmallWorld:
    world = bare_world(tmp_path)
    write(world.folder / "state/openclaw.json", SETTINGS)
    plist = world.home / "Library/LaunchAgents/gateway.plist"
    plist.parent.mkdir(parents=True)
    plist.write_bytes(plistlib.dumps({"Label": "gateway", "KeepAlive": True}))
    write(world.prod / "say-hello.sh", HELLO).chmod(0o755)
    return world


def verify(world: SmallWorld) -> dict[str, str]:
    given: dict[str, str | None] = {"OPENCLAW_STATE_DIR": str(world.folder / "state")}
    report = world.report("--op", "verify", env=given)
    assert "hunter2" not in str(report)
    return outcomes(report)


def test_rules_without_python(deployment: SmallWorld) -> None:
    with serving(page("<h1>Facts Memory</h1>")) as url:
        deployment.configuration.write_text(deployment.configuration.read_text() + RULES.format(url=url))
        assert set(verify(deployment).values()) == {"pass"}
        write(deployment.folder / "state/openclaw.json", SETTINGS.replace("local", "remote"))
        assert verify(deployment)["mode-is-local"] == "fail"
        write(deployment.folder / "state/openclaw.json", SETTINGS[:20])
        assert verify(deployment)["mode-is-local"] == "error"
    assert verify(deployment)["ui-answers"] == "fail"


HANG = """
[policies.hangs]
use = "healthy-command"
command = "sh -c 'sleep 1000 & setsid sleep 1000 & wait'"
within = "1s"

[policies.leaves-somebody-behind]
use = "healthy-command"
command = "sh -c 'sleep 1000 >/dev/null 2>&1 &'"
"""


def test_a_command_that_hangs_is_a_failure_and_leaves_nobody_behind(deployment: SmallWorld) -> None:
    deployment.configure(HANG)
    started = time.monotonic()
    found = outcomes(deployment.report())
    assert found == {"hangs": "fail", "leaves-somebody-behind": "pass"}
    assert elapsed(started) < 5
    assert left_over(deployment.session) == []


def test_a_check_that_has_less_time_than_a_rule_cannot_know(deployment: SmallWorld) -> None:
    deployment.configure('[policies.never]\nuse = "healthy-command"\ncommand = "false"\nwithin = "50s"\n')
    report = deployment.report("--timeout", "0.5")
    assert outcomes(report) == {"never": "error"}
    assert "add --timeout 25" in report["results"][0]["reason"]


def test_the_secrets_of_an_address_are_never_shown(deployment: SmallWorld) -> None:
    rule = '[policies.page]\nuse = "reachable-page"\nurl = "http://me:hunter2@127.0.0.1:{port}/?token=hunter2"\n'
    deployment.configure(rule.format(port=1) + 'within = "200ms"\n')
    done = deployment.check("--verbose")
    assert (done.returncode, "hunter2" in done.stdout + done.stderr) == (1, False)
    deployment.configuration.write_text(deployment.configuration.read_text().replace(":1/", ":x/"))
    done = deployment.check()
    assert (done.returncode, "hunter2" in done.stdout + done.stderr) == (2, False)

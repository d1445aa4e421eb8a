"""Command lines of gateways, of other commands, and of what only looks like one."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails_policies.openclaw.shell.gateway_commands import Launch, arguments_of, launch


def read(line: str, folder: str = "/folder", **variables: str) -> Launch | None:
    return launch(shlex.split(line), folder, variables, home="/home/me", repos=["/repo"])


@pytest.mark.parametrize(
    ("line", "program", "arguments", "variables"),
    [
        ("node /o/openclaw.mjs gateway run", "/o/openclaw.mjs", "gateway run", {}),
        ("/usr/bin/node /o/dist/entry.js gateway --port 1", "/o/dist/entry.js", "gateway --port 1", {}),
        ("node dist/index.js gateway", "/folder/dist/index.js", "gateway", {}),
        ("node /repo/own.js gateway", "/repo/own.js", "gateway", {}),
        ("node --max-old-space-size=1 /o/openclaw.mjs --dev gateway", "/o/openclaw.mjs", "--dev gateway", {}),
        ("node openclaw.mjs --profile work gateway", "/folder/openclaw.mjs", "--profile work gateway", {}),
        ("pnpm openclaw-dev gateway run", "/folder", "gateway run", {}),
        ("pnpm --dir /repo run openclaw -- gateway", "/repo", "-- gateway", {}),
        ("env -i A=b openclaw gateway", "", "gateway", {"A": "b"}),
        ("caffeinate -s nice -n 5 openclaw gateway", "", "gateway", {}),
        (
            "/bin/bash -lc 'cd ~/prod && OPENCLAW_STATE_DIR=~/x exec node openclaw.mjs gateway run >> log'",
            "/home/me/prod/openclaw.mjs",
            "gateway run",
            {"OPENCLAW_STATE_DIR": "/home/me/x"},
        ),
        ("sh -c 'export A=1; openclaw gateway'", "", "gateway", {"A": "1"}),
    ],
)
def test_gateways(line: str, program: str, arguments: str, variables: dict[str, str]) -> None:
    found = read(line, PATH="/nowhere")
    assert found is not None
    assert (found.program, found.arguments, found.doubt) == (program, tuple(arguments.split()), "")
    assert {name: value for name, value in found.variables.items() if name != "PATH"} == variables


@pytest.mark.parametrize(
    "line",
    [
        "",
        "node /o/openclaw.mjs gateway status",
        "openclaw gateway install --force",
        "openclaw --profile gateway status",
        "openclaw cron run gateway",
        "node /other/app.js gateway",
        "nginx -g gateway",
    ],
)
def test_others(line: str) -> None:
    assert read(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "direnv exec . openclaw gateway",
        "python -m guardrails run start -- openclaw gateway run",
        "ssh hunter2 openclaw gateway",
        "sh -c '. ./environment; openclaw gateway'",
        "sh -c 'OPENCLAW_STATE_DIR=$(cat where) openclaw gateway'",
    ],
)
def test_what_may_set_other_variables(line: str) -> None:
    found = read(line)
    assert found is not None
    assert found.doubt
    assert "hunter2" not in found.doubt


def test_a_script_that_is_not_closed_may_start_one() -> None:
    with pytest.raises(CannotKnow, match="may start a gateway"):
        read('sh -c "openclaw \'gateway"')


def test_a_program_on_the_path(tmp_path: Path) -> None:
    package = tmp_path / "lib/openclaw"
    package.mkdir(parents=True)
    (package / "openclaw.mjs").touch()
    (tmp_path / "openclaw").symlink_to("lib/openclaw/openclaw.mjs")
    found = read("openclaw gateway", PATH=f"relative:{tmp_path}")
    assert found is not None
    assert found.program == str(package / "openclaw.mjs")


def test_the_wrapper_of_2026_9(tmp_path: Path) -> None:
    path = tmp_path / "gw.env"
    path.write_text("# Generated\nexport OPENCLAW_STATE_DIR='/a b'\nexport OPENCLAW_GATEWAY_TOKEN='hunter2'\n")
    line = f"/bin/sh {tmp_path}/gw-env-wrapper.sh {path} /usr/bin/node /o/dist/index.js gateway --port 1"
    found = read(line)
    assert found is not None
    assert (found.variables, found.program, found.doubt) == ({"OPENCLAW_STATE_DIR": "/a b"}, "/o/dist/index.js", "")
    path.write_text("export A='")
    with pytest.raises(CannotKnow, match="no list of variables"):
        read(line)
    path.unlink()
    with pytest.raises(CannotKnow, match="without which the service does not start"):
        read(line)


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("openclaw --dev gateway start", "--dev gateway start"),
        ("sh -c 'exec openclaw --dev status'", "--dev status"),
        ("echo openclaw.md", ""),
        ("openclaw", ""),
    ],
)
def test_the_arguments_of_any_command(line: str, arguments: str) -> None:
    assert " ".join(arguments_of(shlex.split(line), home="/home/me")) == arguments

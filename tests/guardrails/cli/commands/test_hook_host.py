"""`guardrails hook run HOST` answers each host in its own words, in time, and never with 1."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

import pytest

from guardrails.guards import HOSTS
from guardrails.testing.worlds import ScratchWorld
from progress import come_true
from worlds.judged_calls import RULES, logged


@pytest.fixture
def world(scratch_world: ScratchWorld) -> ScratchWorld:
    scratch_world.configure(RULES)
    (scratch_world.dev / "README.md").write_text("edited\n")
    return scratch_world


def asked(host: str, command: str, folder: object) -> dict[str, Any]:
    tool = {"gemini": "run_shell_command", "openclaw": "exec"}.get(host, "Bash")
    if host == "cursor":
        return {"hook_event_name": "beforeShellExecution", "command": command, "cwd": str(folder)}
    return {"tool_name": tool, "tool_input": {"command": command}, "cwd": str(folder)}


PATIENT = """
import sys
from guardrails.cli import host_calls, main
host_calls.LIMIT = host_calls._LOOK = 60.0  # this machine may have more to do than a user's
sys.exit(main(sys.argv[1:]))
"""


def run(
    world: ScratchWorld, host: str, given: object, *more: str, config: str | None = None, program: str = PATIENT
) -> subprocess.CompletedProcess[str]:
    """Ask as the host does; `given` is text, or an object to be written as JSON."""
    arguments = ["hook", "run", host, "--config", config or str(world.configuration), *more]
    text = given if isinstance(given, str) else json.dumps(given)
    return subprocess.run(
        [world.python, "-P", "-c", program, *arguments],
        cwd=world.home,
        env=world.environment(),
        input=text,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("host", HOSTS)
def test_a_call_that_would_lose_work_is_refused(world: ScratchWorld, host: str) -> None:
    done = run(world, host, asked(host, "git reset --hard", world.dev))

    assert done.returncode == 2, done.stderr
    lines = done.stderr.split("\n")
    assert lines[0] == "guardrails refused this: git reset --hard (dev)"
    assert lines[2].startswith("instead: guardrails rescue")
    if host == "cursor":
        assert json.loads(done.stdout)["permission"] == "deny"
    elif host == "openclaw":
        assert json.loads(done.stdout)["block"] is True
    else:
        assert done.stdout == ""
    assert [one["kind"] for one in logged(world, "dev")] == ["refusal"]


@pytest.mark.parametrize("host", HOSTS)
def test_no_opinion_says_nothing_and_logs_nothing(world: ScratchWorld, host: str) -> None:
    done = run(world, host, asked(host, "git status", world.dev))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("{}\n" if host == "cursor" else "")
    assert logged(world, "dev") == []


def test_a_tool_that_only_reads_is_not_judged(world: ScratchWorld) -> None:
    given = {"tool_name": "Read", "tool_input": {"file_path": str(world.dev)}, "cwd": str(world.dev)}

    assert run(world, "claude-code", given, config="/no/such/guardrails.toml").returncode == 0


@pytest.mark.parametrize("given", ["", "no JSON", "{}", '{"tool_name": "Bash"}', "x" * (1 << 20) + "y", "[" * 100_000])
def test_what_cannot_be_read_is_refused(world: ScratchWorld, given: str) -> None:
    done = run(world, "claude-code", given)

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.split("\n")) == 2


def test_a_broken_configuration_stops_only_what_names_a_place(world: ScratchWorld) -> None:
    world.configure("[nonsense]\n")
    given = asked("claude-code", "git reset --hard", world.dev)

    named, other = run(world, "claude-code", given, "--named"), run(world, "claude-code", given)
    assert (named.returncode, other.returncode, other.stderr) == (2, 0, "")
    assert "nonsense" in named.stderr
    assert len(named.stderr.split("\n")) == 2
    gone = run(world, "codex", given, "--named", config="/no/such/guardrails.toml")
    assert (gone.returncode, len(gone.stderr.split("\n"))) == (2, 2)


def test_it_answers_in_time_when_the_world_does_not(world: ScratchWorld) -> None:
    given = asked("claude-code", "git reset --hard", world.dev)
    started = time.monotonic()
    done = run(world, "claude-code", given, program=STUCK)

    assert (done.returncode, done.stdout) == (2, "")
    said = "guardrails refused this: whether it is safe could not be told within 1 s; try it again, or ask a person\n"
    assert done.stderr == said
    assert time.monotonic() - started < 60  # it is stuck for longer


STUCK = """
import sys, time
from guardrails import tool_calls
def wait(*_, **__):
    try:
        time.sleep(600)
    finally:
        time.sleep(600)
tool_calls.actions_in = wait
from guardrails.cli import main
sys.exit(main(sys.argv[1:]))
"""
BROKEN = PATIENT.replace(
    "host_calls, main", "host_calls, main\nfrom guardrails import tool_calls\ndel tool_calls.actions_in"
)


SLOW_TO_LOAD = """
import os, sys, time
from guardrails import config
from guardrails.cli import main
load, asked = config.load, os.getpid()
def slow(path):
    if os.getpid() == asked:
        time.sleep(600)
    return load(path)
config.load = slow
sys.exit(main(sys.argv[1:]))
"""


def test_a_configuration_that_takes_too_long_is_loaded_for_the_next_call(world: ScratchWorld) -> None:
    given = asked("claude-code", "git status", world.dev)

    assert "within 1 s" in run(world, "claude-code", given, program=SLOW_TO_LOAD).stderr
    come_true(lambda: bool(list((world.home / ".cache/guardrails/settings").glob("*.json"))))
    assert run(world, "claude-code", given).returncode == 0


def test_standard_input_that_never_ends_is_refused_in_time(world: ScratchWorld) -> None:
    arguments = ("hook", "run", "gemini", "--config", str(world.configuration))
    with world.start(*arguments, stdin=subprocess.PIPE) as process:
        code = process.wait(timeout=60)
        assert process.stderr is not None
        said = process.stderr.read()
        process.stdin.close()  # type: ignore[union-attr]

    assert (code, "within 1 s" in said) == (2, True)


def test_a_bug_of_ours_stops_only_what_names_a_place(world: ScratchWorld) -> None:
    def ask(command: str, folder: object) -> subprocess.CompletedProcess[str]:
        return run(world, "claude-code", asked("claude-code", command, folder), program=BROKEN)

    named = ask(f"git -C {world.dev} reset", "/")
    assert (named.returncode, named.stderr.count("\n")) == (2, 1)
    assert "this is a bug: NameError" in named.stderr
    assert ask("git reset", world.dev).returncode == 2
    assert (ask("git reset", "/").returncode, ask("git reset", "/").stderr) == (0, "")

"""`guardrails attest` from outside: what it records lets a promotion through, and its codes are the command's."""

import subprocess
import sys
from pathlib import Path
from shlex import quote

import pytest

from dirty.dirty_repository import git
from signers import Signers
from worlds.small_world import RELEASE, SmallWorld, outcomes, small_world

PROMOTE = ("--env", "prod", "--op", "promote", "--candidate", RELEASE)


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """A release that has changed since it was tested."""
    made = small_world(tmp_path)
    (made.dev / "src/memory.ts").write_text("export const facts = new Map();\n")
    git(made.dev, "commit", "-qam", "release: faster")
    made.configure('[policies.tested-commit]\ncommands = { build = "true", test = "sh -c true" }\n')
    return made


def judged(world: SmallWorld) -> str:
    return outcomes(world.report(*PROMOTE))["tested-commit"]


def typed(world: SmallWorld, line: str, **chosen: str) -> int:
    """Run a line of a finding as it is printed, in a shell that knows guardrails."""
    script = f'guardrails() {{ {quote(sys.executable)} -m guardrails "$@"; }}\n{line}\n'
    return subprocess.run(
        ["sh", "-c", script], cwd=world.folder, env=world.environment(**chosen), check=False
    ).returncode


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_the_lines_of_the_findings_end_them(world: SmallWorld, tmp_path: Path, signed: bool, elsewhere: bool) -> None:
    signers = Signers(tmp_path / "keys")
    text = world.configuration.read_text()
    text = text.replace(
        'build = "true", test = "sh -c true"', """build = "sh -c 'true && test 1 -gt 0'", test = "true 'a  b'\""""
    )
    world.configuration.write_text(text)
    if signed:
        world.configure(f'[trust]\nallowed_signers = "{signers.allow("ci")}"\n')
    if elsewhere:
        git(world.dev, "checkout", "-q", "main")
    found = next(one for one in world.report(*PROMOTE)["results"] if one["policy"] == "tested-commit")
    lines = [finding["remediation"] for finding in found["findings"]]
    assert (len(lines), ["switch --detach" in line for line in lines]) == (2, [elsewhere] * 2)
    for line in lines:
        assert typed(world, line, GUARDRAILS_KEY=signers.key("ci").path if signed else "") == 0
    assert judged(world) == "pass"


def test_a_test_run_is_evidence(world: SmallWorld) -> None:
    assert world.run("attest", "build", "--env", "dev", "--", "true").returncode == 0
    assert judged(world) == "fail"
    done = world.run("attest", "test", "--env", "dev", "--", "sh", "-c", "true")

    assert (done.returncode, done.stdout) == (0, "")
    looking, running, _, ended = done.stderr.splitlines()
    assert looking == f"guardrails: looking whether {world.dev} holds its commit and nothing else"
    assert running.startswith("guardrails: running `sh -c true` on the tree ")
    assert "passed on the tree" in ended
    assert judged(world) == "pass"


def test_its_code_is_the_command_s_and_a_failure_counts(world: SmallWorld) -> None:
    world.run("attest", "test", "--env", "dev", "--", "sh", "-c", "true")
    assert world.run("attest", "test", "--env", "dev", "--", "sh", "-c", "exit 4").returncode == 4
    assert judged(world) == "fail"


def test_with_trust_only_a_key_counts(world: SmallWorld, tmp_path: Path) -> None:
    signers = Signers(tmp_path / "keys")
    world.configure(f'[trust]\nallowed_signers = "{signers.allow("ci")}"\n')
    commands = [
        ("attest", "build", "--env", "dev", "--", "true"),
        ("attest", "test", "--env", "dev", "--", "sh", "-c", "true"),
    ]

    assert [world.run(*command).returncode for command in commands] == [0, 0]
    assert judged(world) == "fail"
    key: dict[str, str | None] = {"GUARDRAILS_KEY": signers.key("ci").path}
    assert [world.run(*command, env=key).returncode for command in commands] == [0, 0]
    assert judged(world) == "pass"


def test_what_cannot_be_recorded_is_125(world: SmallWorld) -> None:
    (world.dev / "src/new.ts").write_text("new\n")
    done = world.run("attest", "test", "--env", "dev", "--", "sh", "-c", "true")

    assert (done.returncode, "src/new.ts (untracked)" in done.stderr) == (125, True)
    assert world.run("attest", "test", "--env", "dev", "--key", "/nonexistent", "--", "true").returncode == 125


@pytest.mark.parametrize(
    "arguments",
    [("test", "--", "true"), ("test", "--env", "nowhere", "--", "true"), ("test", "--env", "dev"), ("--env", "dev")],
)
def test_a_command_line_that_makes_no_sense(world: SmallWorld, arguments: tuple[str, ...]) -> None:
    done = world.run("attest", *arguments)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)

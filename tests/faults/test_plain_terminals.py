"""Who asks for no colour gets text alone, on a real terminal, from every command: no escape, and no line drawn over."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
import termios
from pathlib import Path

import pytest

from guardrails.cli.commands import COMMANDS as ALL_COMMANDS
from worlds.guarded_world import PROMOTE, GuardedWorld
from worlds.small_world import RELEASE, write

PROD = ("--env", "prod")
PLAIN = [{"NO_COLOR": "1"}, {"GUARDRAILS_COLOR": "never"}, {"TERM": "dumb"}]
COMMANDS = [
    (),
    ("--help",),
    ("check", *PROD),
    ("check", *PROD, "--verbose", "--op", "promote", "--candidate", RELEASE),
    ("check", "--env", "nowhere"),
    ("plan", *PROMOTE),
    ("policies",),
    ("explain", "clean-worktree"),
    ("config", "show"),
    ("init",),
    ("hook", "status", "pre-push", *PROD),
    ("rescue", *PROD, "save"),
    ("rescue", *PROD, "list"),
    ("run", *PROMOTE),
    ("check", *PROD, "--output", "json:verdict.json"),
    ("verify", "verdict.json", *PROD),
    ("log", "show", *PROD),
    ("log", "verify", *PROD),
    ("history", *PROD),
    ("report", *PROD, "--output", "gone/page.html"),
    ("drill", "--policy", "required-files"),
    ("drill", "--installed"),
    ("completion", "bash"),
    ("doctor",),
    ("watch", *PROD, "--once"),
    ("vet", "--shell", "git reset --hard"),
    ("help", "hook", "install"),
    ("attest", "test", *PROD, "--", "true"),
    ("signoff", *PROD, "--render", "--commit", "HEAD"),
    ("waive", "clean-worktree", *PROD, "--owner", "a", "--reason", "a", "--expires", "soon"),
    ("new", "policy", "some-rule", "--dir", "new"),
    ("config", "schema"),
    ("rescue", *PROD, "show", "no-such-rescue"),
    ("chek",),
]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> GuardedWorld:
    """A world with a change in production that no commit has, so that there is much to say and to rescue."""
    world = GuardedWorld(tmp_path_factory.mktemp("plain"))
    write(world.prod / "src/gateway.ts", "export const port = 1;\n")
    return world


def printed(guarded: GuardedWorld, *arguments: str, **variables: str) -> bytes:
    """What a command prints on a terminal of its own."""
    parent, child = pty.openpty()
    termios.tcsetwinsize(child, (40, 100))
    environment = guarded.world.environment(**guarded.environment(**{"TERM": "xterm-256color", **variables}))
    command = [guarded.world.python, "-P", "-m", "guardrails", *arguments]
    said = b""
    with subprocess.Popen(command, cwd=guarded.world.folder, env=environment, stdin=child, stdout=child, stderr=child):
        os.close(child)
        with contextlib.suppress(OSError):  # how Linux ends a terminal
            while part := os.read(parent, 1 << 16):
                said += part
    os.close(parent)
    return said


def controls(said: bytes) -> list[bytes]:
    """Escapes, and carriage returns that the terminal has not put before a newline."""
    return re.findall(rb"[\x1b\x9b\x08]|\r(?!\n)", said)


@pytest.mark.parametrize("variables", PLAIN, ids=lambda variables: "-".join(variables))
@pytest.mark.sample(3)
def test_no_command_prints_a_control_code(guarded: GuardedWorld, variables: dict[str, str]) -> None:
    for arguments in COMMANDS:
        said = printed(guarded, *arguments, **variables)
        assert said, arguments
        assert controls(said) == [], (arguments, said)


def test_each_command_is_tried() -> None:
    assert {arguments[0] for arguments in COMMANDS if arguments} >= ALL_COMMANDS.keys() - {"demo"}  # it has its own


def test_a_rescue_is_shown_without_colour(guarded: GuardedWorld) -> None:
    printed(guarded, "rescue", *PROD, "save")
    name = guarded.world.run("rescue", *PROD, "list").stdout.split()[0]
    assert b"\x1b[32m" in printed(guarded, "rescue", *PROD, "show", name)
    assert controls(printed(guarded, "rescue", *PROD, "show", name, NO_COLOR="1")) == []


def test_a_demo_passes_the_wish_on(guarded: GuardedWorld) -> None:
    assert controls(printed(guarded, "demo", "--act", "2", NO_COLOR="1")) == []
    demo = guarded.world.run("demo", "--act", "2", env={"FORCE_COLOR": "1"})
    assert "\x1b[31m" in demo.stdout, "its commands are coloured, as its titles are"


@pytest.mark.parametrize(
    ("variables", "coloured", "bar"),
    [
        ({}, True, True),
        ({"CI": "true"}, True, False),
        ({"GUARDRAILS_COLOR": "always", "NO_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_otherwise_a_terminal_gets_colour_and_a_bar(
    guarded: GuardedWorld, variables: dict[str, str], coloured: bool, bar: bool
) -> None:
    said = printed(guarded, "check", *PROD, **variables)
    assert (b"\x1b[31m" in said, b"\x1b[?25l" in said) == (coloured, bar)


def test_the_log_is_wrapped_to_the_terminal_and_in_a_pipe_left_whole(guarded: GuardedWorld, tmp_path: Path) -> None:
    guarded.world.run("check", *PROD, "--output", f"json:{tmp_path}/{'none/ ' * 30}x")
    shown = printed(guarded, "log", "show", *PROD).decode().splitlines()
    piped = guarded.world.run("log", "show", *PROD).stdout.splitlines()
    assert len(shown) > len(piped)
    assert any(re.search(r" (?:just now|\d+ seconds? ago|\d+ minutes ago) ", line) for line in shown)
    assert " ago " not in "".join(piped)
    assert max(map(len, piped)) > 150


def test_a_run_that_succeeds_prints_text_alone(tmp_path: Path) -> None:
    guarded = GuardedWorld(tmp_path)
    said = printed(guarded, "run", *PROMOTE, NO_COLOR="1")
    assert b"is done, and verified" in said
    assert controls(said) == []

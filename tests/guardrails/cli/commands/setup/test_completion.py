"""The completion scripts at work in real shells, in a deployment, a broken one, and beside hostile names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails import reporters
from guardrails.cli import main
from guardrails.cli.commands import COMMANDS
from needs import need
from terminals import Terminal
from worlds.small_world import SmallWorld, bare_world

HOSTILE = "$(touch${IFS}ran)"
SHELLS = ("bash", "zsh", "fish")


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """One repository with a rescue, refs, policies and operations, and names that a shell would run."""
    world = bare_world(tmp_path)
    world.configuration.write_text(
        'extends = ["openclaw"]\n[environments.prod]\nrepo = "prod"\n[operations.move]\n'
        f'[environments."{HOSTILE}"]\nrepo = "x"\n[operations."{HOSTILE}"]\n'
        f'[policies."{HOSTILE}"]\nuse = "clean-worktree"\n'
    )
    git(world.prod, "branch", "release/memory-v1")
    git(world.prod, "tag", "v1.2")
    git(world.prod, "branch", HOSTILE)
    for name in ("core.fsmonitor", "core.pager", "alias.for-each-ref"):
        git(world.prod, "config", name, f"!touch {world.folder}/ran")
    command = tmp_path / "bin/guardrails"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{world.python}" -P -m guardrails "$@"\n')
    command.chmod(0o755)
    return world


def surroundings(world: SmallWorld) -> dict[str, str]:
    return world.environment(PATH=f"{world.folder.parent}/bin:/usr/bin:/bin", TERM="xterm")


def script(shell: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The script of a shell, in a file."""
    need(shell)
    assert main(["completion", shell]) == 0
    path = folder / f"completion.{shell}"
    path.write_text(capsys.readouterr().out)
    return path


BASH = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _guardrails; printf "%s\\n" "${COMPREPLY[@]}"'
ZSH = """
compdef() { }; compadd() { shift 4; print -rl -- "$@"; }; _files() { print FILES; }
source "$1"; shift; words=("$@"); CURRENT=$#; _guardrails
"""
FISH = 'source $argv[1]; complete -C "$argv[2..]"'


def offered(shell: str, path: Path, world: SmallWorld, line: str) -> list[str]:
    """What a real shell offers after a line, whose last word is not finished."""
    words = line.split(" ")
    command = {
        "bash": ["bash", "--norc", "-c", BASH, "bash", str(path), *words],
        "zsh": ["zsh", "-f", "-c", ZSH, "zsh", str(path), *words],
        "fish": ["fish", "--no-config", "-c", FISH, str(path), *words],
    }[shell]
    done = subprocess.run(command, env=surroundings(world), cwd=world.folder, capture_output=True, text=True)
    assert done.stderr == ""
    return [one.partition("\t")[0] for one in done.stdout.splitlines() if one]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_kind_of_value_is_offered(shell: str, world: SmallWorld, capsys: pytest.CaptureFixture[str]) -> None:
    saved = world.run("rescue", "--env", "prod").stdout.partition("refs/rescue/")[2].partition(",")[0]
    path = script(shell, world.folder.parent, capsys)

    def after(line: str) -> list[str]:
        return offered(shell, path, world, line)

    assert set(after("guardrails ")) == {*COMMANDS, "--help", "--version"}
    assert after("guardrails po") == ["policies"]
    assert after("guardrails check --ca") == ["--candidate"]
    assert after("guardrails check --env pr") == ["prod"]
    assert after("guardrails check --op mo") == ["move"]
    assert set(after("guardrails check --format ")) == set(reporters.FORMATS)
    assert after("guardrails check --policy clean") == ["clean-worktree"]
    assert after("guardrails waive --env prod expected-c") == ["expected-cron-jobs"]
    assert after("guardrails waive --env prod clean") == []  # it cannot be waived there
    assert after("guardrails explain quiet") == ["quiet-cron"]
    assert after("guardrails run --env prod promo") == ["promote"]
    assert set(after("guardrails check --env prod --candidate ")) == {"main", "release/memory-v1", "v1.2"}
    assert after("guardrails rescue --env prod show ") == [saved]
    assert set(after("guardrails hook ")) == {"install", "uninstall", "status", "run"}
    assert after("guardrails hook install pre-p") == ["pre-push"]
    assert after("guardrails help hook inst") == ["install"]
    assert not (world.folder / "ran").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_names_that_a_shell_would_run_are_not_offered(
    shell: str, world: SmallWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    path = script(shell, world.folder.parent, capsys)
    in_the_way = world.folder / "guardrails"
    in_the_way.write_text(f"#!/bin/sh\ntouch {world.folder}/ran\n")
    in_the_way.chmod(0o755)
    for line in ("check --env ", "check --op ", "check --policy ", "check --env prod --candidate "):
        found = offered(shell, path, world, f"./guardrails {line}")
        assert found
        assert not [one for one in found if "touch" in one and one != "untouched-places"]
    assert not (world.folder / "ran").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_broken_configuration_offers_what_is_known_without_it(
    shell: str, world: SmallWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world.configuration.write_text("[environments.prod\n")
    path = script(shell, world.folder.parent, capsys)
    assert offered(shell, path, world, "guardrails check --env p") in ([], ["FILES"])
    assert offered(shell, path, world, "guardrails check --op") == ["--op"]
    assert "json" in offered(shell, path, world, "guardrails check --format ")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_file_is_offered_where_one_is_wanted(
    shell: str, world: SmallWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    path = script(shell, world.folder.parent, capsys)
    (world.folder / "verdict.json").touch()
    found = offered(shell, path, world, "guardrails verify verd")
    # bash falls back by itself (-o default), which shows on a terminal alone
    assert found == {"bash": [], "zsh": ["FILES"], "fish": ["verdict.json"]}[shell]


START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], ""),
    "zsh": (["zsh", "-f", "-i"], "autoload -U compinit; compinit -u -D; "),
    "fish": (["fish", "--no-config", "-i"], ""),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_on_a_terminal(shell: str, world: SmallWorld, capsys: pytest.CaptureFixture[str]) -> None:
    path = script(shell, world.folder.parent, capsys)
    command, first = START[shell]
    with Terminal(command, env=surroundings(world), cwd=world.folder) as terminal:
        terminal.type(f"{first}source {path}; echo re''ady\r")
        terminal.wait_for("ready")
        terminal.type("guardrails check --env pro\t")
        terminal.wait_for(r"guardrails check --env pro.*d")
        terminal.type("--op mo\t")
        terminal.wait_for("mo.*ve")
        terminal.type("--format=js\t")
        terminal.wait_for("js.*on")


def test_zsh_finds_the_script_among_its_functions(
    world: SmallWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script("zsh", tmp_path, capsys).rename(tmp_path / "_guardrails")
    with Terminal(["zsh", "-f", "-i"], env=surroundings(world), cwd=world.folder) as terminal:
        terminal.type(f"fpath=({tmp_path} $fpath); autoload -U compinit; compinit -u -D; echo re''ady\r")
        terminal.wait_for("ready")
        terminal.type("guardrails polic\t")
        terminal.wait_for("polic.*ies")


def test_an_unknown_shell_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert capsys.readouterr().err.startswith("guardrails: argument shell: no tcsh; known: bash, zsh, fish, words")

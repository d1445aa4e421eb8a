"""Keys that cannot sign, programs that are not there, and secrets that stay where they are; from outside."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.operations.evidence.record_statements import Key
from progress import come_true, elapsed, run_to_its_end
from signers import ENVIRONMENT, Signers
from worlds.small_world import RELEASE, SmallWorld, small_world, write

SIGN = ("signoff", "--role", "architect-1", "--env", "prod", "--commit", RELEASE, "--decision", "approved")
WHO = ("--signer", "peter@example.org")
PASSPHRASE = "a passphrase that is nowhere else"


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """A world in which statements must be signed, and nothing is recorded yet."""
    made = small_world(tmp_path)
    for ref in git(made.dev, "for-each-ref", "--format=%(refname)", "refs/signoffs", "refs/attestations").split():
        git(made.dev, "update-ref", "-d", ref)
    made.configure('[trust]\nallowed_signers = "keys/allowed_signers"\n')
    return made


@pytest.fixture
def signers(world: SmallWorld) -> Signers:
    made = Signers(world.folder / "keys")
    made.allow("peter", "grace")
    return made


def locked(signers: Signers) -> Key:
    """A key of Peter's with a passphrase."""
    key = signers.key("peter")
    command = ["ssh-keygen", "-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", key.path]
    subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True)
    return key


def recorded(world: SmallWorld) -> list[str]:
    return git(world.dev, "for-each-ref", "--format=%(refname)", "refs/signoffs").split()


def test_nothing_that_is_written_or_said_holds_the_key(world: SmallWorld, signers: Signers) -> None:
    key = signers.key("peter").path
    secret = re.sub(r"-----.*?-----|\s", "", Path(key).read_text())
    parts = [
        secret[start : start + 40] for start in range(len(secret) // 2, len(secret) - 40, 40)
    ]  # past the public half
    assert len(parts) >= 3
    commands = [
        (*SIGN, *WHO, "--key", key, "--notes", "fine"),
        ("attest", "test", "--env", "dev", "--key", key, "--", "true"),
        ("signoff", "--env", "prod", "--commit", RELEASE, "--render"),
        ("check", "--env", "prod", "--op", "promote", "--candidate", RELEASE, "--format", "json", "--verbose"),
    ]
    said = ""
    for command in commands:
        done = world.run(*command)
        said += done.stdout + done.stderr
    assert "recorded as refs/signoffs/" in said
    assert "architect-1" in said
    git(world.dev, "config", "core.compression", "0")
    git(world.dev, "repack", "-q", "-a", "-d", "-F")  # so that objects can be searched too
    files = [path for folder in (world.folder, world.home) for path in folder.rglob("*") if path.is_file()]
    everything = [said.encode(), *(path.read_bytes() for path in files if str(path) != key)]
    everything += [git(world.dev, "cat-file", "blob", ref).encode() for ref in recorded(world)]
    assert len(everything) > 50
    assert not [part for part in parts for text in everything if part.encode() in text]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_key_with_a_passphrase_and_no_agent_is_one_line(world: SmallWorld, signers: Signers, terminal: bool) -> None:
    started = time.monotonic()
    command = (*SIGN, *WHO, "--key", locked(signers).path)
    if terminal:
        code, said = in_a_terminal([world.python, "-P", "-m", "guardrails", *command], world)
    else:
        done = world.run(*command)
        code, said = done.returncode, done.stdout + done.stderr
    assert elapsed(started) < 10
    assert (code, said.count("\n")) == (2, 1), said
    assert "it has a passphrase; ssh-add it, and name its public key" in said
    assert recorded(world) == []


def in_a_terminal(argv: list[str], world: SmallWorld) -> tuple[int, str]:
    """The exit code and the output of a command that could ask at a terminal; one that waits there is ended."""
    ours, theirs = os.openpty()
    shell = ["sh", "-c", f'exec "$@" <{os.ttyname(theirs)}', "sh", *argv]  # it is theirs who lead a session and open it
    try:
        done = run_to_its_end(shell, cwd=world.folder, env=world.environment(), start_new_session=True, text=True)
    finally:
        os.close(ours)
        os.close(theirs)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def agent(world: SmallWorld) -> Iterator[str]:
    """The socket of an agent of ssh, which ends with the test."""
    socket = str(world.home / "a")
    command = ["ssh-agent", "-D", "-a", socket]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            come_true(lambda: os.path.exists(socket), "the agent of ssh does not come up")
            yield socket
        finally:
            process.terminate()


def test_a_key_that_only_the_agent_holds(world: SmallWorld, signers: Signers, agent: str) -> None:
    key = locked(signers).path
    ask = write(world.home / "ask", f"#!/bin/sh\necho '{PASSPHRASE}'\n")
    ask.chmod(0o755)
    asked = {"SSH_AUTH_SOCK": agent, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
    subprocess.run(["ssh-add", "-q", key], env={**ENVIRONMENT, **asked}, check=True, capture_output=True)
    Path(key).unlink()
    done = world.run(*SIGN, *WHO, "--key", f"{key}.pub", env={"SSH_AUTH_SOCK": agent})
    assert (done.returncode, done.stderr) == (0, "")
    shown = world.run("signoff", "--env", "prod", "--commit", RELEASE, "--render")
    assert "Owner: peter@example.org (Architect #1)" in shown.stdout
    assert (shown.returncode, shown.stderr) == (0, "")
    without = world.run(*SIGN, *WHO, "--key", f"{key}.pub")
    assert (without.returncode, without.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("content", ["", "not a key\n", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_is_one_line(world: SmallWorld, content: str) -> None:
    key = write(world.home / "key", content)
    key.chmod(0o600)
    done = world.run(*SIGN, *WHO, "--key", str(key))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert recorded(world) == []


@pytest.mark.parametrize("mode", [0o644, 0o640])
def test_a_key_that_others_may_read_is_one_line(world: SmallWorld, signers: Signers, mode: int) -> None:
    key = Path(signers.key("peter").path)
    key.chmod(mode)
    done = world.run(*SIGN, *WHO, "--key", str(key))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr


def without_ssh(world: SmallWorld) -> None:
    """As on a machine that has ssh-keygen in none of its usual places."""
    places = "from guardrails.facts.approval import signatures\nsignatures._PLACES = ('/nowhere/ssh-keygen',)\n"
    write(world.home / "site/sitecustomize.py", places)
    world.python_path.insert(0, str(world.home / "site"))


def test_without_ssh_keygen_nothing_that_must_be_signed_is_decided(world: SmallWorld, signers: Signers) -> None:
    for role, name in (("architect-1", "peter"), ("architect-2", "grace")):
        assert world.run(*SIGN, *WHO, "--role", role, "--key", signers.key(name).path).returncode == 0
    only = ("--policy", "required-signoffs", "--op", "promote", "--candidate", RELEASE, "--env", "prod")
    assert world.report(*only)["exit_code"] == 0
    assert world.report(*only, env={"PATH": "/nonexistent"})["exit_code"] == 0, "PATH has no say in who verifies"
    without_ssh(world)
    report = world.report(*only)
    (result,) = report["results"]
    assert (report["exit_code"], report["verdict"], result["outcome"]) == (2, "deny", "error")
    assert result["reason"] == "ssh-keygen is not installed where it can be found; install OpenSSH"


def test_without_ssh_keygen_nothing_is_signed(world: SmallWorld, signers: Signers) -> None:
    key = signers.key("peter").path
    without_ssh(world)
    done = world.run(*SIGN, *WHO, "--key", key)
    line = "guardrails: ssh-keygen is not installed where it can be found; install OpenSSH\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)
    done = world.run("attest", "test", "--env", "dev", "--key", key, "--", "true")
    assert (done.returncode, done.stderr.splitlines()[-1] + "\n") == (125, line)
    assert recorded(world) == []

"""Canaries of every shape in every place of a world, and every command: none is in anything that was written."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails import reporters
from secret_shapes import CANARY, SECRETS
from worlds.small_world import RELEASE, SmallWorld, small_world, write

PROMOTE = ("promote", "--env", "prod", "--candidate", RELEASE)
NOTES = ("--signer", "architect-1@example.org", "--notes", f"token={CANARY}")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("check", "--env", "prod", "--verbose"),
    ("check", "--env", "dev", "--verbose"),
    ("watch", "--env", "prod", "--once"),
    ("plan", *PROMOTE),
    ("plan", *PROMOTE, "--format", "json"),
    ("config", "show"),
    ("config", "show", "--format", "json"),
    ("config", "schema"),
    ("policies",),
    ("policies", "--format", "json"),
    ("explain", "shape"),
    ("explain", "hidden-value"),
    ("explain", "update"),
    ("rescue", "save", "--env", "prod"),
    ("rescue", "list", "--env", "prod"),
    ("rescue", "show", "ID", "--env", "prod"),
    ("signoff", "--role", "architect-1", "--env", "prod", "--commit", RELEASE, "--decision", "approved", *NOTES),
    ("signoff", "--render", "--env", "prod", "--commit", RELEASE),
    ("verify", "guardrails.toml", "--env", "prod"),
    ("hook", "status", "pre-push", "--env", "prod"),
    ("hook", "install", "pre-push", "--env", "prod"),
    ("run", *PROMOTE),
    ("completion", "bash"),
    ("log", "show", "--env", "prod"),
    ("log", "show", "--env", "prod", "--format", "json"),
    ("log", "verify", "--env", "prod"),
    ("check", "--env", CANARY + "x", "--config", "https://me:" + CANARY + "@example.org/"),
)
PLAIN = "plainswordfish"  # of no shape: a secret only by its name
SUFFIXES = {".json", ".jsonl", *(f".{form}" for form in reporters.FORMATS)}
ONE_LINE = [text for text in SECRETS if "\n" not in text]


def built(folder: Path, number: int) -> SmallWorld:
    """A world with one shape, and others in what takes many, in every place that is read."""
    world = small_world(folder)
    shape = ONE_LINE[number % len(ONE_LINE)]
    quoted = json.dumps(shape)
    world.configure(
        f"""
[environments.prod.variables]
SOME_TOKEN = "{PLAIN}"
SHAPE = {quoted}
[policies.hidden-value]
use = "environment-variable"
environments = ["prod"]
when = ["standing"]
name = "MY_API_TOKEN"
value = "{PLAIN}2"
[policies.shape]
use = "healthy-command"
environments = ["prod"]
when = ["standing"]
command = {json.dumps("sh -c 'cat " + str(world.folder / "shapes") + "; echo " + PLAIN + "; exit 1'")}
within = "3s"
[policies.shaped]
use = "required-config"
environments = ["prod"]
when = ["standing"]
file = "{{state_dir}}/openclaw.json"
values = {{ "a.plain" = {quoted}, "aws.secretAccessKey" = "{PLAIN}3" }}
[operations.update]
steps = [{json.dumps("echo " + shape.replace("{", "").replace("}", ""))}]
"""
    )
    waiver = f'policy = "shaped"\nenvironment = "prod"\nowner = "ada"\nreason = {quoted}\nexpires = {_tomorrow()}\n'
    write(world.folder / "guardrails.waivers.toml", f"[[waiver]]\n{waiver}")
    write(world.folder / "shapes", "\n".join(SECRETS[number::3]))
    for state in (world.prod_state, world.dev_state):
        write(state / "openclaw.json", json.dumps({"a": {"plain": f"x {shape}"}, "b": SECRETS}))
    for repo in (world.prod, world.dev):
        git(repo, "config", "remote.upstream.url", f"https://me:{CANARY}@example.org/x.git")
        git(repo, "config", f"url.https://you:p@{CANARY}@example.net/.insteadOf", f"https://me:{CANARY}@example.org/")
        write(repo / "docs/notes.md", "\n".join(SECRETS))
        write(repo / shape.replace("/", "_")[:80].replace("\0", ""), "untracked\n")
    git(world.dev, "commit", "-q", "--allow-empty", "-m", shape)
    git(world.dev, "branch", f"password={CANARY}")
    start = f"/usr/bin/node {world.prod}/dist/entry.js gateway --token {CANARY}"
    unit = f"[Service]\nExecStart={start}\nEnvironment=X={shape}\n"
    write(world.home / ".config/systemd/user/com.moltbot.gateway.prod.service", unit)
    return world


def _rescue(world: SmallWorld) -> str:
    """The id of the rescue that was saved."""
    return git(world.prod, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/rescue").partition("\n")[0]


def _tomorrow() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))


def written(world: SmallWorld) -> dict[str, str]:
    """What the commands wrote in files: reports, logs and the cache."""
    return {str(path): path.read_text(errors="replace") for path in world.home.rglob("*.*") if path.suffix in SUFFIXES}


@pytest.mark.parametrize("number", [12, 45])
@pytest.mark.sample(2)
def test_no_command_shows_a_secret(tmp_path: Path, number: int) -> None:
    world = built(tmp_path, number)
    given: dict[str, str | None] = {"CALLERS_SECRET": f"{PLAIN}4", "GIT_PAGER": "cat"}
    every = [word for form in reporters.FORMATS for word in ("--output", f"{form}:{world.home}/report.{form}")]
    codes: dict[tuple[str, ...], int] = {}
    for command in (*COMMANDS, ("check", "--env", "prod", *every)):
        words = [_rescue(world) if word == "ID" else word for word in command]
        done = world.run(*words, env=given)
        codes[command] = done.returncode
        said = done.stdout + done.stderr
        assert CANARY not in said, (command, next(line for line in said.splitlines() if CANARY in line))
        assert PLAIN not in said, (command, next(line for line in said.splitlines() if PLAIN in line))
        if "json" in command and done.returncode in (0, 1):
            json.loads(done.stdout)
    mere_looks = ("config", "policies", "explain", "rescue", "signoff", "log")
    assert {code for command, code in codes.items() if command[0] in mere_looks} == {0}, codes
    assert codes["check", "--env", "prod", "--verbose"] == 1
    for path, text in written(world).items():
        assert CANARY not in text, path
        assert PLAIN not in text, path

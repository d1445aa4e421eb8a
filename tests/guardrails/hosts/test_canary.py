"""A canary is run by nobody, and tells a script that refuses it and says so from every other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardrails import Environment
from guardrails.guards import HOSTS
from guardrails.hosts import claude_code, codex, cursor, gemini, openclaw
from guardrails.hosts.canary import Canary, send

PROTOCOLS = {"claude-code": claude_code, "codex": codex, "cursor": cursor, "gemini": gemini, "openclaw": openclaw}


@pytest.mark.parametrize(
    ("does", "expected"),
    [
        ("cat >>{log}; exit 2", Canary(refused=True, logged=True, said="")),
        ("exit 2", Canary(refused=True, logged=False, said="")),
        ("cat >>{log}; echo no >&2; exit 1", Canary(refused=False, logged=True, said="no")),
        ("echo '{{}}'", Canary(refused=False, logged=False, said="{}")),
    ],
)
def test_what_became_of_it(tmp_path: Path, does: str, expected: Canary) -> None:
    script, log = tmp_path / "script", tmp_path / "log"
    script.write_text(f"#!/bin/sh\n{does.format(log=log)}\n")
    script.chmod(0o755)
    for _ in range(2):
        assert send("claude-code", str(script), Environment(name="prod", repo="/srv/it's prod"), str(log)) == expected


@pytest.mark.parametrize("kind", HOSTS)
def test_each_host_is_asked_in_its_own_words(tmp_path: Path, kind: str) -> None:
    script, log = tmp_path / "script", tmp_path / "log"
    script.write_text(f"#!/bin/sh\ncat >{log}\n")
    script.chmod(0o755)
    send(kind, str(script), Environment(name="prod", repo="/srv/it's prod"), str(log))
    [call] = PROTOCOLS[kind].calls_in(log.read_bytes())
    assert call.folder == "/srv/it's prod"
    assert (call.shell or "").startswith(
        "git -C '/srv/it'\"'\"'s prod' commit --no-verify --allow-empty -m guardrails-canary-"
    )
    json.loads(log.read_bytes())

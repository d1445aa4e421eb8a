"""A host's canary is a call in its own words, which nobody runs."""

from __future__ import annotations

import json

import pytest

from guardrails import Environment
from guardrails.canaries.host_calls import host_call
from guardrails.facts.programs.command import Completed
from guardrails.guards import HOSTS
from guardrails.hosts import claude_code, codex, cursor, gemini, openclaw

PROTOCOLS = {"claude-code": claude_code, "codex": codex, "cursor": cursor, "gemini": gemini, "openclaw": openclaw}
PROD = Environment(name="prod", repo="/srv/it's prod")


@pytest.mark.parametrize("kind", HOSTS)
def test_each_host_is_asked_in_its_own_words(kind: str) -> None:
    canary = host_call(kind, "/script", PROD, "", "canary-1")
    [call] = PROTOCOLS[kind].calls_in(canary.command.stdin)
    assert call.folder == PROD.repo
    assert call.shell == "git -C '/srv/it'\"'\"'s prod' commit --no-verify --allow-empty -m guardrails-canary-1"
    assert (canary.token, canary.command.argv) == ("canary-1", ["/script"])
    json.loads(canary.command.stdin)


@pytest.mark.parametrize(
    ("done", "refused", "said"),
    [
        (Completed(2, b"{}\n", b"no,\n never\n"), True, "no, never {}"),
        (Completed(0, b"blocked", b""), False, "blocked"),
        (Completed(1, b"", b"\xff"), False, "\ufffd"),
    ],
)
def test_a_host_heeds_one_exit_code_alone(done: Completed, refused: bool, said: str) -> None:
    answer = host_call("claude-code", "/script", PROD, "", "canary-1").answer(done)
    assert (answer.refused, answer.said) == (refused, said)

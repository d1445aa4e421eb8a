"""What became of canaries is said without colours and markup, and JSON keeps its keys."""

from __future__ import annotations

import json

from guardrails.canaries.canary import CanaryResult
from guardrails.canaries.shown import as_json, as_text

FIRED = CanaryResult(
    "dev/pre-push", "dev", "pre-push", "push", canary="canary-1", exit_code=1, policies=("protected-refs",), held=True,
    logged=True, duration_ms=12, text="refused by protected-refs, and the audit log tells of it",
)  # fmt: skip
SILENT = CanaryResult("prod/codex", "prod", "codex", "tool-call", text="\x1b[2J it said: " + "x " * 40, do="do this")
UNKNOWN = CanaryResult("prod/guards", "prod", "", "", played=False, text="cannot be read", do="ls -l   # a look: why")


def test_text_has_a_line_for_each_and_one_that_counts() -> None:
    said = as_text([FIRED, SILENT, UNKNOWN], width=72)
    lines = said.split("\n")
    assert lines[0].startswith("✓ fired    dev/pre-push  refused by protected-refs")
    assert all(len(line) <= 72 for line in lines)
    assert "\x1b" not in said
    assert "            do    do this" in lines
    assert [line.strip() for line in lines[-5:-3]] == ["do    ls -l", "note  a look: why"]
    assert lines[-2] == "NOT ALL FIRED  1 of 3 installed guards fired"


def test_the_last_line_says_what_the_exit_code_says() -> None:
    assert as_text([FIRED]).endswith("\nALL FIRED  1 of 1 installed guards fired\n")
    assert as_text([FIRED, UNKNOWN]).endswith("\nCANNOT TELL  1 of 2 installed guards fired\n")
    assert as_text([]) == "CANNOT TELL  no guard is configured in [guards], and none was installed from here\n"
    assert as_text([FIRED], colour=True).count("\x1b[0m") == 2


def test_json_keeps_its_keys() -> None:
    document = json.loads(as_json([FIRED, SILENT, UNKNOWN]))
    assert document["summary"] == {"detonations": 3, "fired": 1, "twins": 0, "allowed": 0}
    assert document["exit_code"] == 1
    first, *others = document["drills"]
    assert first == {
        "id": "dev/pre-push",
        "policy": None,
        "operation": "push",
        "channel": "pre-push",
        "kind": "detonation",
        "expected": "deny",
        "observed": {"exit_code": 1, "policies": ["protected-refs"]},
        "held": True,
        "canary": "canary-1",
        "duration_ms": 12,
        "environment": "dev",
        "text": "refused by protected-refs, and the audit log tells of it",
        "do": None,
        "remark": None,
    }
    assert all(one.keys() == first.keys() for one in others)
    assert (others[1]["do"], others[1]["remark"]) == ("ls -l", "a look: why")

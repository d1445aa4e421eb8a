"""A program that imports guardrails gets the answers of the command line, and they are logged alike."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import guardrails
from guardrails.errors import UsageError
from guardrails.model import Verdict
from guardrails.request import Request
from guardrails.testing.worlds import ScratchWorld

CLEAN = """
[policies.clean-worktree]
when = ["standing", "promote"]
[policies.fast-forward-only]
when = ["promote"]
"""


@pytest.fixture
def world(scratch_world: ScratchWorld, monkeypatch: pytest.MonkeyPatch) -> ScratchWorld:
    scratch_world.configure(CLEAN)
    monkeypatch.chdir(scratch_world.folder)
    return scratch_world


def logged(world: ScratchWorld) -> list[dict[str, object]]:
    path = world.home / ".local/state/guardrails/prod/audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_program_is_answered_as_the_command_line_is(world: ScratchWorld) -> None:
    report = guardrails.check(environment="prod", operation="promote", candidate=world.release)
    assert (report.exit_code, report.verdict) == (0, Verdict.ALLOW)
    same = world.report("--env", "prod", "--op", "promote", "--candidate", world.release)
    assert [one["policy"] for one in same["results"]] == [one.result.policy for one in report.decisions]
    assert same["policy_set"]["digest"] == report.digest
    assert [(one["kind"], one["verdict"]) for one in logged(world)] == [("check", "allow")] * 2


def test_what_is_wrong_is_denied_and_logged(world: ScratchWorld) -> None:
    world.dirty()
    report = guardrails.check(environment="prod")
    assert (report.exit_code, report.verdict) == (1, Verdict.DENY)
    assert report.decisions[0].result.findings
    assert logged(world)[-1]["blocking"] == ["clean-worktree"]


def test_what_cannot_be_logged_is_undecided(world: ScratchWorld) -> None:
    (world.home / ".local").write_text("no folder")
    report = guardrails.check(environment="prod")
    assert (report.exit_code, report.verdict) == (2, Verdict.DENY)
    assert "audit log" in report.errors[-1]


def test_what_cannot_be_asked_is_raised(world: ScratchWorld) -> None:
    for fields, why in (
        ({"environment": "prdo"}, "prdo"),
        ({"environment": "prod", "after": True}, "--after needs --op"),
        ({"environment": "prod", "policies": ("no-such-policy",)}, "no-such-policy"),
        ({"environment": "prod", "config": "a.toml", "config_ref": "main"}, "not by both"),
    ):
        with pytest.raises(UsageError, match=why):
            guardrails.check(**fields)
    with pytest.raises(TypeError, match="enviroment"):
        guardrails.check(enviroment="prod")


def test_a_request_is_frozen() -> None:
    with pytest.raises(AttributeError, match="frozen"):
        Request(environment="prod").environment = "dev"  # type: ignore[misc]


def test_a_process_that_imports_guardrails_keeps_its_own_streams(world: ScratchWorld) -> None:
    code = "import guardrails; print(guardrails.check(environment='prod').verdict.value)"
    done = subprocess.run(
        [world.python, "-c", code],
        cwd=Path(world.folder),
        env={**os.environ, "GUARDRAILS_CONFIG": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("allow\n", "")

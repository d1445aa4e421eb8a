"""Over the whole corpus: the script of a host hands on whatever the judge would refuse, and spares most of the rest."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from guardrails import config
from guardrails.config import places
from guardrails.hosts.stub import stub
from guardrails.hosts.watched import find_watched
from tool_call_corpus import FAMILIES, Case, at_home, call_of, cases
from worlds.agent_world import agent_world

ASKED = 2  # how the judge of this test ends, which only says that it was asked
SPARED = 0.5  # of calls that lead to no place; the rest name a program that may reach beyond its words


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script of the corpus' world, with a judge that only says that it was asked."""
    folder = tmp_path_factory.mktemp("corpus")
    world = agent_world(folder / "home", "clean")
    judge, path = folder / "judge", folder / "script"
    judge.write_text(f"#!/bin/sh\nexit {ASKED}\n")
    with at_home(world):
        looked_for = find_watched(config.load(None), places.find_configuration(None))
    path.write_text(stub("claude-code", looked_for, "/settings.json", str(path), None, str(judge)))
    for one in (judge, path):
        one.chmod(0o755)
    return path


def is_asked(script: Path, case: Case) -> bool:
    """Whether the script hands a case on, as Claude Code would ask it."""
    call = call_of(case, script.parent / "home")
    tool = "Bash" if call.write is None else "Write"
    command = call.shell if call.argv is None else list(call.argv)
    given = {"command": command} if call.write is None else {"file_path": call.write}
    asked = {"session_id": "1", "cwd": call.folder, "tool_name": tool, "tool_input": given}
    text = json.dumps(asked, separators=(",", ":"), ensure_ascii=False)
    done = subprocess.run([script], input=os.fsencode(text), cwd="/", capture_output=True, check=False)
    assert done.returncode in (0, ASKED), done
    return done.returncode == ASKED


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_judge_would_refuse_is_handed_on(script: Path, family: str) -> None:
    refused = [case for case in cases(family) if case["expect"] != "pass"]
    assert [case for case in refused if not is_asked(script, case)] == []


def test_most_of_what_has_nothing_to_do_with_it_starts_no_python(script: Path) -> None:
    free = cases("elsewhere")
    passed = [case for case in free if not is_asked(script, case)]
    assert len(passed) >= SPARED * len(free)

"""One turn played: the world is broken, somebody asks or acts, and what comes of it is looked at.

What only asks is asked in this process, by the policy in question alone; it is judged as `guardrails check` judges it.
What acts is run by the real programs, and who refused it stands in the audit log.
"""

from __future__ import annotations

import json
import os
import subprocess
from glob import glob

from guardrails import config
from guardrails.config.settings import STANDING
from guardrails.drills.outcomes import Observed
from guardrails.drills.pictures import changed, picture
from guardrails.errors import GuardrailsError
from guardrails.facts.files import read_bytes
from guardrails.facts.operation.ref_updates import parse
from guardrails.model import Outcome
from guardrails.tool_calls import OPERATION as TOOL_CALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from guardrails.drills.selection import Turn
    from guardrails.model import Report

UPDATES = "push"  # the file of a world that says which refs a push would move
_LONGEST = 300  # characters of what went wrong
_LOGS = "home/.local/state/guardrails"


def play(turn: Turn, world: str, variables: Mapping[str, str]) -> Observed:
    """Play a turn in a sound world, in a process that does nothing else: its environment becomes that of the world."""
    drill = turn.drill
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(world)
    try:
        if drill.configuration:
            with open("guardrails.toml", "a", encoding="utf-8") as file:
                file.write(f"\n{drill.configuration}")
        drill.play(world)
    except Exception as error:  # whatever a drill raises, it was not played
        return Observed(trouble=f"it could not be played: {told(error)}")
    os.environ.update({name: value.replace("{world}", world) for name, value in drill.variables.items()})
    before = picture(world)
    try:
        seen = _run(turn, world) if drill.command else _answered(turn, world)
    except (GuardrailsError, OSError, ValueError) as error:
        return Observed(trouble=f"there was no answer: {told(error)}")
    return seen.replaced(changed=tuple(changed(before, picture(world), drill.leaves)))


def _answered(turn: Turn, world: str) -> Observed:
    """What a check, or `guardrails vet`, says."""
    report = _vetted(turn, world) if turn.operation == TOOL_CALL else _checked(turn, world)
    refusing = tuple(decision.result.policy for decision in report.decisions if decision.blocks)
    skipped = [one.result.reason for one in report.decisions if one.result.outcome is Outcome.SKIP]
    if turn.operation == TOOL_CALL or not skipped:
        return Observed(report.exit_code, refusing)
    return Observed(report.exit_code, refusing, skipped=str(skipped[0]))


def _checked(turn: Turn, world: str) -> Report:
    from guardrails.judgement import check

    drill, operation = turn.drill, turn.operation.removeprefix("after ")
    asked: dict[str, Any] = {}
    if turn.operation != STANDING:
        candidate = drill.candidate or turn.stage.candidate
        asked = {"operation": operation, "after": turn.operation != operation}
        asked["candidate"] = candidate if _takes_candidate(world, operation) else None
    if os.path.exists(UPDATES):
        asked["updates"] = parse(read_bytes(os.path.join(world, UPDATES)))
    return check(environment=drill.environment, policies=(drill.policy,), **asked)


def _takes_candidate(world: str, operation: str) -> bool:
    """Whether the operation, as it is configured in a world, is about a candidate."""
    settings = config.load(os.path.join(world, "guardrails.toml"))
    setting = settings.operations.get(operation)
    return setting is not None and (setting.candidate_from is not None or setting.moves_head_to == "candidate")


def _vetted(turn: Turn, world: str) -> Report:
    from guardrails.calls import Call
    from guardrails.request import Request
    from guardrails.tool_calls import vet

    return vet([Call(os.path.join(world, turn.drill.folder), shell=turn.drill.call)], Request())


def _run(turn: Turn, world: str) -> Observed:
    """The exit code of the drill's command, and the policies that the log says refused it."""
    known = _records(world)
    folder = os.path.join(world, turn.drill.folder)
    done = subprocess.run(turn.drill.command, cwd=folder, check=False, **_QUIET)
    new = [record for record in _records(world) if record not in known]
    named = [name for record in new for name in (*record.get("blocking", ()), record.get("policy")) if name]
    return Observed(done.returncode, tuple(sorted(dict.fromkeys(named))))


_QUIET: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)


def _records(world: str) -> list[dict[str, Any]]:
    """What the audit logs of a world hold, each log in its order."""
    found = []
    for path in sorted(glob(os.path.join(world, _LOGS, "*", "*.jsonl"))):
        with open(path, encoding="utf-8") as file:
            found += [json.loads(line) for line in file]
    return found


def told(error: Exception) -> str:
    """What is wrong, in one line."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"

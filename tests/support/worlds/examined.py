"""What `guardrails doctor` says of a world, and its remedies as people run them."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from worlds.small_world import SmallWorld, write

CODES = {"wrong": 1, "unknown": 2}


def examined(world: SmallWorld, *arguments: str, **rest: Any) -> list[dict[str, Any]]:
    """The things that were looked at. The exit code is proven to be that of the worst of them."""
    done = world.run("doctor", "--format", "json", *arguments, **rest)
    assert done.stdout, done
    document = json.loads(done.stdout)
    things: list[dict[str, Any]] = document["things"]
    states = [thing["state"] for thing in things]
    expected = next((code for state, code in CODES.items() if state in states), 0)
    assert (done.returncode, document["exit_code"]) == (expected, expected), done
    assert document["summary"] == {state: states.count(state) for state in ("ok", "note", "unknown", "wrong")}
    return things


def of(things: list[dict[str, Any]], about: str, name: str | None = None) -> list[dict[str, Any]]:
    """Those of one kind, and of one name."""
    return [thing for thing in things if thing["about"] == about and name in (None, thing["name"])]


def not_well(things: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """What is wrong or could not be told: its kind, its name and its state."""
    return [(one["about"], one["name"], one["state"]) for one in things if one["state"] in CODES]


def done_as_told(world: SmallWorld, thing: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run the printed remedy as printed, from the root, with a `guardrails` on the path."""
    program = write(world.folder.parent / "bin/guardrails", f'#!/bin/sh\nexec "{world.python}" -P -m guardrails "$@"\n')
    program.chmod(0o755)
    variables = world.environment(PATH=f"{program.parent}:/usr/local/bin:/usr/bin:/bin")
    command = ["sh", "-c", thing["do"]]
    done = subprocess.run(command, cwd="/", env=variables, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, (thing["do"], done.stdout, done.stderr)
    return done

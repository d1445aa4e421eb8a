"""The corpus of tool calls: what agents type, each with what must be said to it, and how the judge is asked."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from guardrails import config
from guardrails.calls import Call
from guardrails.request import Request
from guardrails.testing.worlds import ScratchWorld
from guardrails.tool_calls import vet

FOLDER = Path(__file__).parents[1] / "corpus/tool_calls"
FAMILIES = tuple(sorted(path.stem for path in FOLDER.glob("*.jsonl")))
_CODES = {"pass": {0}, "refuse": {1}, "untold": {2}, "refuse-or-untold": {1, 2}}

Case = dict[str, Any]


def cases(family: str) -> list[Case]:
    """The cases of a family.

    `cwd` is where the call runs, one of `shell`, `argv` and `write` is the call, in which `@HOME@` stands for the home.
    `expect` is what must be said: pass, refuse, untold, or refuse-or-untold; `policy` is among those that refuse, and
    `dev` is the state of dev where that matters, one of `worlds.agent_world.STATES`.
    """
    lines = (FOLDER / f"{family}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def state_of(case: Case) -> str:
    """The state of dev in which a case is judged."""
    return str(case.get("dev", "clean"))


def call_of(case: Case, home: Path) -> Call:
    """The tool call of a case, for one home."""
    folder = case["cwd"].replace("~", str(home), 1)

    def there(text: str) -> str:
        return text.replace("@HOME@", str(home))

    if "argv" in case:
        return Call(folder, argv=tuple(map(there, case["argv"])))
    return Call(folder, shell=there(case["shell"])) if "shell" in case else Call(folder, write=there(case["write"]))


@contextmanager
def at_home(world: ScratchWorld) -> Iterator[None]:
    """Be who lives in this world, for a while."""
    before, folder = dict(os.environ), os.getcwd()
    os.environ.clear()
    os.environ.update(world.environment())
    os.chdir(world.home)
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(before)


class Judge:
    """Judges cases in one world, by the function that `vet` and `hook run` use."""

    def __init__(self, world: ScratchWorld) -> None:
        self.world = world
        with at_home(world):
            self._settings = config.load(None)

    def __call__(self, case: Case) -> tuple[int, set[str]]:
        """The exit code for a case, and the policies that block it."""
        with at_home(self.world):
            try:
                report = vet((call_of(case, self.world.home),), Request(timeout=30.0), settings=self._settings)
            except Exception as error:
                return 2, {repr(error)}
        return report.exit_code, {one.result.policy for one in report.decisions if one.blocks}


def disagreement(case: Case, code: int, policies: set[str]) -> str:
    """What is wrong with an answer to a case; empty when it is as expected."""
    said = f"{code} {sorted(policies)} for {json.dumps(case)}"
    if code not in _CODES[case["expect"]]:
        return said
    return said if code == 1 and case.get("policy", next(iter(policies))) not in policies else ""

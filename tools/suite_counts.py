"""How much the suites try, counted in their own data, for `docs/reliability.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from guardrails.config.empty_values import empty_values
from guardrails.drills.selection import every_turn
from guardrails.plugins import loader
from guardrails_policies.drills import DRILLS

TESTS = Path(__file__).resolve().parent.parent / "tests"


def count_table() -> str:
    """A row for each suite: what it tries, how much of it, and where that stands."""
    rows = "".join(f"| {what} | {count} | `{place}` |\n" for what, count, place in _counts())
    return f"\n| what is tried | how much | where |\n|---|---|---|\n{rows}\n"


def _counts() -> Iterator[tuple[str, str, str]]:
    sys.path[:0] = [str(TESTS / "fuzz"), str(TESTS / "support")]
    from attacks import ADVISORIES
    from dirty.dirty import CASES
    from fuzz_scenes import BROKEN, QUESTIONS
    from fuzz_spoil import SPOILS
    from secret_shapes import READABLE, SECRETS
    from tool_call_corpus import FAMILIES, cases
    from worlds.hostile import VECTORS

    turns = every_turn(DRILLS)
    detonations = sum(turn.drill.kind == "detonation" for turn in turns)
    options = sum(len(list(empty_values(policy))) for policy in loader.load().policies.values())
    yield (
        "drills: accidents that must be refused, and harmless twins that must pass",
        f"{detonations} and {len(turns) - detonations}",
        "policies/guardrails_policies/drills.py",
    )
    yield "options whose empty value is played", f"{options}", "tests/policies/test_empty.py"
    yield (
        "advisories on verifiers, each played on `verify`, `attest` or `signoff`",
        f"{len(ADVISORIES)} of go-witness, and other classes",
        "tests/support/attacks.py",
    )
    calls = [case for family in FAMILIES for case in cases(family)]
    free = sum(case["expect"] == "pass" for case in calls)
    yield "faults in files, each in any file that a check reads", f"{len(SPOILS)} kinds", "tests/fuzz/fuzz_spoil.py"
    yield (
        "worlds in which no fault may lead to an allow, and commands that are asked in a sound one",
        f"{len(BROKEN)} worlds, {len(QUESTIONS)} commands",
        "tests/fuzz/fuzz_scenes.py",
    )
    yield "changes of a work tree, seen or left alone at both depths", f"{len(CASES)}", "tests/support/dirty"
    yield "programs that a repository names, and none may run", f"{len(VECTORS)}", "tests/support/worlds/hostile.py"
    yield (
        "texts with a secret, and texts that only look so",
        f"{len(SECRETS)} and {len(READABLE)}",
        "tests/support/secret_shapes.py",
    )
    yield (
        "tool calls of agents, by family, and those of them that must pass",
        f"{len(calls):,} in {len(FAMILIES)}, {free} pass",
        "tests/corpus/tool_calls",
    )

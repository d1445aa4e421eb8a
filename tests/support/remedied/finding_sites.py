"""Every place in the code where a finding is made, as `file.function#number`, and which of them made a given one."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from guardrails import Finding

ROOT = Path(__file__).parents[3]
_PLACES = (*sorted((ROOT / "policies/guardrails_policies").rglob("*.py")), ROOT / "guardrails/tightening.py")


@cache
def sites() -> dict[tuple[str, int], str]:
    """The name of each site, by file and line."""
    found = {}
    for path in _PLACES:
        for function, calls in _functions(ast.parse(path.read_text(encoding="utf-8"))):
            for number, line in enumerate(calls, 1):
                found[str(path), line] = f"{path.stem}.{function}#{number}"
    return found


def _functions(tree: ast.Module) -> Iterator[tuple[str, list[int]]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            yield function.name, sorted(call.lineno for call in calls if _makes_a_finding(call))


def _makes_a_finding(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "Finding"


@contextmanager
def recorded() -> Iterator[list[tuple[str, Finding]]]:
    """The findings that are made in a block, each with its site."""
    made: list[tuple[str, Finding]] = []
    original = Finding.__init__

    def init(self: Finding, *values: Any, **named: Any) -> None:
        original(self, *values, **named)
        frame = sys._getframe(1)
        if site := sites().get((frame.f_code.co_filename, frame.f_lineno)):
            made.append((site, self))

    with patch.object(Finding, "__init__", init):
        yield made

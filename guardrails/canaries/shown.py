"""What became of the canaries, for people and as JSON."""

from __future__ import annotations

import json

from guardrails.canaries.canary import exit_code
from guardrails.remedies import split_comment
from guardrails.version import VERSION
from guardrails.wording.shown_text import paint, redact, storable, visible
from guardrails.wording.wrapped_lines import wrap_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from guardrails.canaries.canary import CanaryResult

SCHEMA_VERSION = "1"
NOTHING = "no guard is configured in [guards], and none was installed from here"
_ENDINGS = {0: ("ALL FIRED", "1;32"), 1: ("NOT ALL FIRED", "1;31"), 2: ("CANNOT TELL", "1;33")}
_INDENT = 12


def as_text(results: Sequence[CanaryResult], *, colour: bool = False, width: int | None = None) -> str:
    """A line for each canary, wrapped to a width when there is one; what to do below it; a last line that counts."""
    column = max((len(one.id) for one in results), default=0)
    lines = [line for one in results for line in _result(one, column, colour=colour, width=width)]
    word, code = _ENDINGS[exit_code(results)]
    fired = sum(one.held for one in results)
    ending = f"{fired} of {len(results)} installed guards fired" if results else NOTHING
    return "\n".join([*lines, "", f"{paint(word, code, colour=colour)}  {ending}"]).lstrip("\n") + "\n"


def _result(one: CanaryResult, column: int, *, colour: bool, width: int | None) -> list[str]:
    """One canary: its mark, its channel and what became of it, and a command that is never broken."""
    mark, code = ("✓ fired ", "32") if one.held else ("✗ silent", "31") if one.played else ("! unknown", "33")
    mark = f"{mark:<9}"
    head = f"{' ' * len(mark)}  {visible(one.id):<{column}}  "
    first, *rest = wrap_line(head + visible(redact(one.text)), len(head), width)
    lines = [paint(mark, code, colour=colour) + first[len(mark) :], *rest]
    command, remark = split_comment(redact(one.do))
    if command:
        lines.append(f"{' ' * _INDENT}do    {visible(command)}")
    if remark:
        lines += wrap_line(f"{' ' * _INDENT}note  {visible(remark)}", _INDENT + 6, width)
    return lines


def as_data(one: CanaryResult) -> dict[str, Any]:
    """One canary as a drill of the JSON report, whose keys never disappear. A canary proves no policy in particular."""
    command, remark = split_comment(storable(one.do))
    return {
        "id": storable(one.id),
        "policy": None,
        "operation": one.operation,
        "channel": one.channel,
        "kind": "detonation",
        "expected": "deny",
        "observed": {"exit_code": one.exit_code, "policies": [storable(name) for name in one.policies]},
        "held": one.held,
        "canary": one.canary,
        "duration_ms": one.duration_ms,
        "environment": storable(one.environment),
        "text": storable(one.text),
        "do": command or None,
        "remark": remark or None,
    }


def as_json(results: Sequence[CanaryResult]) -> str:
    """One object: the canaries, how many there are and fired, and the exit code."""
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "guardrails", "version": VERSION},
        "drills": [as_data(one) for one in results],
        "summary": {
            "detonations": len(results),
            "fired": sum(one.held for one in results),
            "twins": 0,
            "allowed": 0,
        },
        "exit_code": exit_code(results),
    }
    return json.dumps(document, indent=2) + "\n"

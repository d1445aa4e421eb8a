"""What the doctor found, for people and as JSON."""

from __future__ import annotations

import json

from guardrails.doctor.lines import Line, State, exit_code
from guardrails.version import VERSION
from guardrails.wording.shown_text import painted, redacted, storable, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCHEMA_VERSION = "1"
_MARKS = {State.OK: "✓", State.NOTE: "–", State.UNKNOWN: "!", State.WRONG: "✗"}
_COLOURS = {State.OK: "32", State.NOTE: "2", State.UNKNOWN: "33", State.WRONG: "31"}
_INDENT = 12


def as_text(lines: list[Line], *, colour: bool = False) -> str:
    """One line for each thing, what to do below it, and a last line that counts."""
    column = max((len(line.about) for line in lines), default=0)
    said = []
    for line in lines:
        mark = painted(f"{_MARKS[line.state]} {line.state:<7}", _COLOURS[line.state], colour=colour)
        name = f"{line.name}: " if line.name else ""
        said.append(f"{mark}  {line.about:<{column}}  {visible(redacted(name + line.text))}")
        if line.do:
            said.append(f"{' ' * _INDENT}do  {visible(redacted(line.do))}")
    return "\n".join([*said, "", _ending(lines, colour=colour)]) + "\n"


def as_json(lines: list[Line]) -> str:
    """One object whose keys never disappear."""
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "guardrails", "version": VERSION},
        "things": [
            {
                "about": line.about,
                "name": storable(line.name),
                "state": line.state.value,
                "text": storable(line.text),
                "do": storable(line.do) or None,
            }
            for line in lines
        ],
        "summary": {state.value: _count(lines, state) for state in State},
        "exit_code": exit_code(lines),
    }
    return json.dumps(document, indent=2) + "\n"


def _ending(lines: list[Line], *, colour: bool) -> str:
    counts = ", ".join(f"{count} {state.value}" for state in State if (count := _count(lines, state)))
    word, paint = {0: ("WELL", "1;32"), 1: ("NOT WELL", "1;31"), 2: ("CANNOT TELL", "1;33")}[exit_code(lines)]
    return f"{painted(word, paint, colour=colour)}  {counts}"


def _count(lines: list[Line], state: State) -> int:
    return sum(line.state is state for line in lines)

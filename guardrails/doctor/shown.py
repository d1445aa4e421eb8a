"""What the doctor found, for people and as JSON."""

from __future__ import annotations

import json

from guardrails.doctor.lines import Line, State, exit_code
from guardrails.remedies import split_comment
from guardrails.version import VERSION
from guardrails.wording.shown_text import paint, redact, storable, visible
from guardrails.wording.wrapped_lines import wrap_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCHEMA_VERSION = "1"
_MARKS = {State.OK: "✓", State.NOTE: "–", State.UNKNOWN: "!", State.WRONG: "✗"}
_COLOURS = {State.OK: "32", State.NOTE: "2", State.UNKNOWN: "33", State.WRONG: "31"}
_INDENT = 12
_BELOW = 4  # columns before a text that stands below what it is about
_LEAST_TEXT = 30  # columns for a text beside what it is about; where there are fewer, it stands below


def as_text(lines: list[Line], *, colour: bool = False, width: int | None = None) -> str:
    """One line for each thing, wrapped to a width when there is one; what to do below it; a last line that counts.

    What to do is never broken, so that it can be pasted.
    """
    column = max((len(line.about) for line in lines), default=0)
    said = []
    for line in lines:
        said += _thing(line, column, colour=colour, width=width)
        command, remark = split_comment(redact(line.do))
        if command:
            said.append(f"{' ' * _INDENT}do    {visible(command)}")
        if remark:
            said += wrap_line(f"{' ' * _INDENT}note  {visible(remark)}", _INDENT + 6, width)
    return "\n".join([*said, "", *_ending(lines, colour=colour, width=width)]) + "\n"


def _thing(line: Line, column: int, *, colour: bool, width: int | None) -> list[str]:
    """What was found of one thing, with what it is about in a column of so many characters."""
    mark = f"{_MARKS[line.state]} {line.state:<7}"
    text = visible(redact(f"{line.name}: {line.text}" if line.name else line.text))
    below = len(mark) + column + 4
    if width is None or width - below >= _LEAST_TEXT:
        first, *rest = wrap_line(f"{' ' * len(mark)}  {line.about:<{column}}  {text}", below, width)
    else:
        first, rest = f"{mark}  {line.about}", wrap_line(" " * _BELOW + text, _BELOW, width)
    return [paint(mark, _COLOURS[line.state], colour=colour) + first[len(mark) :], *rest]


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
                "do": split_comment(storable(line.do))[0] or None,
                "remark": split_comment(storable(line.do))[1] or None,
            }
            for line in lines
        ],
        "summary": {state.value: _count(lines, state) for state in State},
        "exit_code": exit_code(lines),
    }
    return json.dumps(document, indent=2) + "\n"


def _ending(lines: list[Line], *, colour: bool, width: int | None) -> list[str]:
    counts = ", ".join(f"{count} {state.value}" for state in State if (count := _count(lines, state)))
    word, code = {0: ("WELL", "1;32"), 1: ("NOT WELL", "1;31"), 2: ("CANNOT TELL", "1;33")}[exit_code(lines)]
    first, *rest = wrap_line(f"{' ' * len(word)}  {counts}", 2, width)
    return [paint(word, code, colour=colour) + first[len(word) :], *rest]


def _count(lines: list[Line], state: State) -> int:
    return sum(line.state is state for line in lines)

"""What the doctor says: one line for each thing, whether it is well, and what to do where it is not."""

from __future__ import annotations

import os
import re
from enum import StrEnum

from guardrails.record import Record
from guardrails.remedies import a_look, commented

_RIGHT = "; if it is right: "  # what stands before the command in a message of `guardrails.safety.ownership`


class State(StrEnum):
    """Whether a thing is well. A note is well too, and somebody may want to change it."""

    OK = "ok"
    NOTE = "note"
    UNKNOWN = "unknown"
    WRONG = "wrong"


class Line(Record):
    """What was found of one thing: the kind of thing, which one it is (empty where there is one), and in words.

    `do` is a line for a shell that mends it or shows more, empty where nothing is to be done. What a comment in it says
    is shown as a line of its own.
    """

    about: str
    name: str
    state: State
    text: str
    do: str = ""


def exit_code(lines: list[Line]) -> int:
    """0 when all is well, 1 when something is wrong, else 2: something could not be told."""
    states = {line.state for line in lines}
    if State.WRONG in states:
        return 1
    return 2 if State.UNKNOWN in states else 0


def way_out(message: str, then: str) -> str:
    """The command that a message of an error names, or a look at the place that it names, empty without one.

    `then` says what to do with what the look shows.
    """
    from shlex import quote

    _, right, command = message.partition(_RIGHT)
    if right:
        return commented(command, "if it is right")
    place = re.match(r"(?P<path>/.+?):(?P<line>\d+)(?::|\s)", message)
    if place and os.path.isfile(place["path"]):
        return a_look(f"sed -n {place['line']}p {quote(place['path'])}", then)
    for path in re.findall(r"(?:^|\s)(/[^\s:,;]+)", message):
        return a_look(f"ls -ld {quote(path)} || true", then)
    return ""

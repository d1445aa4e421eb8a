"""The input that every host gives to its hook: one JSON object, about a tool that may run commands or write files."""

from __future__ import annotations

import json
import os

from guardrails.calls import Call
from guardrails.errors import GuardrailsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

INPUT_LIMIT = 1 << 20  # bytes of one tool call; a file that is written whole counts
REFUSED = 2  # the exit code that blocks in every host; 1 lets the call run
_PATCHED = ("*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: ")


class InputError(GuardrailsError):
    """The host's input is no readable tool call."""

    kind = "input"


def read_input(data: bytes) -> dict[str, Any]:
    """Read the object that the host gave. Raises InputError for input that is too large, no JSON, or no object."""
    if len(data) > INPUT_LIMIT:
        raise InputError(f"the tool call is larger than {INPUT_LIMIT} bytes")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise InputError("the tool call is no JSON") from None
    if not isinstance(found, dict):
        raise InputError("the tool call is no JSON object")
    return found


def require_text(table: Mapping[str, Any], *names: str) -> str:
    """The first of the members that is there, which must be text. Raises InputError without one."""
    for name in names:
        if isinstance(value := table.get(name), str):
            return value
    raise InputError(f"the tool call has no {' or '.join(names)}")


def require_table(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A member that must be an object. Raises InputError for another."""
    if not isinstance(value := given.get(name), dict):
        raise InputError(f"the tool call has no {name}")
    return value


def require_folder(path: str, below: str = "") -> str:
    """The working directory. Raises InputError unless it is absolute, or relative to one that is."""
    place = os.path.join(below, path)
    if not os.path.isabs(place):
        raise InputError("the tool call does not say in which folder it runs")
    return os.path.normpath(place)


def calls_of_command(command: object, place: str) -> tuple[Call, ...]:
    """The calls of a tool that runs a command: a text for a shell, or words. A patch in it writes files as well."""
    if isinstance(command, list) and command and all(isinstance(word, str) for word in command):
        return (Call(place, argv=tuple(command)), *(one for word in command for one in calls_of_patch(word, place)))
    if isinstance(command, str):
        return (Call(place, shell=command), *calls_of_patch(command, place))
    raise InputError("the tool call has no command")


def calls_of_patch(patch: str, place: str) -> tuple[Call, ...]:
    """The files that a patch of apply_patch adds, changes, moves or deletes, as writes; none when it is no patch."""
    if "*** Begin Patch" not in patch:
        return ()
    lines = (line.strip() for line in patch.split("\n"))
    names = (line.removeprefix(start) for line in lines for start in _PATCHED if line.startswith(start))
    return tuple(Call(place, write=name) for name in names if name)


def plain_answer(reason: str | None, out: str = "") -> tuple[str, str, int]:
    """The answer that most hosts take: nothing and 0 for no opinion, the reason on standard error and 2 to refuse."""
    return ("", "", 0) if reason is None else (out, f"{reason}\n", REFUSED)

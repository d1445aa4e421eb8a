"""A tool call's text as it is read, in a form that is short to compare."""

from __future__ import annotations

from collections.abc import Mapping

from guardrails.calls import Call
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.facts.tool_call.commands import Reading, SimpleCommand, Word
from guardrails.facts.tool_call.shell_reading import read_call

FOLDER = "/w"
HOME = "/home/me"
TIMEOUT = 20.0  # seconds; what is slow is shown by tests of its own


def read(text: str, folder: str = FOLDER, variables: Mapping[str, str] | None = None) -> Reading:
    """Read a shell text in a folder."""
    given = {"USER": "me"} if variables is None else variables
    return run_to_end(read_call(Call(folder=folder, shell=text), home=HOME, variables=given, timeout=TIMEOUT))


def shown(word: Word) -> str:
    """A word with `?` for each piece that is unknown."""
    return word.known.replace("\0", "?")


def line(command: SimpleCommand) -> str:
    """A command as `FOLDER: WORDS`, with `?` for an unknown folder and `…` for more words."""
    words = " ".join(shown(word) for word in command.words) + (" …" if command.more_words else "")
    return f"{command.folder or '?'}: {words}"


def lines(text: str, folder: str = FOLDER, variables: Mapping[str, str] | None = None) -> list[str]:
    """The commands of a text, in order."""
    return [line(command) for command in read(text, folder, variables).commands]


def words(text: str) -> list[str]:
    """The arguments of the last command of a text."""
    return [shown(word) for word in read(text).commands[-1].words[1:]]

"""Where `cd`, `pushd` and `popd` lead, by their words alone.

It looks for one thing on the disk: whether the folder is there. If so, `cd` succeeds, and the next commands do not run
where the shell was. If not, both are possible.
"""

from __future__ import annotations

import os
import posixpath

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.shell.states import Outcome, Variable
from guardrails.facts.tool_call.shell.word_values import Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.tool_call.shell.states import State
    from guardrails.facts.tool_call.shell.word_values import Surroundings

_HERE = (".", "..")


def within(folder: str | None, path: str) -> str | None:
    """A path from a folder, as `cd` takes it: `..` takes a word away, even where a link is on the way."""
    if not path.startswith("/") and folder is None:
        return None
    return posixpath.normpath(posixpath.join(folder or "/", path)).replace("//", "/")


def from_folder(folder: str | None, word: Word) -> Word:
    """A word that names a file, made absolute; it begins with an unknown piece when the folder is unknown."""
    first = word.parts[0] if word.parts else ""
    if first is None or first.startswith("/"):
        return word
    if folder is None:
        return Word((None, "/" + first, *word.parts[1:]), word.is_pattern)
    text = word.text
    if text is not None and not word.is_pattern:
        return Word((within(folder, text),))
    return Word((posixpath.join(folder, first), *word.parts[1:]), word.is_pattern)


def change(words: list[Word], state: State, surroundings: Surroundings) -> Outcome:
    """The outcome of `cd`."""
    operands = _operands(words, "LPe@")
    searched = "CDPATH" in state.variables or "CDPATH" in surroundings.environment
    if len(operands) > 1:
        return Outcome((), (state,)) if all(word.text is not None for word in operands) else _to(state, None)
    if not operands:
        return _to(state, _value(state, "HOME", surroundings))
    if any(word.is_pattern or word.text is None for word in operands):
        return _to(state, None)
    path = operands[0].text or ""
    if ".." in path.split("/") and any("P" in word.known for word in words[1 : -len(operands)]):
        return _to(state, None)  # from where the links lead
    if path == "-":
        return _to(state, _value(state, "OLDPWD", surroundings))
    if searched and not path.startswith("/") and path.split("/")[0] not in _HERE:
        return Outcome((*_to(state, None).ok, *_to(state, within(state.folder, path)).ok), (state,))
    return _to(state, within(state.folder, path))


def push(words: list[Word], state: State) -> Outcome:
    """The outcome of `pushd`."""
    operands = _operands(words, "n")
    options = [word.text for word in words[1:] if word not in operands]
    path = operands[0].text if len(operands) == 1 and not operands[0].is_pattern else None
    if options or (path is not None and path.startswith("+")):
        return _to(state.replaced(stack=None), None)
    if not operands:
        if not state.stack:
            return _to(state, None)
        return _to(state.replaced(stack=(state.folder, *state.stack[1:])), state.stack[0])
    folder = None if path is None else within(state.folder, path)
    moved = _to(state, folder)
    stack = None if state.stack is None else (state.folder, *state.stack)
    return moved.replaced(ok=tuple(one.replaced(stack=stack) for one in moved.ok))


def pop(words: list[Word], state: State) -> Outcome:
    """The outcome of `popd`."""
    if len(words) > 1:
        return _to(state.replaced(stack=None), None)
    if state.stack is None:
        return _to(state, None)
    if not state.stack:
        return Outcome((), (state,))
    moved = _to(state, state.stack[0])
    return moved.replaced(ok=tuple(one.replaced(stack=state.stack[1:]) for one in moved.ok))


def move(state: State, folder: str | None) -> State:
    """The state after the folder has changed."""
    variables = {name: value for name, value in state.variables.items() if name != "PWD"}
    variables["OLDPWD"] = Variable((state.folder,), exported=True)
    return state.replaced(folder=folder, variables=variables)


def _to(state: State, folder: str | None) -> Outcome:
    """The outcome of going into a folder: it fails where that is not there, and what follows may run where it was."""
    is_there = folder is not None and os.access(folder, os.X_OK) and os.path.isdir(folder)
    return Outcome((move(state, folder),), () if is_there else (state,))


def _value(state: State, name: str, surroundings: Surroundings) -> str | None:
    parts = Values(surroundings, state).variable(name)
    return None if parts is None or None in parts else within(state.folder, "".join(part or "" for part in parts))


def _operands(words: list[Word], options: str) -> list[Word]:
    rest = words[1:]
    while rest and (text := rest[0].text or "").startswith("-") and len(text) > 1:
        if text == "--":
            return rest[1:]
        if not set(text[1:]) <= set(options):
            return rest
        rest = rest[1:]
    return rest

"""Follows one simple command to the program that would run: by aliases, functions, builtins, wrappers and shells."""

from __future__ import annotations

from guardrails.facts.tool_call.commands import (
    CHANGED_BETWEEN,
    PROGRAM_COMPUTED,
    SCRIPT_FILE,
    SET_BY_WORDS,
    TEXT_COMPUTED,
    Word,
)
from guardrails.facts.tool_call.shell.assignments import after_words, assigned_value, forks
from guardrails.facts.tool_call.shell.program_calls import run_inner, run_program
from guardrails.facts.tool_call.shell.shell_builtins import BUILTINS
from guardrails.facts.tool_call.shell.states import UNKNOWN, Around, Outcome, State, Variable, either, union
from guardrails.facts.tool_call.shell.word_values import Values
from guardrails.facts.tool_call.shell.wrappers import inner_of, joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from guardrails.facts.tool_call.shell.states import States
    from guardrails.facts.tool_call.shell_reading import Reader

    Node = dict[str, Any]
    Follow = Callable[["Reader", list[Word], State, Around], Outcome]


def run_call(reader: Reader, command: Node, state: State, around: Around) -> Outcome:
    """Read a simple command of a text, once for each way in which its words can turn out."""
    outcomes = [_run_once(reader, command, one, around) for one in forks(reader, command, state)]
    if len(outcomes) > 1:
        reader.last = None
    return Outcome(union(*(one.ok for one in outcomes)), union(*(one.failed for one in outcomes)))


def _run_once(reader: Reader, command: Node, state: State, around: Around) -> Outcome:
    values, before = Values(reader, state), len(reader.commands)
    words = [word for argument in command.get("Args", ()) for word in values.words(argument)]
    inside = " ".join(word.known for one in reader.commands[before:] for word in one.words)
    around = around.replaced(inside=inside)
    after = given = after_words(reader, command, state)
    for assign in command.get("Assigns", ()):
        name = assign["Name"]["Value"]
        value = assigned_value(reader, assign, given)
        old = given.variables.get(name)
        exported = bool(words) or "allexport" in given.options or reader.exported_before(name, old)
        if old is not None and old.transformed:
            value = Variable(UNKNOWN, transformed=True)
        value = value.replaced(exported=exported)
        passed = words and (old is None or not old.readonly)
        given = given.given(name, value) if passed else given.assigned(name, value)
    if not words:
        names = [assign["Name"]["Value"] for assign in command.get("Assigns", ())]
        if any((old := state.variables.get(name)) is not None and old.readonly for name in names):
            reader.thrown = union(reader.thrown, (given,))
        if around.redirects:
            reader.emit((), given, around)
        return either(given)
    if "keyword" in given.options and any("=" in word.known for word in words[1:]):
        reader.note_untold(SET_BY_WORDS, words, given, around)
    replaced = _run_alias(reader, command, words[0], given, around) if command.get("Args") else Outcome()
    outcome = run_words(reader, words, given, around)
    outcome = Outcome(union(outcome.ok, replaced.ok), union(outcome.failed, replaced.failed))
    if not command.get("Assigns"):
        return outcome
    names = [assign["Name"]["Value"] for assign in command["Assigns"]]
    old_values = [(name, after.variables.get(name)) for name in names]

    def restore(states: States) -> States:
        return union(one.restored(old_values) for one in states)

    return Outcome(restore(outcome.ok), restore(outcome.failed))


def _run_alias(reader: Reader, command: Node, first: Word, state: State, around: Around) -> Outcome:
    """Read a command with its alias replaced as well: not every shell replaces aliases in a script."""
    name = first.text or ""
    if name not in state.aliases or reader.script is None:
        return Outcome()
    text = state.aliases[name]
    if text is None:
        return reader.note_untold(TEXT_COMPUTED, [first], state, around)
    rest = reader.script.between(command["Args"][0]["End"]["Offset"], command["End"]["Offset"])
    aliases = {other: value for other, value in state.aliases.items() if other != name}
    outcome = reader.read_text(Word((text + rest,)), state.replaced(aliases=aliases), around)

    def restore(states: States) -> States:
        return union(one.replaced(aliases=state.aliases) for one in states)

    return Outcome(restore(outcome.ok), restore(outcome.failed))


def run_words(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    """Follow a command to what it runs, and add that."""
    name = words[0].text
    if name is None or words[0].is_pattern:
        return reader.note_untold(PROGRAM_COMPUTED, words, state, around)
    if not around.outside:
        if name in state.functions:
            called = _call_function(reader, name, words, state, around)
            if state.functions[name].certain:
                return called
            functions = {other: one for other, one in state.functions.items() if other != name}
            without = run_words(reader, words, state.replaced(functions=functions), around)
            return Outcome(union(called.ok, without.ok), union(called.failed, without.failed))
        if name in _IN_SHELL:
            return _IN_SHELL[name](reader, words, state, around)
        if name in BUILTINS:
            reader.emit(words, state, around)
            return BUILTINS[name](words, state, reader)
    if len(name) > 1 and name.startswith("="):
        words = [Word((name[1:],)), *words[1:]]  # to zsh, where the program is found
    return run_program(reader, words, state, around)


def _call_function(reader: Reader, name: str, words: list[Word], state: State, around: Around) -> Outcome:
    reader.called.add(name)
    function, inner = state.functions[name], state.replaced(arguments=tuple(words[1:]))
    outcomes = [reader.call(one, inner, around) for one in (function, *function.others)]

    def restore(states: States) -> States:
        return union(one.replaced(arguments=state.arguments) for one in states)

    return Outcome(restore(union(*(one.ok for one in outcomes))), restore(union(*(one.failed for one in outcomes))))


def _eval(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    rest = words[2:] if len(words) > 1 and words[1].text == "--" else words[1:]
    if any(word.is_pattern for word in rest):
        return reader.note_untold(TEXT_COMPUTED, words, state, around)
    return reader.read_text(joined(rest), state, around) if rest else Outcome((state,), ())


def _source(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    reader.emit(words, state, around)
    return reader.note_untold(SCRIPT_FILE, words, state, around)


def _trap(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    reader.emit(words, state, around)
    rest = [word for word in words[1:] if word.text != "--"]
    if len(rest) > 1 and rest[0].text not in ("", "-") and not rest[0].known.startswith("-"):
        reader.traps.append(rest[0])
        reader.run_apart(lambda: reader.read_text(rest[0], state, around))
        if any(word.text is None or word.text.upper() in _BETWEEN_COMMANDS for word in rest[1:]):
            return _trap_between(reader, rest[0], state, around)
    return Outcome((state,), ())


def _trap_between(reader: Reader, text: Word, state: State, around: Around) -> Outcome:
    """A trap that runs between the commands that follow, wherever they lead."""
    unknown = state.replaced(
        folder=None,
        stack=None,
        arguments=None,
        variables={name: one.replaced(parts=UNKNOWN, elements=None) for name, one in state.variables.items()},
    )
    ends: list[State] = []
    reader.run_apart(lambda: _ended(reader.read_text(text, unknown, around), ends))
    if any(one != unknown for one in ends):
        reader.note_untold(CHANGED_BETWEEN, [text], state, around)
    return Outcome((state,), ())


def _ended(outcome: Outcome, ends: list[State]) -> Outcome:
    ends += outcome.all
    return outcome


def _exec(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    inner = inner_of(words)
    if inner is None:
        reader.emit(words, state, around)
        if around.script is not None or any(one.operator.startswith("<") for one in around.redirects):
            state = state.replaced(options=state.options | {"fed"})
        return Outcome((state,), ())
    run_inner(reader, inner, state, around)
    return Outcome()


def _without_functions(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    """`command` and `builtin`: functions are passed over, builtins are not."""
    inner = inner_of(words)
    if inner is None or not inner.words:
        reader.emit(words, state, around)
        return either(state)
    outcome = run_words(reader, list(inner.words), state.replaced(functions={}), around)

    def restore(states: States) -> States:
        return union(one.replaced(functions=state.functions) for one in states)

    return Outcome(restore(outcome.ok), restore(outcome.failed))


def _return(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    """Outside of a function it ends zsh, while bash complains and continues."""
    del words, around
    if not reader.returns:
        reader.exits = union(reader.exits, (state,))
        return Outcome((), (state,))
    reader.returns[-1] = union(reader.returns[-1], (state,))
    return Outcome()


def _break(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    """`break` and `continue`: also out of the loops around this one, and from `continue` into the next turn."""
    del around
    for at in range(len(reader.breaks)):
        reader.breaks[at] = union(reader.breaks[at], (state,))
    ends = words[0].text == "break" and reader.breaks and "function" not in state.options
    return Outcome() if ends else either(state)


def _exit(reader: Reader, words: list[Word], state: State, around: Around) -> Outcome:
    reader.emit(words, state, around)
    reader.exits = union(reader.exits, (state,))
    return Outcome()


_BETWEEN_COMMANDS = ("DEBUG", "ERR", "RETURN", "SIGDEBUG", "SIGERR", "SIGRETURN")
_IN_SHELL: dict[str, Follow] = {
    ".": _source,
    "break": _break,
    "builtin": _without_functions,
    "command": _without_functions,
    "continue": _break,
    "eval": _eval,
    "exec": _exec,
    "exit": _exit,
    "logout": _exit,
    "return": _return,
    "source": _source,
    "trap": _trap,
}

"""What a shell would be like at one point of a text: its folder, variables and functions, as far as they can be told.

Where a text can go one way or the other there are several states, and every command is read in each of them.
"""

from __future__ import annotations

from types import MappingProxyType

from guardrails.facts.tool_call.commands import Redirect, Word
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from guardrails.facts.tool_call.shell.shell_syntax import Script

    Parts = tuple[str | None, ...]
    Node = dict[str, Any]

AT_MOST = 8  # states side by side; beyond that, what differs among them counts as unknown
UNKNOWN: Parts = (None,)


class Variable(Record):
    """A variable that the text has set; `parts` are as in `Word`, None when the text has unset it.

    `exported` is None when that cannot be told. `elements` are those of an array, None when they are unknown; an
    `array` is passed to no program. `transformed` says that what is assigned to it becomes something else, and
    `readonly` that it may keep its value.
    """

    parts: Parts | None
    exported: bool | None = False
    elements: tuple[Word, ...] | None = None
    transformed: bool = False
    readonly: bool = False
    array: bool = False


class Function(Record):
    """A function of the text: its body, the script that this is a part of, and whether shells within have it too.

    `others` may be there in its place, and where it is not `certain`, there may be none.
    """

    body: Node
    script: Script
    exported: bool = False
    others: tuple[Function, ...] = ()
    certain: bool = True


UNTOLD_VARIABLE = Variable(UNKNOWN)


class State(Record):
    """A shell at one point of the text.

    `folder` is its working directory, None when unknown; `stack` is that of `pushd`, also None then. `variables` are
    those that the text has set or unset. `arguments` are `$1` and so on, None when unknown. `options` are those of
    `set` that matter, and `function` inside of one. `kept` is what `local` hides until a function returns.
    """

    folder: str | None
    variables: Mapping[str, Variable] = MappingProxyType({})
    functions: Mapping[str, Function] = MappingProxyType({})
    aliases: Mapping[str, str | None] = MappingProxyType({})
    stack: tuple[str | None, ...] | None = ()
    arguments: tuple[Word, ...] | None = None
    options: frozenset[str] = frozenset()
    kept: tuple[tuple[str, Variable | None], ...] = ()

    def assigned(self, name: str, variable: Variable) -> State:
        """The state with a variable set, which `set -a` exports."""
        old = self.variables.get(name)
        if old is not None and old.readonly:
            variable = variable.replaced(
                parts=UNKNOWN, exported=old.exported or variable.exported, elements=None, readonly=True
            )
        if old is not None and old.array:
            variable = variable.replaced(array=True)
        if "allexport" in self.options and not variable.exported:
            variable = variable.replaced(exported=True)
        if "may-allexport" in self.options and not variable.exported:
            variable = variable.replaced(exported=None)
        return self.given(name, variable)

    def given(self, name: str, variable: Variable) -> State:
        """The state with another value of a variable, also of a read-only one."""
        return self.replaced(variables={**self.variables, name: variable})

    def unassigned(self, names: Iterable[str]) -> State:
        """The state with variables that cannot be told any more."""
        state = self
        for name in names:
            old = state.variables.get(name)
            exported = False if old is None else None if old.parts is None else old.exported
            state = state.assigned(name, UNTOLD_VARIABLE.replaced(exported=exported))
        return state

    def restored(self, names: Iterable[tuple[str, Variable | None]]) -> State:
        """The state with variables as they were before; None is one that the text had not set."""
        changed = dict(self.variables)
        for name, old in names:
            if old is None:
                changed.pop(name, None)
            else:
                changed[name] = old
        return self.replaced(variables=changed)


States = tuple[State, ...]


class Outcome(Record):
    """The states in which a command can leave the shell: when it succeeds, and when it fails."""

    ok: States = ()
    failed: States = ()

    @property
    def all(self) -> States:
        """The states after it, however it ended."""
        return union(self.ok, self.failed)


class Around(Record):
    """What stands around a command: redirections and pipes of its groups, and the text of it.

    `script` and `piped` say what feeds its standard input, as in `SimpleCommand`. `tested` says that its failing does
    not end the shell under `set -e`. `outside` says that no shell runs it, so that functions and builtins count for
    nothing. `inside` is what is known of the commands in substitutions, of whose output its words are made, and `fed`
    of those that feed it.
    """

    redirects: tuple[Redirect, ...] = ()
    script: Word | None = None
    piped: bool = False
    more_words: bool = False
    tested: bool = False
    outside: bool = False
    source: str = ""
    inside: str = ""
    fed: str = ""


def either(state: State) -> Outcome:
    """The outcome of a command that may succeed or fail, and changes nothing."""
    return Outcome((state,), (state,))


def union(*groups: Iterable[State]) -> States:
    """All the states that are different; beyond `AT_MOST` a single one, in which what differs is unknown."""
    found: list[State] = []
    for group in groups:
        for state in group:
            if not any(state is one or state == one for one in found):
                found.append(state)
    return tuple(found) if len(found) <= AT_MOST else (merge(found),)


def merge(states: list[State]) -> State:
    """One state that stands for all: it has all that any of them has, and values that differ are unknown."""
    first = states[0]
    variables = dict(first.variables)
    for name in {name for state in states for name in state.variables}:
        values = [state.variables.get(name) for state in states]
        if any(value != values[0] for value in values):
            there = [value for value in values if value is not None]
            variables[name] = Variable(
                UNKNOWN,
                exported=any(value.exported for value in there) or None,
                transformed=any(value.transformed or value.array for value in there),
                readonly=any(value.readonly for value in there),
            )
    return State(
        folder=first.folder if all(state.folder == first.folder for state in states) else None,
        variables=variables,
        functions={name: _merged_function(name, states) for name in {name for one in states for name in one.functions}},
        aliases={name: _merged_alias(name, states) for name in {name for one in states for name in one.aliases}},
        stack=first.stack if all(state.stack == first.stack for state in states) else None,
        arguments=first.arguments if all(state.arguments == first.arguments for state in states) else None,
        options=_merged_options([state.options for state in states]),
        kept=first.kept,
    )


def _merged_options(options: list[frozenset[str]]) -> frozenset[str]:
    """The options that all have, and those that make more unknown where any has them."""
    everywhere, anywhere = frozenset.intersection(*options), frozenset.union(*options)
    some = anywhere & {"fed", "keyword", "may-allexport", "plain-braces"}
    return everywhere | some | ({"may-allexport"} if "allexport" in anywhere - everywhere else set())


def _merged_function(name: str, states: list[State]) -> Function:
    found: list[Function] = []
    for state in states:
        one = state.functions.get(name)
        for each in () if one is None else (one.replaced(others=()), *one.others):
            if each not in found:
                found.append(each)
    certain = all(name in state.functions and state.functions[name].certain for state in states)
    return found[0].replaced(others=tuple(found[1:]), certain=certain)


def _merged_alias(name: str, states: list[State]) -> str | None:
    """The text of an alias, None when it differs; an alias is read as if it might not be there anyhow."""
    texts = {state.aliases[name] for state in states if name in state.aliases}
    return texts.pop() if len(texts) == 1 else None

"""What assignments give variables, and which variables a command changes by the way."""

from __future__ import annotations

from guardrails.facts.tool_call.shell.states import UNKNOWN, State, Variable
from guardrails.facts.tool_call.shell.word_values import Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.facts.tool_call.shell.word_values import Surroundings

    Node = dict[str, Any]

_CHOOSING = ("-", ":-", "=", ":=", "+", ":+", "?", ":?")  # operators of `${NAME:-other}`


def assigned_value(surroundings: Surroundings, assign: Node, state: State) -> Variable:
    """The value that an assignment gives a variable."""
    values = Values(surroundings, state)
    name = assign["Name"]["Value"]
    if "Array" in assign:
        elements = assign["Array"].get("Elems", ())
        surroundings.look_inside([one.get("Index") for one in elements], state)
        words = tuple(word for one in elements if one.get("Value") for word in values.words(one["Value"]))
        plain = not assign.get("Append") and not any(
            one.get("Index") or word.is_pattern for one in elements for word in words
        )
        return Variable(words[0].parts if words and plain else UNKNOWN, elements=words if plain else None, array=True)
    value = values.single(assign.get("Value"), assigned=True).parts
    if "Index" in assign:
        surroundings.look_inside(assign["Index"], state)
        return Variable(UNKNOWN, array=True)
    if assign.get("Append"):
        value = joined_parts(values.variable(name) or (), value)
    return Variable(value)


def joined_parts(first: tuple[str | None, ...], second: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Two values one after the other."""
    if first and second and first[-1] is not None and second[0] is not None:
        return (*first[:-1], first[-1] + second[0], *second[1:])
    return (*first, *second)


def forks(surroundings: Surroundings, command: Node, state: State) -> list[State]:
    """The state, in which a variable that is unknown and has a default is once unset and once set to something."""
    names = [
        node["Param"]["Value"]
        for node in _nodes(command)
        if node.get("Type") == "ParamExp" and node.get("Exp", {}).get("Op") in _CHOOSING and "Param" in node
    ]
    values = Values(surroundings, state)
    states = [state]
    for name in dict.fromkeys(names):
        if len(states) < 4 and not name.isdecimal() and values.variable(name) == UNKNOWN:
            old = state.variables.get(name, Variable(UNKNOWN))
            states = [one.assigned(name, old.replaced(parts=parts)) for one in states for parts in (None, UNKNOWN)]
    return states


def after_words(surroundings: Surroundings, node: Any, state: State) -> State:
    """The state after the words of a command were expanded: `$((x = 1))` and `${NAME:=other}` set variables."""
    nodes = _nodes(node)
    for one in nodes:
        if one.get("Type") == "ParamExp" and one.get("Exp", {}).get("Op") in ("=", ":=") and "Param" in one:
            name, values = one["Param"]["Value"], Values(surroundings, state)
            value = values.variable(name)
            if value is None or (value == ("",) and one["Exp"]["Op"] == ":="):
                state = state.assigned(name, Variable(values.single(one["Exp"].get("Word")).parts))
    names = _set_by_arithmetic(nodes)
    return state.unassigned(names) if names else state


def changed_names(node: Any) -> list[str]:
    """The variables that arithmetic inside a node sets."""
    return _set_by_arithmetic(_nodes(node))


def _set_by_arithmetic(nodes: list[Node]) -> list[str]:
    found: list[str] = []
    for one in nodes:
        kind, operator = one.get("Type"), one.get("Op", "")
        if (kind == "UnaryArithm" and operator in ("++", "--")) or (
            kind == "BinaryArithm" and operator.endswith("=") and operator not in ("==", "!=", "<=", ">=")
        ):
            for part in one.get("X", {}).get("Parts", []):
                found.append(part.get("Value") or part.get("Param", {}).get("Value", ""))
    return found


def _nodes(node: Any) -> list[Node]:
    """All nodes inside of one but for positions, and for commands in substitutions."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if type(one) is list:
            waiting.extend(one)
        elif type(one) is dict and "Line" not in one and one.get("Type") not in ("CmdSubst", "ProcSubst", "Lit"):
            found.append(one)
            waiting.extend(one.values())
    return found

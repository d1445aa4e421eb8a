"""Puts lists right in which a function is defined, such as `a || f() { …; } && b`.

shfmt 3.14 takes all that follows the body of a function in its list for a part of the body. To a shell the body ends
with its bracket: `&&`, `||` and `|` join the definition to what follows, as they join any other command.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Node = dict[str, Any]
    Rest = list[tuple[str, Node]]  # operators, each with the statement on its right

_PIPES = ("|", "|&")


def regroup(statement: Node) -> Node:
    """The statement as a shell groups it; the same where no function is defined in it."""
    first, rest = _split(statement)
    if not rest:
        return statement
    for operator, right in rest:
        first = _joined(first, operator, right)
    return {**first, "Background": True} if statement.get("Background") else first


def _split(statement: Node) -> tuple[Node, Rest]:
    """A statement without what a function at its end has swallowed, and that."""
    command = statement.get("Cmd") or {"Type": ""}
    if command["Type"] == "FuncDecl":
        body, rest = _unwound(command["Body"])
        return {**statement, "Cmd": {**command, "Body": body}, "Background": False} if rest else statement, rest
    if command["Type"] == "TimeClause" and "Stmt" in command:
        inner, rest = _with_its_pipes(*_split(command["Stmt"]))
        return {**statement, "Cmd": {**command, "Stmt": inner}}, rest
    if command["Type"] != "BinaryCmd":
        return statement, []
    right, rest = _split(command["Y"])
    if not rest:
        return statement, rest
    if command["Op"] not in _PIPES:
        right, rest = _with_its_pipes(right, rest)
    whole = {**statement, "Cmd": {**command, "Y": right}}
    return _with_its_pipes(whole, rest) if command["Op"] in _PIPES else (whole, rest)


def _unwound(body: Node) -> tuple[Node, Rest]:
    """The body of a function, and what was taken for a part of it."""
    rest: Rest = []
    while body.get("Cmd", {}).get("Type") == "BinaryCmd":
        command = body["Cmd"]
        right, more = _split(command["Y"])
        rest = [(command["Op"], right), *more, *rest]
        body = command["X"]
    return body, rest


def _with_its_pipes(statement: Node, rest: Rest) -> tuple[Node, Rest]:
    """A statement with the pipes that follow it, which bind more tightly than `&&` and `||`."""
    while rest and rest[0][0] in _PIPES:
        statement = _joined(statement, *rest[0])
        rest = rest[1:]
    return statement, rest


def _joined(left: Node, operator: str, right: Node) -> Node:
    return {
        "Pos": left["Pos"],
        "End": right["End"],
        "Cmd": {"Type": "BinaryCmd", "Op": operator, "X": left, "Y": right},
    }

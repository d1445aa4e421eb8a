"""What the words of a text become in a state of the shell: `~`, variables, arrays and arguments are replaced.

A piece that only a run would show is unknown. Commands inside of words, such as in `$(…)`, are read on the way.
"""

from __future__ import annotations

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.shell.states import UNKNOWN
from guardrails.facts.tool_call.shell.word_building import Building
from guardrails.facts.tool_call.shell.word_pieces import TooMany, expand_braces, pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Protocol

    from guardrails.facts.tool_call.shell.states import Parts, State
    from guardrails.facts.tool_call.shell.word_pieces import Piece

    Node = dict[str, Any]

    class Surroundings(Protocol):
        """What the words of a text need beside the state of the shell."""

        home: str
        environment: Mapping[str, str]

        def output_of(self, node: Node, state: State) -> Parts:
            """Read the commands of a substitution, and say what it gives."""

        def look_inside(self, node: Any, state: State) -> None:
            """Read all commands that are anywhere inside a node."""


ANY_WORD = Word(UNKNOWN, is_pattern=True)
UNTOLD_NAMES = frozenset((
    "BASHPID", "BASH_COMMAND", "EPOCHREALTIME", "EPOCHSECONDS", "FUNCNAME", "LINENO", "RANDOM", "SECONDS", "SRANDOM",
    "_",
))  # fmt: skip
_PLAIN = {"Type", "Pos", "End", "Dollar", "Rbrace", "Short", "Param", "Index"}  # of a parameter


class Values:
    """The words of one state."""

    def __init__(self, surroundings: Surroundings, state: State) -> None:
        self._surroundings = surroundings
        self._state = state

    def words(self, node: Node) -> list[Word]:
        """The words that one becomes: none, one or several."""
        word = pieces(node.get("Parts", []))
        try:
            expanded = expand_braces(word)
        except TooMany:
            self._surroundings.look_inside(node, self._state)
            return [ANY_WORD]
        building = Building()
        if len(expanded) > 1 and "plain-braces" in self._state.options:
            expanded, building.is_pattern = [word], True
        for one in expanded:
            self._build(building, one, split=True)
            building.end()
        return building.words

    def single(self, node: Node | None, *, assigned: bool = False, heredoc: bool = False) -> Word:
        """The one word where bash neither splits nor expands braces: an assignment, a heredoc, a here-string."""
        if node is None:
            return Word(("",))
        building = Building(is_single=True)
        self._build(building, pieces(node.get("Parts", []), quoted=heredoc, heredoc=heredoc), assigned=assigned)
        building.end()
        return building.words[0].replaced(is_pattern=False) if building.words else Word(("",))

    def _build(self, building: Building, word: list[Piece], *, split: bool = False, assigned: bool = False) -> None:
        for at, (text, quoted, node) in enumerate(word):
            if node is not None:
                self._replace(building, node, quoted=quoted, split=split and not quoted)
            elif quoted or "~" not in text:
                building.add(text, quoted=quoted)
            else:
                last = at == len(word) - 1
                head = _assigned_name(text) if at == 0 and split else ""  # bash takes such a word for an assignment
                if head:
                    building.add(head, quoted=False)
                if head and text[len(head) :].startswith("~") and "plain-braces" in self._state.options:
                    building.add(None, quoted=False)  # bash alone replaces it there
                    continue
                is_value = assigned or head != ""
                self._add_with_home(building, text[len(head) :], first=at == 0, last=last, assigned=is_value)

    def _add_with_home(self, building: Building, text: str, *, first: bool, last: bool, assigned: bool) -> None:
        """Add an unquoted text, of which a `~` at the beginning is a folder; in an assignment also after a colon."""
        fields = text.split(":") if assigned else [text]
        for at, field in enumerate(fields):
            if at:
                building.add(":", quoted=False)
            name, slash, rest = field.partition("/")
            ends = bool(slash) or last or at < len(fields) - 1
            if name.startswith("~") and ends and (first or at):
                for part in self.home(name[1:]):
                    building.add(part, quoted=True)
                building.add(slash + rest, quoted=False)
            else:
                building.add(field, quoted=False)

    def home(self, user: str) -> Parts:
        """What `~` and a user's name stand for."""
        if user == "":
            return self.variable("HOME") or UNKNOWN
        if user in ("+", "-"):
            return self.variable("PWD" if user == "+" else "OLDPWD") or UNKNOWN
        callers = (self._surroundings.environment.get(name) for name in ("USER", "LOGNAME"))
        return (self._surroundings.home,) if user in callers else UNKNOWN

    def variable(self, name: str) -> Parts | None:
        """The value of a variable; None when it is known to be unset."""
        if (variable := self._state.variables.get(name)) is not None and name not in UNTOLD_NAMES:
            return variable.parts
        if name == "PWD":
            return UNKNOWN if self._state.folder is None else (self._state.folder,)
        if name == "HOME":
            return (self._surroundings.home,)
        if name in UNTOLD_NAMES or name not in self._surroundings.environment:
            return UNKNOWN
        return (self._surroundings.environment[name],)

    def _replace(self, building: Building, node: Node, *, quoted: bool, split: bool) -> None:
        kind = node["Type"]
        if kind == "ParamExp":
            several = self._several(node)
            if several is not None:
                self._add_several(building, several, node, quoted=quoted)
                return
            parts = self._parameter(node)
        elif kind == "ExtGlob":
            building.add(f"{node['Op']}{node.get('Pattern', {}).get('Value', '')})", quoted=False)
            building.is_pattern = True
            return
        elif kind in ("CmdSubst", "ProcSubst"):
            parts = self._surroundings.output_of(node, self._state)
            split = split and kind == "CmdSubst"
        else:
            self._surroundings.look_inside(node, self._state)
            parts = UNKNOWN
        for part in parts:
            if part is None or not split:
                building.add(part, quoted=not split)
            else:
                self._add_unquoted(building, part)

    def _several(self, node: Node) -> list[Word] | None:
        """The words of `$@`, `$*` and `${array[@]}`; None when it is none of them."""
        name = node.get("Param", {}).get("Value", "")
        if not _is_plain(node):
            return None
        if name in ("@", "*"):
            known = self._state.arguments
            return [ANY_WORD] if known is None or (name == "*" and "IFS" in self._state.variables) else list(known)
        if _index(node) not in ("@", "*"):
            return None
        variable = self._state.variables.get(name)
        return [ANY_WORD] if variable is None or variable.elements is None else list(variable.elements)

    def _add_several(self, building: Building, words: list[Word], node: Node, *, quoted: bool) -> None:
        joins = building.is_single or (quoted and "*" in (node["Param"]["Value"], _index(node)))
        if joins and any(word.is_pattern for word in words):
            building.add(None, quoted=True)  # there may be none, and no space then
            return
        if joins and not words:
            building.add("", quoted=True)
        for at, word in enumerate(words):
            if at and joins:
                building.add(" ", quoted=True)
            elif at:
                building.end()
            building.is_pattern = building.is_pattern or word.is_pattern
            for part in word.parts:
                if part is None or quoted or building.is_single:
                    building.add(part, quoted=quoted or building.is_single)
                else:
                    self._add_unquoted(building, part)

    def _add_unquoted(self, building: Building, part: str) -> None:
        """Add a known value that is split, and may be a pattern."""
        if "IFS" in self._state.variables:
            building.add(None, quoted=False)
        else:
            building.add_split(part)

    def _parameter(self, node: Node) -> Parts:
        """The value of `$NAME`, `${NAME}`, `${NAME:-other}`, `$1` or `${array[1]}`."""
        name = node.get("Param", {}).get("Value", "")
        index = _index(node)
        value = self._numbered(name) if name.isdecimal() else self.variable(name)
        if index is not None:
            value = self._element(name, index)
        self._surroundings.look_inside(node.get("Index"), self._state)
        if _is_plain(node):
            return ("",) if value is None else value
        expansion = node.get("Exp")
        if expansion is None or not node.keys() <= {*_PLAIN, "Exp"}:
            self._surroundings.look_inside(node, self._state)
            return UNKNOWN
        other = self.single(expansion.get("Word")).parts
        return _chosen(expansion.get("Op", ""), value, other)

    def _numbered(self, name: str) -> Parts | None:
        known = self._state.arguments
        if known is None or name == "0" or len(name) > 4 or any(word.is_pattern for word in known[: int(name) - 1]):
            return UNKNOWN
        return value_of(known[int(name) - 1]) if int(name) <= len(known) else None

    def _element(self, name: str, index: str) -> Parts:
        variable = self._state.variables.get(name)
        if variable is None or variable.elements is None or not (index.isdecimal() and len(index) < 5):
            return UNKNOWN
        return variable.elements[int(index)].parts if int(index) < len(variable.elements) else ("",)


def value_of(word: Word) -> Parts:
    """What is known of one of the names that a pattern becomes: what stands before its first special letter."""
    if not word.is_pattern:
        return word.parts
    text = word.known.partition("\0")[0]
    before = text[: min((at for at in map(text.find, "*?[") if at >= 0), default=len(text))]
    return (before, None) if before else UNKNOWN


def _assigned_name(text: str) -> str:
    """The `NAME=` at the beginning of a text."""
    name, equals, _ = text.partition("=")
    return name + equals if equals and name.isidentifier() and name.isascii() else ""


def _is_plain(node: Node) -> bool:
    """Whether a parameter is replaced by its value and nothing else."""
    return node.keys() <= _PLAIN


def _index(node: Node) -> str | None:
    """The index as it is written; "" when it is computed."""
    index = node.get("Index")
    if index is None:
        return None
    parts = index.get("Parts", [])
    return str(parts[0].get("Value", "")) if len(parts) == 1 and parts[0]["Type"] == "Lit" else ""


def _chosen(operator: str, value: Parts | None, other: Parts) -> Parts:
    """What `${NAME:-other}` and its like give, where None is a variable that is unset."""
    if value is not None and None in value and not any(value):
        return UNKNOWN
    is_set = value is not None and (not operator.startswith(":") or value != ("",))
    kind = operator.lstrip(":")
    if kind in ("-", "=", "?"):
        return (value or UNKNOWN) if is_set else UNKNOWN if kind == "?" else other
    if kind == "+":
        return other if is_set else ("",)
    return UNKNOWN

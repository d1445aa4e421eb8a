"""Reads a tool call as a shell reads it, and gives the commands in it. Nothing is run or expanded.

The text is parsed in a child process (`shell_syntax`) and walked once in each state that the shell may be in
(`statements`, `simple_commands`). Texts inside of the text, as of `bash -c`, are parsed when the walk comes to them;
then it begins anew.
"""

from __future__ import annotations

import time

from guardrails.errors import CannotKnow
from guardrails.facts.tool_call.commands import (
    TEXT_COMPUTED,
    TEXT_REFUSED,
    TOO_DEEP,
    Reading,
    SimpleCommand,
    Untold,
    Word,
)
from guardrails.facts.tool_call.shell.known_outputs import PRINTING, output_of
from guardrails.facts.tool_call.shell.shell_syntax import parse
from guardrails.facts.tool_call.shell.simple_commands import run_words
from guardrails.facts.tool_call.shell.statements import Statements
from guardrails.facts.tool_call.shell.states import UNKNOWN, Around, Outcome, State, Variable, either, union

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from guardrails.calls import Call
    from guardrails.facts.tool_call.shell.shell_syntax import Script
    from guardrails.facts.tool_call.shell.states import Function, Parts, States

    Node = dict[str, Any]

STEPS = 20_000  # statements that are read at most, in all states together
TEXTS = 40  # that are parsed at most
PLAIN_SHELLS = ("ash", "dash", "sh")  # of which some expand braces and others do not
LEVELS = 12  # of texts in texts


async def read_call(call: Call, *, home: str, variables: Mapping[str, str], timeout: float) -> Reading:
    """The commands of a tool call in order, and what in it cannot be followed.

    `home` is the caller's home folder, `variables` its environment; what is not in it is unknown. Raises CannotKnow
    when no shell would parse the text, when it is too long or too deep, and when `timeout` seconds are not enough.
    """
    if call.shell is None and call.argv is None:
        return Reading()
    until = time.monotonic() + timeout
    texts: dict[str, Script | str] = {}
    if call.shell is not None:
        texts[call.shell] = await parse(call.shell, timeout)
    state = State(call.folder)
    try:
        while True:
            reader = Reader(home, variables, texts, until)
            if call.shell is not None:
                reader.read_all(call.shell, state)
            elif call.argv:
                run_words(reader, [Word((word,)) for word in call.argv], state, Around(outside=True))
            if not reader.missing:
                return Reading(tuple(reader.commands), tuple(reader.untold))
            for text in reader.missing:
                texts[text] = await _try_to_parse(text, until)
    except RecursionError:
        raise CannotKnow("its commands are nested too deep") from None


async def _try_to_parse(text: str, until: float) -> Script | str:
    """A text within the call, parsed; or why it cannot be."""
    try:
        return await parse(text, max(0.01, until - time.monotonic()))
    except CannotKnow as refusal:
        if time.monotonic() >= until:
            raise
        return str(refusal)


class Reader:
    """One walk through a call: the commands that it has found, and the texts that it misses."""

    def __init__(
        self, home: str, environment: Mapping[str, str], texts: Mapping[str, Script | str], until: float
    ) -> None:
        self.home = home
        self.environment = environment
        self.commands: list[SimpleCommand] = []
        self.untold: list[Untold] = []
        self.missing: list[str] = []
        self.script: Script | None = None
        self.called: set[str] = set()
        self.defined: list[tuple[str, Function, State]] = []
        self.traps: list[Word] = []
        self.exits: States = ()
        self.thrown: States = ()
        self.returns: list[States] = []
        self.breaks: list[States] = []
        self.last: SimpleCommand | None = None
        self._texts = texts
        self._until = until
        self._steps = 0
        self._levels = 0
        self._seen: set[Any] = set()
        self._statements = Statements(self)

    def read_all(self, text: str, state: State) -> None:
        """Read the text of a call, then the functions that it defines and does not call."""
        self.run_apart(lambda: self.read_text(Word((text,)), state, Around()))
        for name, function, before in self.defined:
            if name not in self.called:
                self.called.add(name)
                self.call(function, before.replaced(arguments=None), Around())

    def step(self) -> None:
        """Count a statement. Raises CannotKnow when there are too many, or the time is over."""
        self._steps += 1
        if self._steps > STEPS:
            raise CannotKnow("it has too many commands to follow")
        if self._steps % 64 == 0 and time.monotonic() > self._until:
            raise CannotKnow("it could not be followed in time")

    def follow(self, words: list[Word], state: State, around: Around) -> Outcome:
        """Follow the words of a command to what it runs."""
        return run_words(self, words, state, around)

    def read_text(self, text: Word, state: State, around: Around) -> Outcome:
        """Read a text for a shell that is in a state."""
        known = text.text
        if known is None:
            return self.note_untold(TEXT_COMPUTED, [text], state, around)
        if self._levels >= LEVELS or (known not in self._texts and len(self._texts) >= TEXTS):
            return self.note_untold(TOO_DEEP, [text], state, around)
        script = self._texts.get(known)
        if script is None:
            if known not in self.missing:
                self.missing.append(known)
            return either(state)
        if isinstance(script, str):
            return self.note_untold(f"{TEXT_REFUSED}: {script}", [text], state, around)
        outer, self.script = self.script, script
        self._levels += 1
        try:
            return self._statements.run(script.statements, (state,), around, is_whole=True)
        finally:
            self.script = outer
            self._levels -= 1

    def read_apart(
        self, text: Word, state: State, around: Around, arguments: tuple[Word, ...] = (), shell: str = "bash"
    ) -> Outcome:
        """Read a text for a shell of its own, which has the exported variables and functions alone."""
        inner = State(
            state.folder,
            variables={
                name: Variable(UNKNOWN if one.exported is None else one.parts, exported=True)
                for name, one in state.variables.items()
                if self.is_passed(name, one) and not one.array
            },
            functions={name: one for name, one in state.functions.items() if one.exported},
            arguments=arguments,
            options=frozenset(("plain-braces",)) if shell in PLAIN_SHELLS else frozenset(),
        )
        self.run_apart(
            lambda: self.read_text(text, inner, around.replaced(script=None, outside=False, more_words=False))
        )
        return either(state)

    def run_apart(self, run: Any) -> Outcome:
        """Run something in a shell of its own, and its traps in the end; `exit`, `return` and `break` stay within."""
        kept = self.returns, self.breaks, self.exits, self.traps, self.thrown
        self.returns, self.breaks, self.exits, self.traps, self.thrown = [], [], (), [], ()
        try:
            outcome: Outcome = run()
            for trap in self.traps:
                for end in union(outcome.all, self.exits):
                    self.read_text(trap, end, Around())
            return outcome
        finally:
            self.returns, self.breaks, self.exits, self.traps, self.thrown = kept

    def call(self, function: Function, state: State, around: Around) -> Outcome:
        """Read the body of a function that is called in a state, which has its arguments."""
        outer, self.script = self.script, function.script
        kept, options = state.kept, state.options
        inner = state.replaced(kept=(), options=options | {"function"})
        self.returns.append(())
        self._levels += 1
        try:
            if self._levels > LEVELS:
                return self.note_untold(TOO_DEEP, [], state, around)
            outcome = self._statements.read_one(function.body, inner, around)
            returned = self.returns[-1]
        finally:
            self.script = outer
            self._levels -= 1
            self.returns.pop()

        def restore(states: States) -> States:
            return union(
                one.restored(one.kept).replaced(kept=kept, options=one.options - ({"function"} - options))
                for one in states
            )

        return Outcome(restore(union(outcome.ok, returned)), restore(union(outcome.failed, returned)))

    def output_of(self, node: Node, state: State) -> Parts:
        """Read the commands of `$(…)`, backticks or `<(…)`, and say what they print, if that can be told."""
        statements = node.get("Stmts", [])
        if node.get("Backquotes") and self.script is not None and "\\" in (source := self.script.source(node)[1:-1]):
            self.run_apart(lambda: self.read_text(Word((_once_unescaped(source),)), state, Around()))
            return UNKNOWN
        self.last = None
        self.run_apart(lambda: self._statements.run(statements, (state,), Around()))
        printed = self.printed(statements, state)
        return UNKNOWN if printed is None or node["Type"] != "CmdSubst" else printed.parts

    def printed(self, statements: Sequence[Node], state: State) -> Word | None:
        """The output of the statements that were just read, when they are one command whose words say it."""
        command = statements[0].get("Cmd") if len(statements) == 1 else None
        if command is None or command["Type"] != "CallExpr" or self.last is None or not self.last.words:
            return None
        parts = (command.get("Args") or [{}])[0].get("Parts", [])
        name = parts[0].get("Value") if len(parts) == 1 and parts[0]["Type"] == "Lit" else None
        if name not in PRINTING or name in state.functions or name in state.aliases or self.last.words[0].text != name:
            return None
        return output_of(self.last)

    def look_inside(self, node: Any, state: State) -> None:
        """Read all commands in substitutions that are anywhere inside a node."""
        if isinstance(node, list):
            for one in node:
                self.look_inside(one, state)
        elif isinstance(node, dict) and "Line" not in node:  # which only positions have
            if node.get("Type") in ("CmdSubst", "ProcSubst"):
                self.output_of(node, state)
                return
            for one in node.values():
                if isinstance(one, (dict, list)):
                    self.look_inside(one, state)

    def is_passed(self, name: str, variable: Variable) -> bool:
        """Whether programs get a variable, or may get it; those that came from the environment are passed on."""
        return variable.exported is not False or name in self.environment

    def exported_before(self, name: str, old: Variable | None) -> bool | None:
        """Whether an assigned variable was exported before; None when that cannot be told."""
        if old is None or old.exported is False:
            return name in self.environment
        return None if old.parts is None else old.exported

    def emit(self, words: Sequence[Word], state: State, around: Around) -> None:
        """Add a command, once."""
        variables = {
            name: None if one.exported is None else "" if one.parts is None or one.array else Word(one.parts).text
            for name, one in state.variables.items()
            if self.is_passed(name, one) and name not in ("PWD", "OLDPWD")  # they follow the folder
        }
        command = SimpleCommand(
            words=tuple(words),
            folder=state.folder,
            variables=variables,
            redirects=around.redirects,
            script=around.script,
            piped=around.piped,
            more_words=around.more_words,
            source=around.source,
        )
        self.last = command
        self._once(command, self.commands, (*variables.items(),))

    def note_untold(self, why: str, words: Sequence[Word], state: State, around: Around, *more: str) -> Outcome:
        """Add something that cannot be followed, once."""
        inside = around.inside if any(word.text is None for word in words) else ""
        redirected = (one.target.known for one in around.redirects)
        known = " ".join(filter(None, [*(word.known for word in words), *more, inside, *redirected]))
        untold = Untold(why, known, state.folder, around.source)
        self._once(untold, self.untold, ())
        return either(state)

    def _once(self, found: Any, where: list[Any], variables: Any) -> None:
        key = (type(found), variables, *(value for value in found.__dict__.values() if not isinstance(value, dict)))
        if key not in self._seen:
            self._seen.add(key)
            where.append(found)


def _once_unescaped(text: str) -> str:
    """The text of a substitution in backticks, of which a backslash before some letters is taken away (bash(1))."""
    import re  # json has loaded it by now

    return re.sub(r"\\([\\$`])", r"\1", text)

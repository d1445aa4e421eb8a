"""Walks the statements of a parsed text in order, in every state that the shell may be in by then."""

from __future__ import annotations

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.shell.assignments import after_words, assigned_value, changed_names
from guardrails.facts.tool_call.shell.function_lists import regroup
from guardrails.facts.tool_call.shell.redirections import follow_redirects
from guardrails.facts.tool_call.shell.shell_builtins import declare
from guardrails.facts.tool_call.shell.simple_commands import run_call
from guardrails.facts.tool_call.shell.states import (
    UNTOLD_VARIABLE,
    Around,
    Function,
    Outcome,
    State,
    Variable,
    either,
    merge,
    union,
)
from guardrails.facts.tool_call.shell.word_pieces import is_braced
from guardrails.facts.tool_call.shell.word_values import ANY_WORD, Values, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from guardrails.facts.tool_call.shell.states import States
    from guardrails.facts.tool_call.shell_reading import Reader

    Node = dict[str, Any]

VALUES_OF_A_LOOP = 16  # that are followed one by one
TURNS = 4  # of a loop, before what differs among them counts as unknown


class Statements:
    """The statements of a text, each kind in a method of its own."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._kinds: dict[str, Callable[[Node, State, Around], Outcome]] = {
            "ArithmCmd": self._arithmetic,
            "BinaryCmd": self._binary,
            "Block": self._block,
            "CallExpr": self._call,
            "CaseClause": self._case,
            "CoprocClause": self._coprocess,
            "DeclClause": self._declaration,
            "ForClause": self._for,
            "FuncDecl": self._function,
            "IfClause": self._if,
            "LetClause": self._arithmetic,
            "Subshell": self._subshell,
            "TimeClause": self._timed,
            "WhileClause": self._while,
        }

    def run(self, statements: Sequence[Node], states: States, around: Around, *, is_whole: bool = False) -> Outcome:
        """Read statements one after the other; what is fed to the first is fed to all.

        In a whole text bash goes on with the next line where an error ended one.
        """
        outcome, line = Outcome(states, ()), 0
        for statement in statements:
            if is_whole and statement["Pos"]["Line"] > line:
                outcome = self._with_thrown(outcome)
            line = statement["End"]["Line"]
            ok: States = ()
            failed: States = ()
            for state in outcome.all:
                one = self.read_one(statement, state, around)
                ok, failed = union(ok, one.ok), union(failed, one.failed)
            kind = statement.get("Cmd", {}).get("Type")
            if kind == "CallExpr" and not statement.get("Negated") and not around.tested:
                ended = tuple(one for one in failed if "errexit" in one.options)
                self._reader.exits = union(self._reader.exits, ended)
                failed = tuple(one for one in failed if "errexit" not in one.options)
            outcome = Outcome(ok, failed)
            if not outcome.all and not (is_whole and self._reader.thrown):
                break
        return self._with_thrown(outcome) if is_whole else outcome

    def _with_thrown(self, outcome: Outcome) -> Outcome:
        """The outcome when an error may have ended the line before."""
        thrown, self._reader.thrown = self._reader.thrown, ()
        return Outcome(outcome.ok, union(outcome.failed, thrown))

    def read_one(self, statement: Node, state: State, around: Around) -> Outcome:
        """Read one statement in one state."""
        self._reader.step()
        statement = regroup(statement)
        command = statement.get("Cmd")
        kind = "" if command is None else command["Type"]
        if kind in ("CallExpr", "DeclClause") or command is None:
            around = around.replaced(source=self._source(statement))
        around = follow_redirects(self._reader, statement.get("Redirs", ()), state, around)
        if command is None:
            self._reader.emit((), state, around)
            return either(state)
        before = len(self._reader.commands)
        if statement.get("Negated"):
            around = around.replaced(tested=True)
        run = self._kinds.get(kind, self._other)
        if statement.get("Background") or statement.get("Coprocess") or statement.get("Disown"):
            self._reader.run_apart(lambda: run(command, state, around))
            return Outcome((state,), ())
        outcome = run(command, state, around)
        if statement.get("Redirs") and kind not in ("CallExpr", "FuncDecl") and len(self._reader.commands) == before:
            self._reader.emit((), state, around.replaced(source=self._source(statement)))
        return Outcome(outcome.failed, outcome.ok) if statement.get("Negated") else outcome

    def _source(self, statement: Node) -> str:
        script = self._reader.script
        return "" if script is None else script.source(statement)[:300]

    def _call(self, command: Node, state: State, around: Around) -> Outcome:
        return run_call(self._reader, command, state, around)

    def _other(self, command: Node, state: State, _: Around) -> Outcome:
        """A `[[ … ]]` or what else has no commands but in substitutions."""
        self._reader.look_inside(command, state)
        return either(state)

    def _arithmetic(self, command: Node, state: State, _: Around) -> Outcome:
        self._reader.look_inside(command, state)
        return either(state.unassigned(changed_names(command)))

    def _declaration(self, command: Node, state: State, around: Around) -> Outcome:
        variant = command["Variant"]["Value"]
        words, options = [Word((variant,))], []
        unchanged: States = ()
        start = state  # all words are expanded before the first of them is assigned
        for argument in command.get("Args", ()):
            values = Values(self._reader, start)
            if "Name" not in argument:
                more = values.words(argument["Value"])
                options += [word.known for word in more if word.known[:1] in ("-", "+")]
                words += more
                continue
            name = argument["Name"]["Value"]
            value = None if argument.get("Naked") else assigned_value(self._reader, argument, start)
            is_second = argument.get("Append") and state is not start
            if value is not None and (is_second or is_braced(argument.get("Value"))):
                value = UNTOLD_VARIABLE  # one of several words, each of which assigns
            words.append(Word((name,) if value is None else (f"{name}=", *(value.parts or ()))))
            before = state
            is_inherited = name in self._reader.environment
            state = declare(state, variant, options, name, value, is_inherited=is_inherited)
            old = before.variables.get(name)
            if (old is not None and old.readonly) or (variant == "local" and "function" not in before.options):
                unchanged = union(unchanged, (before,))  # where it fails
        state = after_words(self._reader, command, state)
        self._reader.emit(words, state, around)
        return Outcome((state,), unchanged)

    def _binary(self, command: Node, state: State, around: Around) -> Outcome:
        if command["Op"] not in ("&&", "||"):
            return self._pipe(command, state, around)
        left = self.read_one(command["X"], state, around.replaced(tested=True))
        passed, stopped = (left.ok, left.failed) if command["Op"] == "&&" else (left.failed, left.ok)
        right = self._each(command["Y"], passed, around)
        if command["Op"] == "&&":
            return Outcome(right.ok, union(stopped, right.failed))
        return Outcome(union(stopped, right.ok), right.failed)

    def _each(self, statement: Node, states: States, around: Around) -> Outcome:
        outcomes = [self.read_one(statement, state, around) for state in states]
        return Outcome(union(*(one.ok for one in outcomes)), union(*(one.failed for one in outcomes)))

    def _pipe(self, command: Node, state: State, around: Around) -> Outcome:
        """Both sides run in shells of their own, except that zsh runs the last one itself."""
        self._reader.last, before = None, len(self._reader.commands)
        self._reader.run_apart(lambda: self.read_one(command["X"], state, around))
        printed = self._reader.printed([command["X"]], state)
        fed = " ".join(word.known for one in self._reader.commands[before:] for word in one.words)
        right = around.replaced(script=printed, piped=True, fed=fed)
        outcome = self._reader.run_apart(lambda: self.read_one(command["Y"], state, right))
        return Outcome(union((state,), outcome.ok), union((state,), outcome.failed))

    def _block(self, command: Node, state: State, around: Around) -> Outcome:
        return self.run(command.get("Stmts", ()), (state,), around)

    def _subshell(self, command: Node, state: State, around: Around) -> Outcome:
        self._reader.run_apart(lambda: self.run(command.get("Stmts", ()), (state,), around))
        return either(state)

    def _timed(self, command: Node, state: State, around: Around) -> Outcome:
        statement = command.get("Stmt")
        return either(state) if statement is None else self.read_one(statement, state, around)

    def _coprocess(self, command: Node, state: State, around: Around) -> Outcome:
        self._reader.run_apart(lambda: self.read_one(command["Stmt"], state, around.replaced(script=None, piped=True)))
        return Outcome((state,), ())

    def _function(self, command: Node, state: State, _: Around) -> Outcome:
        if self._reader.script is None:
            return either(state)
        function = Function(command["Body"], self._reader.script)
        for name in [command["Name"]] if "Name" in command else command.get("Names", []):
            self._reader.defined.append((name["Value"], function, state))
            state = state.replaced(functions={**state.functions, name["Value"]: function})
        return Outcome((state,), ())

    def _if(self, command: Node, state: State, around: Around) -> Outcome:
        condition = self.run(command.get("Cond", ()), (state,), around.replaced(tested=True))
        then = self.run(command.get("Then", ()), condition.ok, around)
        other = command.get("Else")
        if other is None:
            return Outcome(union(then.ok, condition.failed), then.failed)
        if other.get("Cond"):
            outcomes = [self._if(other, one, around) for one in condition.failed]
            otherwise = Outcome(union(*(one.ok for one in outcomes)), union(*(one.failed for one in outcomes)))
        else:
            otherwise = self.run(other.get("Then", ()), condition.failed, around)
        return Outcome(union(then.ok, otherwise.ok), union(then.failed, otherwise.failed))

    def _case(self, command: Node, state: State, around: Around) -> Outcome:
        Values(self._reader, state).single(command["Word"])
        after: States = (state,)
        fallen: States = ()
        for item in command.get("Items", ()):
            self._reader.look_inside(item.get("Patterns"), state)
            before = union((state,), fallen)
            outcome = self.run(item.get("Stmts", ()), before, around) if before else Outcome()
            fallen = outcome.all if item.get("Op") in (";&", ";;&") else ()
            after = union(after, outcome.all)
        return Outcome(after, after)

    def _while(self, command: Node, state: State, around: Around) -> Outcome:
        def turn(states: States) -> tuple[States, States]:
            condition = self.run(command.get("Cond", ()), states, around.replaced(tested=True))
            into, out = condition.ok, condition.failed
            if command.get("Until"):
                into, out = out, into
            return self.run(command.get("Do", ()), into, around).all, out

        return self._repeated(turn, (state,))

    def _repeated(self, turn: Callable[[States], tuple[States, States]], states: States) -> Outcome:
        """Read a loop until no turn leads to a state that was not there before; `turn` gives also who leaves it."""
        seen: States = ()
        after: States = ()
        self._reader.breaks.append(())
        for count in range(TURNS + 2):
            if count == TURNS:
                states = (merge([*seen, *states]),)
            seen = union(seen, states)
            following, out = turn(states)
            after = union(after, out)
            states = tuple(one for one in following if one not in seen)
            if not states:
                break
        broken = self._reader.breaks.pop()
        after = union(after, broken)
        return Outcome(after, after)

    def _for(self, command: Node, state: State, around: Around) -> Outcome:
        loop = command["Loop"]
        body = command.get("Do", ())
        if loop["Type"] != "WordIter":
            names = changed_names(loop)
            self._reader.look_inside(loop, state)
            return self._repeated(
                lambda states: (self.run(body, tuple(one.unassigned(names) for one in states), around).all, states),
                (state.unassigned(names),),
            )
        name = loop["Name"]["Value"]
        values = Values(self._reader, state)
        if "Items" in loop or loop.get("InPos", {}).get("Line"):
            words = [word for item in loop.get("Items", ()) for word in values.words(item)]
        else:
            words = list(state.arguments) if state.arguments is not None else [Word((None,), is_pattern=True)]
        exported = self._reader.exported_before(name, state.variables.get(name))
        states: States = (state,)
        after: States = ()
        if command.get("Select"):  # whoever answers chooses
            words = [ANY_WORD]
            states = (state.unassigned(("REPLY",)),)
        for word in words[:VALUES_OF_A_LOOP]:
            value = Variable(value_of(word), exported=exported)
            self._reader.breaks.append(())
            following = self.run(body, tuple(one.assigned(name, value) for one in states), around).all
            after = union(after, self._reader.breaks.pop())
            states = union(states, following) if word.is_pattern else following
        if len(words) > VALUES_OF_A_LOOP or any(word.is_pattern for word in words):
            untold = UNTOLD_VARIABLE.replaced(exported=exported)
            again = self._repeated(
                lambda some: (
                    self.run(body, tuple(one.assigned(name, untold) for one in some), around).all,
                    some,
                ),
                states,
            )
            states = union(states, again.all)
        after = union(after, states)
        return Outcome(after, after)

"""What the builtins of a shell change: folders, variables, arguments, options, aliases and functions."""

from __future__ import annotations

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.shell import folders
from guardrails.facts.tool_call.shell.states import UNKNOWN, UNTOLD_VARIABLE, Outcome, State, Variable, either

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from guardrails.facts.tool_call.shell.word_values import Surroundings

    Builtin = Callable[[list[Word], State, Surroundings], Outcome]

_TRANSFORMING = frozenset("aAilnu")  # letters of `declare` after which a value is not what was assigned
_OPTIONS = {"a": "allexport", "B": "braceexpand", "e": "errexit", "k": "keyword"}


def _changed(state: State) -> Outcome:
    return Outcome((state,), ())


def _set(words: list[Word], state: State, _: Surroundings) -> Outcome:
    options, at = set(state.options), 1
    while at < len(words):
        known = words[at].known
        if known in ("--", "-"):
            return _changed(state.replaced(options=frozenset(options), arguments=tuple(words[at + 1 :])))
        if known[:1] not in ("-", "+"):
            break
        names = [_OPTIONS.get(letter, "") for letter in known[1:]]
        if "o" in known[1:]:
            at += 1
            names.append(words[at].known if at < len(words) else "")
        options = options | set(names) if known[0] == "-" else options - set(names)
        if "allexport" in names:
            options = options - {"may-allexport"}
        if "braceexpand" in names:
            options = options - {"plain-braces"} if known[0] == "-" else options | {"plain-braces"}
        at += 1
    state = state.replaced(options=frozenset(options))
    return _changed(state.replaced(arguments=tuple(words[at:])) if at < len(words) else state)


def _shift(words: list[Word], state: State, _: Surroundings) -> Outcome:
    count = words[1].known if len(words) > 1 else "1"
    if state.arguments is None or not count.isdecimal():
        return either(state.replaced(arguments=None))
    if any(word.is_pattern for word in state.arguments[: int(count)]):
        return either(state.replaced(arguments=None))
    if int(count) > len(state.arguments):
        return Outcome((), (state,))
    return _changed(state.replaced(arguments=state.arguments[int(count) :]))


def _unset(words: list[Word], state: State, _: Surroundings) -> Outcome:
    variables, functions = dict(state.variables), dict(state.functions)
    for word in words[1:]:
        name = word.known
        if not name.startswith("-"):
            functions.pop(name, None)
            array = variables.get(name.partition("[")[0]) if "[" in name else None
            if array is not None:
                variables[name.partition("[")[0]] = array.replaced(parts=UNKNOWN, elements=None)
            elif words[1].text != "-f":
                old = variables.get(name)
                is_kept = old is not None and old.readonly
                variables[name] = Variable(UNKNOWN if is_kept else None, exported=True, readonly=is_kept)
    return _changed(state.replaced(variables=variables, functions=functions))


def _assigning(first: int) -> Builtin:
    """A builtin whose words from `first` on name variables that get a value which cannot be told."""

    def run(words: list[Word], state: State, _: Surroundings) -> Outcome:
        names = [word.known.partition("[")[0] for word in words[first:] if not word.known.startswith("-")]
        state = state.unassigned([*names, "REPLY", "MAPFILE", "OPTARG", "OPTIND"])
        if words[0].text != "read" or any("a" in word.known for word in words if word.known.startswith("-")):
            arrays = {name: state.variables[name].replaced(transformed=True) for name in names}
            state = state.replaced(variables={**state.variables, **arrays})
        return either(state)

    return run


def _printf(words: list[Word], state: State, _: Surroundings) -> Outcome:
    for at, word in enumerate(words[1:-1], 1):
        if word.text == "-v":
            return either(state.unassigned([words[at + 1].known]))
        if word.known.startswith("-v"):
            return either(state.unassigned([word.known[2:]]))
    return _changed(state)


def _alias(words: list[Word], state: State, _: Surroundings) -> Outcome:
    aliases = dict(state.aliases)
    for word in words[1:]:
        name, equals, _value = word.known.partition("=")
        if equals:
            aliases[name] = word.text[len(name) + 1 :] if word.text is not None else None
    return _changed(state.replaced(aliases=aliases))


def _unalias(words: list[Word], state: State, _: Surroundings) -> Outcome:
    gone = {word.known for word in words[1:]}
    kept = {name: text for name, text in state.aliases.items() if name not in gone and "-a" not in gone}
    return _changed(state.replaced(aliases=kept))


def _unchanged(_: list[Word], state: State, __: Surroundings) -> Outcome:
    return _changed(state)


def _failed(_: list[Word], state: State, __: Surroundings) -> Outcome:
    return Outcome((), (state,))


def _gone(_: list[Word], __: State, ___: Surroundings) -> Outcome:
    return Outcome()


def _declared(words: list[Word], state: State, surroundings: Surroundings) -> Outcome:
    """`export` and its like where they are words as any other, as after `builtin`."""
    options = [word.known for word in words[1:] if word.known[:1] in ("-", "+")]
    for word in words[1:]:
        name, equals, _ = word.known.partition("=")
        if name[:1] in ("-", "+"):
            continue
        value = Variable(_rest(word, len(name) + 1)) if equals else None
        value = UNTOLD_VARIABLE if name.endswith("+") else value
        name = name.rstrip("+")
        is_inherited = name in surroundings.environment
        state = declare(state, words[0].known, options, name, value, is_inherited=is_inherited)
    return _changed(state)


def _rest(word: Word, start: int) -> tuple[str | None, ...]:
    first = (word.parts[0] or "")[start:]
    return (first, *word.parts[1:])


def declare(
    state: State, variant: str, options: list[str], name: str, value: Variable | None, *, is_inherited: bool
) -> State:
    """The state after `export`, `declare`, `local` and their like for one name, without a value when that is None."""
    letters = {letter for option in options if option.startswith("-") for letter in option[1:]}
    if "f" in letters:
        function = state.functions.get(name)
        if function is None:
            return state
        with_it = function.exported or variant == "export" or "x" in letters
        return state.replaced(functions={**state.functions, name: function.replaced(exported=with_it)})
    if "n" in letters and variant != "export":
        state = _referred(state, name, value)
    if "g" in letters and "function" in state.options and value is not None:
        value = value.replaced(parts=UNKNOWN, elements=None)  # a local one may hide it
    old = state.variables.get(name)
    is_local = variant == "local" or (variant in ("declare", "typeset") and "g" not in letters)
    if is_local and "function" in state.options and name not in {kept for kept, _ in state.kept}:
        state = state.replaced(kept=(*state.kept, (name, old)))
        old = None if value is None and not letters & {"x"} else old
    exported = _is_exported(variant, letters, old)
    taken_back = variant == "export" and "n" in letters
    taken_back = taken_back or any("x" in option for option in options if option.startswith("+"))
    transformed = old is not None and old.transformed
    transformed = transformed or (bool(letters & _TRANSFORMING) and variant != "export")
    is_readonly = variant == "readonly" or "r" in letters
    if value is None:
        if old is None and not exported and not is_local and not is_readonly:
            return state
        value = old if old is not None else UNTOLD_VARIABLE
    if transformed:
        value = value.replaced(parts=UNKNOWN) if value.elements is None else value
    value = value.replaced(
        exported=exported,
        transformed=transformed and value.elements is None,
        array=value.array or bool(letters & {"a", "A"}),
        elements=None if "A" in letters else value.elements,
    )
    if taken_back:
        return state.replaced(
            variables={**state.variables, name: value.replaced(exported=None if is_inherited else False)}
        )
    state = state.assigned(name, value)
    return state.replaced(variables={**state.variables, name: value.replaced(readonly=True)}) if is_readonly else state


def _is_exported(variant: str, letters: set[str], old: Variable | None) -> bool | None:
    """Whether a variable is exported once it is declared; None when that cannot be told."""
    if "x" in letters or variant == "export":
        return True
    if old is None or "n" in letters:
        return False
    return None if old.parts is None and old.exported else old.exported


def _referred(state: State, name: str, value: Variable | None) -> State:
    """The state after a name was made to stand for another variable: what is assigned to that cannot be told."""
    target = None if value is None or value.parts is None else Word(value.parts).text
    names = [one for one in state.variables if one != name] if target is None else [target.partition("[")[0]]
    unknown = Variable(UNKNOWN, exported=True, transformed=True)
    return state.replaced(variables={**state.variables, **dict.fromkeys(names, unknown)})


BUILTINS: Mapping[str, Builtin] = {
    ":": _unchanged,
    "alias": _alias,
    "cd": lambda words, state, surroundings: folders.change(words, state, surroundings),
    "chdir": lambda words, state, surroundings: folders.change(words, state, surroundings),
    "declare": _declared,
    "echo": _unchanged,
    "exit": _gone,
    "export": _declared,
    "false": _failed,
    "getopts": _assigning(2),
    "local": _declared,
    "mapfile": _assigning(1),
    "popd": lambda words, state, _: folders.pop(words, state),
    "printf": _printf,
    "pushd": lambda words, state, _: folders.push(words, state),
    "pwd": _unchanged,
    "read": _assigning(1),
    "readarray": _assigning(1),
    "readonly": _declared,
    "set": _set,
    "shift": _shift,
    "true": _unchanged,
    "typeset": _declared,
    "unalias": _unalias,
    "unset": _unset,
}

"""The environment that a guarded command gets: the caller's, with that of the guarded environment over it."""

from __future__ import annotations

import re

from guardrails.errors import DoesNotApply, UsageError
from guardrails.operations.guarded_run.pins import same_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from guardrails.model import Environment

# git-rev-parse(1), --local-env-vars, and what else makes git work on another repository than the one it stands in
_REDIRECTS = re.compile(
    r"GIT_(?:DIR|WORK_TREE|IMPLICIT_WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR"
    r"|NAMESPACE|PREFIX|GRAFT_FILE|SHALLOW_FILE|NO_REPLACE_OBJECTS|REPLACE_REF_BASE|INTERNAL_SUPER_PREFIX"
    r"|QUARANTINE_PATH|CONFIG|CONFIG_PARAMETERS|CONFIG_COUNT|CONFIG_KEY_\d+|CONFIG_VALUE_\d+|CEILING_DIRECTORIES)"
)
_OURS = re.compile(r"GUARDRAILS_(?:PERMIT|(?:CANDIDATE|UPSTREAM|PREVIOUS)_ID)")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_SCRIPTS = re.compile(r"-[a-z]*c")


def own_variables(environment: Environment, home: str) -> dict[str, str]:
    """The variables of the environment's configuration. Raises UsageError for one that has no value."""
    try:
        return {name: environment.filled(text, home) for name, text in environment.variables.items()}
    except (DoesNotApply, ValueError) as error:
        raise UsageError(f"the variables of {environment.name} cannot be set: {error}") from None


def command_variables(inherited: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The variables of a command, without those that point git elsewhere or that an earlier run gave."""
    kept = {
        name: value for name, value in inherited.items() if not _REDIRECTS.fullmatch(name) and not _OURS.fullmatch(name)
    }
    return {**kept, **own}


def overridden_variables(inherited: Mapping[str, str], own: Mapping[str, str]) -> list[str]:
    """The inherited variables that led elsewhere than the environment's own do."""
    return [name for name, value in own.items() if name in inherited and not same_path(inherited[name], value)]


def contradictions(words: Sequence[str], own: Mapping[str, str]) -> Iterator[str]:
    """The words of a command that would set or unset one of the environment's variables otherwise."""
    for number, word in enumerate(words):
        before = words[number - 1] if number else ""
        if match := _ASSIGNMENT.fullmatch(word):
            name, value = match.groups()
            if name in own and not same_path(value, own[name]):
                yield f"{name} is set to another value"
        elif _SCRIPTS.fullmatch(before):
            yield from contradictions(_words(word), own)
        yield from _unset(before, word, own)
    if own and any(_clears(words, number) for number in range(len(words))):
        yield "env -i takes all variables away"


def _unset(before: str, word: str, own: Mapping[str, str]) -> Iterator[str]:
    """`env -u NAME`, `env --unset=NAME`, `unset NAME`."""
    gone = word if before in ("-u", "--unset", "unset") else word.partition("=")[2] if word[:8] == "--unset=" else ""
    if gone in own:
        yield f"{gone} is unset"


def _clears(words: Sequence[str], number: int) -> bool:
    program = words[number - 1].rpartition("/")[2] if number else ""
    return program == "env" and words[number] in ("-i", "-", "--ignore-environment")


def _words(script: str) -> list[str]:
    from shlex import shlex

    lexer = shlex(script, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        return []

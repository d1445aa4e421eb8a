"""One call of a program, and those programs that do nothing but start another one.

Understood are `env`, `nohup`, `nice` and their like, as their manual pages of GNU coreutils 9.1, util-linux 2.38 and
macOS describe them.
"""

from __future__ import annotations

import os
import re

from guardrails import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ASSIGNMENT = r"(?s)([A-Za-z_][A-Za-z0-9_]*)=(.*)"

_OPTIONS = {  # the programs that start another: their options that take a value, and how many words come before it
    "nohup": ("", 0),
    "setsid": ("", 0),
    "nice": ("n --adjustment", 0),
    "timeout": ("k s --kill-after --signal", 1),
    "ionice": ("c n --class --classdata", 0),
    "stdbuf": ("i o e --input --output --error", 0),
    "chrt": ("T P D --sched-runtime --sched-period --sched-deadline", 1),
    "taskset": ("", 1),
    "caffeinate": ("t w", 0),
    "time": ("o f --output --format", 0),
    "command": ("", 0),
    "dbus-run-session": ("--config-file --dbus-daemon", 0),
}


class Call(Record):
    """The words of a command, where it runs and with which variables; None is one whose value cannot be told.

    `doubt` is why any of that may be otherwise.
    """

    words: tuple[str, ...]
    folder: str
    variables: Mapping[str, str | None]
    doubt: str = ""

    @property
    def name(self) -> str:
        """What the program is called, without its folder."""
        return os.path.basename(self.words[0]) if self.words else ""


def find_started(call: Call) -> Call | None:
    """What a program starts that does nothing else; None when it is another program."""
    if call.name == "env":
        return _env(call)
    if call.name == "exec":
        return _exec(call)
    if call.name not in _OPTIONS:
        return None
    with_value, before = _OPTIONS[call.name]
    options, rest = split_options(call.words[1:], with_value.split())
    if call.name == "nice" and rest and re.fullmatch(r"-?\d+", rest[0]):
        rest = rest[1:]
    if call.name == "command" and any(option in ("-v", "-V") for option, _ in options):
        return None
    return call.replaced(words=tuple(rest[before:]))


def split_options(words: Sequence[str], with_value: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """The options before the first other word, each with its value, and the words from there on.

    `with_value` are the letters and long options that take one.
    """
    found: list[tuple[str, str]] = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            if not equals and name in with_value and rest:
                value = rest.pop(0)
            found.append((name, value))
            continue
        for at, letter in enumerate(word[1:], start=2):
            if letter in with_value:
                found.append((f"-{letter}", word[at:] or (rest.pop(0) if rest else "")))
                break
            found.append((f"-{letter}", ""))
    return found, rest


def split_assignments(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The variables that the first words set, and the words after them."""
    found: dict[str, str] = {}
    rest = list(words)
    while rest and (match := re.fullmatch(ASSIGNMENT, rest[0])):
        found[match[1]] = match[2]
        rest.pop(0)
    return found, rest


def _env(call: Call) -> Call:
    """What env(1) starts: `-i` and `-` leave no variable, `-u` one less, `-C` changes the folder, `-S` splits words."""
    variables, folder, doubt = dict(call.variables), call.folder, call.doubt
    rest = list(call.words[1:])
    for _ in range(len(call.words)):
        options, rest = split_options(rest, ("u", "C", "S", "P", "a", *_ENV_VALUES))
        if split := next((value for option, value in options if option in ("-S", "--split-string")), None):
            parts, known = _split(split, variables)
            doubt = doubt or ("" if known else "what env splits into words cannot be told")
            before = [
                one for option in options if option[0] not in ("-S", "--split-string") for one in _written(*option)
            ]
            rest = [*before, *parts, *rest]
            continue
        break
    bare = rest[:1] == ["-"]
    if bare or any(option in ("-i", "--ignore-environment") for option, _ in options):
        variables = {}
    for option, value in options:
        if option in ("-u", "--unset"):
            variables.pop(value, None)
        elif option in ("-C", "--chdir"):
            folder = os.path.normpath(os.path.join(folder, value))
    more, rest = split_assignments(rest[1:] if bare else rest)
    return Call(tuple(rest), folder, variables | more, doubt)


_ENV_VALUES = ("--unset", "--chdir", "--split-string", "--argv0")


def _written(option: str, value: str) -> list[str]:
    if option.startswith("--"):
        return [f"{option}={value}" if option in _ENV_VALUES else option]
    return [f"{option}{value}"]


def _split(text: str, variables: Mapping[str, str | None]) -> tuple[list[str], bool]:
    """The words of `env -S`, and whether all of them are known."""
    from shlex import split

    named = re.findall(r"\$\{(\w+)\}", text)
    filled = re.sub(r"\$\{(\w+)\}", lambda one: (variables.get(one[1]) or "").replace("\\", "\\\\"), text)
    try:
        return split(filled, comments=True), "\\" not in text and all(variables.get(one) is not None for one in named)
    except ValueError:
        return [], False


def _exec(call: Call) -> Call:
    """What the shell's `exec` starts; `-c` leaves no variable."""
    options, rest = split_options(call.words[1:], ("a",))
    cleared = any(option == "-c" for option, _ in options)
    return call.replaced(words=tuple(rest), variables={} if cleared else call.variables)

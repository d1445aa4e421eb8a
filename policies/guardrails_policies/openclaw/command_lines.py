"""Command lines that start a gateway: which program, from where, with which options and variables.

Understood are `node …/openclaw.mjs gateway`, a bare `openclaw`, package managers (`pnpm openclaw-dev gateway run`),
`env`, a short `sh -c` and the wrapper that OpenClaw 2026.9 writes for launchd.
"""

from __future__ import annotations

import os
import re

from guardrails import CannotKnow, Record, Table
from guardrails.facts.files import read_text
from guardrails.text import names_a_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENTRIES = ("dist/index.js", "dist/entry.js", "openclaw.mjs", "scripts/run-node.mjs", "src/index.ts", "src/entry.ts")
PROGRAMS = ("openclaw", "openclaw-dev", "clawdbot", "moltbot", "moldbot")
SEARCHED = ("/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin")  # when nothing says where programs are

_MANAGERS = ("pnpm", "npm", "npx", "yarn", "bun", "bunx")
_SHELLS = ("sh", "bash", "zsh", "dash")
_HARMLESS = (*_MANAGERS, *_SHELLS, "node", "env", "exec", "export", "run", "--", "tsx", "nice", "caffeinate", "nohup")
_WITH_VALUE = ("--profile", "--log-level", "--container")  # options before the command that take a word
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_SCRIPT_LIMIT = 64 * 1024  # bytes of a wrapper's variables


class Launch(Record):
    """A command that starts a gateway.

    `program` is the file that is run, absolute and without links, empty when it is not found; `arguments` are those of
    OpenClaw itself. `folder` is where it runs; `variables` are those it gets, without secrets. `doubt` says what else
    may have a say in them.
    """

    program: str
    arguments: tuple[str, ...]
    folder: str
    variables: Mapping[str, str] = Table()
    doubt: str = ""


def launch(
    command: Sequence[str], folder: str, variables: Mapping[str, str], *, home: str, repos: Sequence[str] = ()
) -> Launch | None:
    """Read a command that runs in a folder with these variables; None when it starts no gateway.

    A program inside one of `repos` counts as OpenClaw's under any name. Raises CannotKnow when a file that it is
    started through cannot be read.
    """
    words, doubt = _without_shell(list(command), variables.get("HOME", home))
    at = next((number for number, word in enumerate(words) if _is_entry(word, folder, repos)), None)
    if at is None or not runs_gateway(words[at + 1 :]):
        return None
    before, given = words[:at], dict(variables)
    for number, word in enumerate(before):
        previous = before[number - 1] if number else ""
        if _ASSIGNMENT.match(word):
            name, _, value = word.partition("=")
            given[name] = value
        elif previous == "cd" or (previous in ("-C", "--dir", "--prefix", "--cwd") and _managed(before)):
            folder = os.path.normpath(os.path.join(folder, word))
        elif previous.endswith("-env-wrapper.sh"):
            given.update(_wrapper_variables(word))
        elif not doubt and not _is_harmless(word):
            doubt = f"it is started through {os.path.basename(before[0])}"  # later words may be secrets
    shown = Table({name: value for name, value in given.items() if not names_a_secret(name)})
    return Launch(_program(words[at], before, folder, given), tuple(words[at + 1 :]), folder, shown, doubt)


def arguments_of(command: Sequence[str], *, home: str) -> tuple[str, ...]:
    """The arguments that a command gives to OpenClaw, whatever it does; none when it does not start it."""
    words, _ = _without_shell(list(command), home)
    at = next((number for number, word in enumerate(words) if _is_entry(word, "", ())), len(words))
    return tuple(words[at + 1 :])


def runs_gateway(arguments: Sequence[str]) -> bool:
    """Whether these arguments of OpenClaw run a gateway: `gateway` alone or `gateway run`, after any options."""
    rest = iter(arguments)
    words: list[str] = []
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, "")
        elif not word.startswith("-"):
            words = [word, *rest]
    return words[:1] == ["gateway"] and (len(words) == 1 or words[1] == "run" or not words[1][:1].isalpha())


def _is_entry(word: str, folder: str, repos: Sequence[str]) -> bool:
    if word.endswith(ENTRIES) or os.path.basename(word) in PROGRAMS:
        return True
    return word.endswith((".js", ".mjs", ".cjs", ".ts")) and any(
        is_inside(os.path.join(folder, word), repo) for repo in repos
    )


def is_inside(path: str, folder: str) -> bool:
    """Whether a path is a folder or in it, when links are followed."""
    return (os.path.realpath(path) + "/").startswith(os.path.realpath(folder).rstrip("/") + "/")


def _managed(before: Sequence[str]) -> bool:
    return any(os.path.basename(word) in _MANAGERS for word in before)


def _is_harmless(word: str) -> bool:
    """Whether a word before the program leaves its variables alone."""
    return (
        os.path.basename(word) in _HARMLESS
        or word.startswith("-")
        or word.isdecimal()
        or word in ("cd", "&&", ";")
        or (word.endswith(("-env-wrapper.sh", "/node")))
    )


def _without_shell(words: list[str], home: str) -> tuple[list[str], str]:
    """The words of a command, those of a `sh -c` script in place of the script; and why they may not be all."""
    for number, word in enumerate(words[:-1]):
        if re.fullmatch(r"-[a-z]*c", word) and os.path.basename(words[number - 1] if number else "") in _SHELLS:
            from shlex import shlex

            script = words[number + 1]
            lexer = shlex(script, posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            try:
                inner = list(lexer)
            except ValueError:
                return words, "its shell script cannot be read"
            doubt = (
                "its shell script does more than start it"
                if re.search(r"[$`|(<]|\bsource\b|(?:^|\s)\.\s", script)
                else ""
            )
            return [*words[:number], *(re.sub(r"(^|=)~(?=/|$)", rf"\1{home}", one) for one in inner)], doubt
    return words, ""


def _wrapper_variables(path: str) -> dict[str, str]:
    """The variables in the file that OpenClaw 2026.9 has its wrapper read: lines of `export NAME='value'`."""
    from shlex import split

    try:
        words = split(read_text(path, _SCRIPT_LIMIT), comments=True)
    except FileNotFoundError:
        raise CannotKnow(f"{path} is not there, without which the service does not start") from None
    except ValueError:
        raise CannotKnow(f"{path} is no list of variables") from None
    pairs = [word.partition("=") for word in words if _ASSIGNMENT.match(word)]
    return {name: value for name, _, value in pairs}


def _program(word: str, before: Sequence[str], folder: str, variables: Mapping[str, str]) -> str:
    """The file of the program; what a package manager runs is known by its folder alone."""
    if "/" in word:
        return os.path.realpath(os.path.join(folder, word)) if folder or os.path.isabs(word) else ""
    if _managed(before):
        return os.path.realpath(folder) if folder else ""
    if word.endswith(ENTRIES):
        return os.path.realpath(os.path.join(folder, word)) if folder else ""
    searched = [one for one in variables.get("PATH", "").split(":") if one.startswith("/")] or SEARCHED
    found = (os.path.join(one, word) for one in searched)
    return next((os.path.realpath(path) for path in found if os.path.isfile(path)), "")

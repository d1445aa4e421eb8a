"""How a command leads to OpenClaw's program, through whatever stands before it.

Followed are `env` and its like, shells and their scripts, package managers and what `package.json` calls, Node.js, and
the wrapper that OpenClaw 2026.9 writes for launchd. What any other program starts is taken with a doubt.
"""

from __future__ import annotations

import os
import re

from guardrails import CannotKnow
from guardrails.facts.files import read_json, read_text
from guardrails_policies.openclaw.shell.calls import ASSIGNMENT, Call, find_started, split_assignments, split_options
from guardrails_policies.openclaw.shell.login_shells import SCRIPT_LIMIT, startup_files, telling_file
from guardrails_policies.openclaw.shell.openclaw_programs import ENTRIES, MARKERS, PROGRAMS, SEARCHED, is_inside
from guardrails_policies.openclaw.shell.shell_scripts import Script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MANAGERS = ("pnpm", "npm", "npx", "yarn", "bun", "bunx", "pnpx")
_SHELLS = ("sh", "bash", "zsh", "dash", "ksh")
_RUNNERS = ("node", "tsx", "nodejs", "bun", "deno")
_IN_FOLDER = ("-C", "--dir", "--prefix", "--cwd")  # options of package managers that say where
_RUNNER_VALUES = ("r", "C", "--require", "--import", "--loader", "--experimental-loader", "--conditions", "--env-file")
_DEPTH = 24  # programs that start one another
_CALLS = 5000  # in all
_FILES = 8  # among the first words of an unknown program, which may be scripts
_WORDS = 64  # of an unknown program, among which another one is looked for


class Trail:
    """A command, followed from program to program."""

    def __init__(self, home: str, repos: Sequence[str]) -> None:
        """A program inside one of `repos` counts as OpenClaw's under any name."""
        self._home = home
        self._repos = repos
        self._depth = 0
        self._calls = 0
        self.may_start = ""  # a script that speaks of a gateway

    def programs(self, call: Call) -> Iterator[tuple[str, Call]]:
        """Each OpenClaw program that a call leads to, with the call whose words are its arguments alone.

        Raises CannotKnow when there is no end to it, or a file on the way cannot be read.
        """
        if not call.words:
            return
        self._depth, self._calls = self._depth + 1, self._calls + 1
        if self._depth > _DEPTH or self._calls > _CALLS:
            raise CannotKnow(f"{call.words[0]} is one of too many programs that start one another")
        yield from self._steps(call)
        self._depth -= 1

    def _steps(self, call: Call) -> Iterator[tuple[str, Call]]:
        if inner := find_started(call):
            yield from self.programs(inner)
        elif call.name in _SHELLS:
            yield from self._shell(call)
        elif call.name in _RUNNERS and call.words[1:2] not in (("run",), ("x",)):
            yield from self._runner(call)
        elif call.name in _MANAGERS:
            yield from self._manager(call)
        else:
            yield from self._program(call)

    def _program(self, call: Call) -> Iterator[tuple[str, Call]]:
        """A program by its own name: OpenClaw, a script of a shell, or one that may start another."""
        path = _find_program(call)
        interpreter = _interpreter(path)
        by = os.path.basename(interpreter[0]) if interpreter else ""
        if by in _SHELLS:
            yield from self._shell(call.replaced(words=(*interpreter, path, *call.words[1:])))
        elif self._is_entry(call.words[0], call.folder):
            yield path, call.replaced(words=call.words[1:])
        elif by in _RUNNERS:
            yield from self._runner(call.replaced(words=(*interpreter, path, *call.words[1:])))
        else:
            yield from self._among(call)

    def _among(self, call: Call) -> Iterator[tuple[str, Call]]:
        """What a program that is not known may start: a command among its words."""
        for word in call.words[:_FILES]:
            path = os.path.join(call.folder, word)
            if any(is_inside(path, one) for one in (self._home, *self._repos)) and self._speaks(path):
                self.may_start = self.may_start or path
        doubt = call.doubt or f"it is started through {call.name}"  # later words may be secrets
        for at, word in enumerate(call.words[1:_WORDS], start=1):
            name = os.path.basename(word)
            started = name in (*PROGRAMS, *_SHELLS, *_RUNNERS, *_MANAGERS, "env") or word.endswith(ENTRIES)
            if started and not _is_folder(word, call.folder):
                before, _ = split_assignments([one for one in call.words[1:at] if re.fullmatch(ASSIGNMENT, one)])
                inner = call.replaced(words=call.words[at:], variables={**call.variables, **before}, doubt=doubt)
                yield from self.programs(inner)

    def _speaks(self, path: str) -> bool:
        """Whether a file is a script, in whatever language, that has words of a command that starts a gateway."""
        try:
            return bool(_interpreter(path)) and _speaks_of_gateways(read_text(path, SCRIPT_LIMIT), self._repos)
        except (CannotKnow, FileNotFoundError):
            return False

    def _is_entry(self, word: str, folder: str) -> bool:
        path = os.path.join(folder, word)
        if word.endswith(ENTRIES) or os.path.basename(word) in PROGRAMS:
            return not _is_folder(word, folder)
        return word.endswith((".js", ".mjs", ".cjs", ".ts", ".mts")) and any(
            is_inside(path, one) for one in self._repos
        )

    def _runner(self, call: Call) -> Iterator[tuple[str, Call]]:
        """What Node.js and its like run: the first word that is no option, with a doubt when a file sets variables."""
        options, rest = split_options(call.words[1:], _RUNNER_VALUES)
        if not rest or any(option in ("-e", "-p", "--eval", "--print") for option, _ in options):
            return
        if any(option.startswith("--env-file") for option, _ in options):
            call = call.replaced(doubt=call.doubt or f"{call.name} reads variables from a file")
        if rest[0].endswith("scripts/run-with-env.mts") and "--" in rest:
            variables, _ = split_assignments(rest[1:])
            given = {**call.variables, **variables}
            yield from self.programs(call.replaced(words=tuple(rest[rest.index("--") + 1 :]), variables=given))
        elif self._is_entry(rest[0], call.folder):
            yield _find_program(call.replaced(words=(rest[0],)), a_file=True), call.replaced(words=tuple(rest[1:]))
        else:
            yield from self._among(call.replaced(words=(rest[0], *rest[1:])))

    def _shell(self, call: Call) -> Iterator[tuple[str, Call]]:
        """What a shell runs: the script after `-c`, or the one in a file."""
        words = list(call.words[1:])
        flags = ""
        while words and words[0][:1] in "-+" and len(words[0]) > 1 and words[0] != "--":
            flag = words.pop(0)
            flags += flag[1:] if not flag.startswith("--") else {"--login": "l"}.get(flag, "")
            if flag[1:2] != "-" and flag.endswith("o") and words:
                words.pop(0)
        words = words[1:] if words[:1] == ["--"] else words
        if not words:
            return
        if path := telling_file(startup_files(call.name, flags, self._home)):
            call = call.replaced(doubt=call.doubt or f"{call.name} reads {path} first")
        if "c" in flags:
            yield from self._script(words[0], call, words[1:] or [call.name], "its shell script")
        elif words[0].endswith("-env-wrapper.sh") and len(words) > 2:
            given = {**call.variables, **_wrapper_variables(words[1])}
            yield from self.programs(call.replaced(words=tuple(words[2:]), variables=given))
        else:
            path = os.path.join(call.folder, words[0])
            try:
                text = read_text(path, SCRIPT_LIMIT)
            except FileNotFoundError:
                return  # so it starts nothing
            if self._leads_home(text) or any(one in word for word in words for one in MARKERS):
                yield from self._script(text, call, [path, *words[1:]], path)

    def _leads_home(self, text: str) -> bool:
        """Whether a script can start a gateway at all: it speaks of one, or of files below a home or a repository."""
        return any(one in text for one in (*MARKERS, "~", "HOME", self._home, *self._repos))

    def _script(self, text: str, call: Call, arguments: list[str], name: str) -> Iterator[tuple[str, Call]]:
        clear = True
        try:
            script = Script(call, arguments, call.variables.get("HOME") or self._home)
            for inner in script.calls(text):
                clear = clear and bool(inner.words[0])
                yield from self.programs(inner)
            clear = clear and not script.doubt
        except (RecursionError, ValueError):
            clear = False
        if not clear and _speaks_of_gateways(text, self._repos):
            self.may_start = self.may_start or name

    def _manager(self, call: Call) -> Iterator[tuple[str, Call]]:
        """What a package manager runs: a script of `package.json`, or a program of a package."""
        folder, words = call.folder, list(call.words[1:])
        while words and words[0].startswith("-"):
            word = words.pop(0)
            name, equals, value = word.partition("=")
            if name in (*_IN_FOLDER, "-p", "--package", "--filter", "-F", "-w", "--workspace") and not equals:
                value = words.pop(0) if words else ""
            if name in _IN_FOLDER:
                folder = os.path.normpath(os.path.join(folder, value))
        there = call.replaced(folder=folder)
        if words and words[0] in ("run", "run-script", "exec", "x", "dlx"):
            _, words = split_options(words[1:], ("p", "F", "--package", "--filter"))
        if not words:
            return
        if text := _package_script(folder, words[0]):
            from shlex import join

            line = f"{text} {join(words[1:])}"
            yield from self._script(line, there, [words[0]], "its package script")
        elif os.path.basename(words[0]).partition("@")[0] in PROGRAMS:
            yield os.path.realpath(folder) if folder else "", there.replaced(words=tuple(words[1:]))
        else:
            yield from self.programs(there.replaced(words=tuple(words)))


def _is_folder(word: str, folder: str) -> bool:
    """Whether a word is the path of a folder; one without a slash is a program, wherever it is looked for."""
    return "/" in word and os.path.isdir(os.path.join(folder, word))


def _package_script(folder: str, name: str) -> str:
    """What `package.json` calls by a name; empty when there is none."""
    try:
        content = read_json(os.path.join(folder, "package.json")) if folder else None
    except (FileNotFoundError, CannotKnow):
        return ""
    scripts = content.get("scripts") if isinstance(content, dict) else None
    text = scripts.get(name) if isinstance(scripts, dict) else None
    return text if isinstance(text, str) else ""


def _speaks_of_gateways(text: str, repos: Sequence[str]) -> bool:
    """Whether a script has words of a command that starts a gateway."""
    named = any(word in text for word in (*PROGRAMS, *ENTRIES, *repos))
    return named and re.search(r"\bgateway\b(?!\s+(?:status|stop|install|uninstall|restart|start)\b)", text) is not None


def _interpreter(path: str) -> list[str]:
    """The words of the first line of a script, such as `/bin/sh -e`; none when it is no script."""
    try:
        descriptor = (
            os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC) if os.path.isfile(path) else -1
        )
    except OSError:
        return []
    if descriptor < 0:
        return []
    try:
        line = os.read(descriptor, 256)
    except OSError:
        return []
    finally:
        os.close(descriptor)
    if not line.startswith(b"#!"):
        return []
    words = os.fsdecode(line[2:].split(b"\n")[0]).split()
    if words and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if word not in ("-S", "--")]
    return words


def _wrapper_variables(path: str) -> dict[str, str]:
    """The variables in the file that OpenClaw 2026.9 has its wrapper read: lines of `export NAME='value'`."""
    from shlex import split

    try:
        words = split(read_text(path, SCRIPT_LIMIT), comments=True)
    except FileNotFoundError:
        raise CannotKnow(f"{path} is not there, without which the service does not start") from None
    except ValueError:
        raise CannotKnow(f"{path} is no list of variables") from None
    found = [match for word in words if (match := re.fullmatch(ASSIGNMENT, word))]
    return {match[1]: match[2] for match in found}


def _find_program(call: Call, *, a_file: bool = False) -> str:
    """The file of a program, without links; empty when it is not found. `a_file`: it is not looked for in PATH."""
    word = call.words[0]
    if "/" in word or a_file:
        return os.path.realpath(os.path.join(call.folder, word)) if call.folder or os.path.isabs(word) else ""
    searched = [one for one in (call.variables.get("PATH") or "").split(":") if one.startswith("/")] or SEARCHED
    found = (os.path.join(one, word) for one in searched)
    return next((os.path.realpath(path) for path in found if os.path.isfile(path)), "")

"""What a shell script calls, one after another, as far as that can be told without running it.

It follows assignments, `export`, `unset`, `cd`, `set -a`, `exec` and the files that a script reads with `.`. A command
in an `if`, a loop or a function may run or not: a variable that is set there has no known value any more.
"""

from __future__ import annotations

import os
import re

from guardrails import CannotKnow
from guardrails.facts.files import read_text
from guardrails_policies.openclaw.shell.calls import ASSIGNMENT, Call
from guardrails_policies.openclaw.shell.login_shells import SCRIPT_LIMIT, says_something
from guardrails_policies.openclaw.shell.shell_words import REDIRECTIONS, UNKNOWN, Expansion, tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEPTH_LIMIT = 8  # files that read one another

_ENDS = ("&&", "||", ";;", ";&", ";", "&", "|", "(", ")", "\n")
_OPENING = ("if", "for", "while", "until", "case", "{", "select")
_CLOSING = ("fi", "done", "esac", "}")
_RESERVED = (*_OPENING, *_CLOSING, "then", "else", "elif", "do", "!", "function")
_EXPORTED = ("HOME", "PATH", "USER", "LOGNAME", "SHELL", "LANG", "XDG_RUNTIME_DIR", "TMPDIR")  # by whoever starts it
_STATE_VARIABLES = ("OPENCLAW_STATE_DIR", "CLAWDBOT_STATE_DIR", "OPENCLAW_CONFIG_PATH", "OPENCLAW_HOME", "HOME")
_FOLDER = "/"  # among the names of variables, the folder


class Script:
    """A shell that reads a script: what it knows at each point of it."""

    def __init__(self, call: Call, arguments: Sequence[str], home: str, depth: int = 0) -> None:
        """`call` says where the shell runs and with which variables; `arguments` are `$0` and those after it."""
        self.folder: str | None = call.folder
        self.doubt = call.doubt
        self._environment: dict[str, str | None] = dict(call.variables)
        self._own: dict[str, str | None] = {}  # variables that it does not pass on
        self._arguments = list(arguments)
        self._home = home
        self._depth = depth
        self._open = 0  # ifs, loops and functions that are not closed
        self._cases = 0
        self._after_operator = ""  # `&&` or `||`, when what follows depends on how a command before it ends
        self._pending: set[str] = set()  # what was set after `&&`, and may not have been when the line is over
        self._passes_all_on = False
        self._over = False

    def calls(self, text: str) -> Iterator[Call]:
        """Each call that the script makes. Raises ValueError when it cannot be read as a script."""
        command: list[str] = []
        for part in [*tokens(text), "\n"]:
            if part not in _ENDS:
                command.append(part)
            elif part == ")" and (self._cases or command[:1] == ["case"]):
                yield from self._command(command[:1] if command[:1] == ["case"] else [])
                command = []  # the rest of it is a pattern
            elif part == "(" and len(command) == 1:
                command, self._open = [], self._open + 1  # a function begins
            else:
                yield from self._command(command)
                command = []
                if self._over:
                    return
                self._end(part)

    def _end(self, operator: str) -> None:
        """Note what an operator means for what follows it."""
        if operator == "(":
            self._open += 1
        elif operator == ")" and self._open:
            self._open -= 1
        elif operator in ("||", ";", "&", "\n"):
            self._after_operator = "||" if operator == "||" else ""
            for name in self._pending:
                if name == _FOLDER:
                    self.folder = None
                else:
                    self._forget(name)
            self._pending.clear()

    def _command(self, words: list[str]) -> Iterator[Call]:
        if (left := self._without_reserved(words)) is None or not (left := _without_redirections(left)):
            return
        expansion = Expansion(self._environment | self._own, self._arguments, self._home, self._printed)
        own: dict[str, str | None] = {}
        while left and (match := re.fullmatch(ASSIGNMENT, left[0])):
            text, _ = expansion.text(match[2])
            own[match[1]] = None if UNKNOWN in text else text
            left.pop(0)
        called = [one for word in left for one in expansion.words(word)]
        for name, value in ({} if called else own).items() | expansion.assigned.items():
            self._set(name, value, exported=False)
        if not called or self._builtin(called, left, expansion):
            return
        yield self._call(called, own)
        if called[0] in ("exec", "exit", "return") and not self._maybe:
            self._over = True
        elif called[0] not in (":", "true", "echo"):
            self._after_operator = self._after_operator or "&&"

    def _without_reserved(self, words: list[str]) -> list[str] | None:
        """The words without those that begin and end an `if`, a loop or a function; None when nothing is called."""
        left = list(words)
        if "[[" in left or "]]" in left:
            self._open += ("[[" in left) - ("]]" in left)
            self._after_operator = self._after_operator or "&&"
            return None
        while left and left[0] in _RESERVED:
            word = left.pop(0)
            self._open = max(0, self._open + (word in _OPENING) - (word in _CLOSING))
            self._cases += (word == "case") - (word == "esac")
            if word in ("for", "select", "case", "function"):
                if word in ("for", "select") and left:
                    self._set(left[0], None, exported=False)
                return None
        return left

    def _call(self, words: list[str], own: dict[str, str | None]) -> Call:
        doubt, given = self.doubt, self._environment | own
        if self._open:
            doubt = doubt or "its shell script decides that while it runs"
        if self.folder is None:
            doubt = doubt or "the folder in which its shell script starts it cannot be told"
        if any(UNKNOWN in word for word in words):
            doubt = doubt or "a word of the command in its shell script cannot be told"
        if unknown := next((name for name in _STATE_VARIABLES if given.get(name, "") is None), ""):
            doubt = doubt or f"what its shell script sets {unknown} to cannot be told"
        return Call(tuple(word.replace(UNKNOWN, "") for word in words), self.folder or "", given, doubt)

    def _builtin(self, called: list[str], words: list[str], expansion: Expansion) -> bool:
        """Follow a command of the shell itself; whether it is one."""
        name, rest = called[0], called[1:]
        if name in ("export", "declare", "typeset", "readonly", "local"):
            self._declare(name, words[1:], expansion)
        elif name == "unset":
            for one in rest:
                self._set(one, None, exported=False, gone=True)
        elif name in ("cd", "pushd", "popd"):
            self._change_folder(rest)
        elif name in (".", "source"):
            self._read(rest)
        elif name == "set":
            self._options(rest)
        elif name in ("eval", "shift", "alias") or (name == "trap" and says_something(" ".join(words))):
            self._confuse(f"its shell script uses {name}")
        elif name in ("read", "getopts", "mapfile", "readarray"):
            for one in rest:
                self._set(one, None, exported=False)
        else:
            return False
        return True

    @property
    def _maybe(self) -> bool:
        """Whether it is open if this point is reached."""
        return bool(self._open or self._after_operator)

    def _set(self, name: str, value: str | None, *, exported: bool, gone: bool = False) -> None:
        if self._open or self._after_operator == "||":
            self._forget(name)
            return
        if self._after_operator:
            self._pending.add(name)
        inherited = name in self._environment or name in _EXPORTED
        place = self._environment if exported or inherited or self._passes_all_on else self._own
        for one in (self._environment, self._own):
            one.pop(name, None)
        if not gone:
            place[name] = value

    def _forget(self, name: str) -> None:
        """Note that it is open what a variable is, and if it is passed on."""
        self._own.pop(name, None)
        self._environment[name] = None

    def _declare(self, name: str, rest: list[str], expansion: Expansion) -> None:
        flags = "".join(word[1:] for word in rest if word.startswith("-"))
        exported = (name == "export" and "n" not in flags) or "x" in flags
        for word in rest:
            if match := re.fullmatch(ASSIGNMENT, word):
                value, _ = expansion.text(match[2])
                self._set(match[1], None if UNKNOWN in value else value, exported=exported)
            elif exported and word in self._own:
                self._set(word, self._own[word], exported=True)

    def _change_folder(self, rest: list[str]) -> None:
        to = next((word for word in rest if not word.startswith("-")), UNKNOWN if "-" in rest else self._home)
        if (
            self._open
            or self._after_operator == "||"
            or UNKNOWN in to
            or (self.folder is None and not os.path.isabs(to))
        ):
            self.folder = None
            return
        self.folder = os.path.normpath(os.path.join(self.folder or "", to))
        if self._after_operator:
            self._pending.add(_FOLDER)

    def _options(self, rest: list[str]) -> None:
        if "--" in rest or (rest and rest[0][:1] not in "-+"):
            self._confuse("its shell script changes its own arguments")
        for word in rest:
            if (re.fullmatch(r"[-+]\w+", word) and "a" in word) or word == "allexport":
                self._passes_all_on = not rest[0].startswith("+")

    def _read(self, rest: list[str]) -> None:
        """Follow a file that the script reads with `.`; one that sets nothing of interest is passed over."""
        if not rest or UNKNOWN in rest[0] or self.folder is None:
            self._confuse("its shell script reads a file that cannot be told")
            return
        path = os.path.join(self.folder, rest[0])
        try:
            text = read_text(path, SCRIPT_LIMIT)
            if not says_something(text) and not re.search(r"\b(?:cd|pushd)\b", text):
                return
            if self._depth >= DEPTH_LIMIT:
                raise ValueError
            maybe = int(self._maybe)
            self._depth, self._open = self._depth + 1, self._open + maybe
            for _ in self.calls(text):
                pass
            self._depth, self._open = self._depth - 1, self._open - maybe
        except FileNotFoundError:
            if not self._maybe:
                self._confuse(f"its shell script reads {path}, which is not there")
        except CannotKnow as error:
            self._confuse(str(error))
        except (RecursionError, ValueError):
            self._confuse(f"{path} cannot be followed as a shell script")

    def _confuse(self, doubt: str) -> None:
        """Note that variables may be set to anything from here on."""
        self.doubt = self.doubt or doubt

    def _printed(self, text: str) -> str | None:
        """What a `$(…)` prints: the folder, or a part of a path; None when that cannot be told."""
        if self.folder is None or self._depth >= DEPTH_LIMIT:
            return None
        call = Call((), self.folder, self._environment | self._own)
        inner = Script(call, self._arguments, self._home, self._depth + 1)
        printed: list[str | None] = []
        try:
            printed += [_prints(call) for call in inner.calls(text)]
        except (RecursionError, ValueError):
            return None
        return printed[0] if len(printed) == 1 else None


def _prints(call: Call) -> str | None:
    words = [word for word in call.words if word != "--"]
    if call.doubt:
        return None
    if words == ["pwd"] or words == ["pwd", "-P"]:
        return call.folder
    if len(words) == 2 and words[0] in ("dirname", "basename", "realpath", "echo"):
        path = words[1]
        known = {"dirname": os.path.dirname(path) or ".", "basename": os.path.basename(path), "echo": path}
        return known.get(words[0]) or os.path.realpath(os.path.join(call.folder, path))
    if len(words) == 3 and words[:2] == ["readlink", "-f"]:
        return os.path.realpath(os.path.join(call.folder, words[2]))
    if words[:2] == ["command", "-v"] or words[:1] == ["which"]:
        return words[-1]
    return None


def _without_redirections(words: list[str]) -> list[str]:
    """The words without `> file` and its like."""
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in REDIRECTIONS:
            if found and found[-1].isdecimal():
                found.pop()
            next(rest, "")
        else:
            found.append(word)
    return found

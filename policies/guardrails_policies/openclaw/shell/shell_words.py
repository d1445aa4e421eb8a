"""The words and operators of a shell script, and what words become.

A part of the POSIX shell's grammar: quotes, comments, `$NAME`, `${NAME:-other}`, `$1`, `$@` and `$(…)`. Nothing is run.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

OPERATORS = ("&&", "||", ";;", ";&", "<<-", "<<", ">>", "<&", ">&", "<>", ">|", ";", "&", "|", "(", ")", "<", ">", "\n")
REDIRECTIONS = ("<<-", "<<", ">>", "<&", ">&", "<>", ">|", "<", ">")
UNKNOWN = "\0"  # among words: what cannot be told without running something

USUAL_PATH = "/usr/local/bin:/usr/bin:/bin"

_PLAIN = r"""[^\s'"\\`$;&|()<>]+"""
_PARAMETER = r"(?a:\w+|[@*#?!$-])"
_BRACED = r"(?as)(\w+|[@*])(?:(:?[-=+?])(.*))?"


def tokens(text: str) -> list[str]:
    """The words of a script with their quotes, and its operators. Raises ValueError when something is not closed."""
    found: list[str] = []
    texts: list[str] = []  # the words that end the texts which begin with the next line
    word, at = "", 0
    while at < len(text):
        operator = next((one for one in OPERATORS if text.startswith(one, at)), "")
        if text.startswith("\\\n", at):
            at += 2
        elif operator or text[at] in " \t\r":
            if word:
                texts += [word] if found[-1:] in (["<<"], ["<<-"]) else []
                found.append(word)
            found += [operator] if operator else []
            word, at = "", at + (len(operator) or 1)
            if operator == "\n":
                while texts:
                    at = _after_text(text, at, texts.pop(0))
        elif text[at] == "#" and not word:
            end = text.find("\n", at)
            at = end if end >= 0 else len(text)
        else:
            end = _end_of_part(text, at)
            word, at = word + text[at:end], end
    return [*found, word] if word else found


def _after_text(text: str, at: int, ending: str) -> int:
    """Where the line after a text in the script begins, which is ended by a line with this word alone."""
    plain = re.sub(r"""['"\\]""", "", ending)
    match = re.compile(rf"^\t*{re.escape(plain)}$", re.MULTILINE).search(text, at)
    return len(text) if match is None else match.end()


def _end_of_part(text: str, at: int) -> int:
    """Where the part of a word that begins at `at` ends: a quoted or a plain one, or something with a `$`."""
    one = text[at]
    if plain := re.compile(_PLAIN).match(text, at):
        return plain.end()
    if one == "'":
        return _closing(text, at + 1, "'")
    if one == '"':
        at += 1
        while at < len(text) and text[at] != '"':
            at = at + 2 if text[at] == "\\" else _end_of_part(text, at) if text[at] in "$`" else at + 1
        if at >= len(text):
            raise ValueError("a quote is not closed")
        return at + 1
    if one == "`":
        return _closing(text, at + 1, "`")
    if one == "\\":
        return min(at + 2, len(text))
    if text.startswith(("$(", "${"), at):
        return _end_of_group(text, at + 2, {"(": ")", "{": "}"}[text[at + 1]])
    return at + 1


def _closing(text: str, at: int, quote: str) -> int:
    end = text.find(quote, at)
    if end < 0:
        raise ValueError("a quote is not closed")
    return end + 1


def _end_of_group(text: str, at: int, closing: str) -> int:
    depth = 1
    while at < len(text):
        one = text[at]
        if one in "'\"`\\$":
            at = _end_of_part(text, at)
            continue
        at += 1
        if one == closing:
            depth -= 1
            if not depth:
                return at
        elif one == {")": "(", "}": "{"}[closing]:
            depth += 1
    raise ValueError("a bracket is not closed")


class Expansion:
    """What words become where variables and arguments are known."""

    def __init__(
        self,
        variables: Mapping[str, str | None],
        arguments: Sequence[str],
        home: str,
        run: Callable[[str], str | None],
    ) -> None:
        """`arguments` are `$0`, `$1` and so on; `run` says what a `$(…)` prints, None when that cannot be told."""
        self.assigned: dict[str, str] = {}  # by `${NAME:=other}`
        self._variables = variables
        self._arguments = arguments
        self._home = home
        self._run = run

    def words(self, word: str) -> list[str]:
        """The words that one becomes: none, or several from `$@`; what cannot be told holds UNKNOWN."""
        if word in ('"$@"', "$@", '"${@}"'):
            return list(self._arguments[1:])
        text, quoted = self.text(word)
        if quoted or not word.startswith("$"):
            return [text]
        return text.split()

    def text(self, word: str) -> tuple[str, bool]:
        """One word, and whether any of it was quoted."""
        found: list[str] = []
        quoted, at = False, 0
        if tilde := re.match(r"~(?=/|$)", word):
            found, at = [self._home], tilde.end()
        while at < len(word):
            end = _end_of_part(word, at)
            part = word[at:end]
            if part[0] == "'":
                found.append(part[1:-1])
            elif part[0] == '"':
                found.append(self._inside(part[1:-1]))
            elif part[0] == "\\":
                found.append(part[1:])
            else:
                if part == "$":
                    end = self._end_of_parameter(word, at)
                found.append(self._replaced(word[at:end]))
            quoted, at = quoted or part[0] in "'\"\\", end
        return "".join(found), quoted

    def _end_of_parameter(self, word: str, at: int) -> int:
        named = re.compile(_PARAMETER).match(word, at + 1)
        return named.end() if named else at + 1

    def _inside(self, text: str) -> str:
        """What stands between double quotes."""
        found: list[str] = []
        at = 0
        while at < len(text):
            if text[at] == "\\" and text[at + 1 : at + 2] in ("$", "`", '"', "\\"):
                found.append(text[at + 1])
                at += 2
            elif text[at] in "$`":
                end = _end_of_part(text, at)
                if end == at + 1:
                    end = self._end_of_parameter(text, at)
                found.append(self._replaced(text[at:end]))
                at = end
            else:
                found.append(text[at])
                at += 1
        return "".join(found)

    def _replaced(self, part: str) -> str:
        if part.startswith("$(("):
            return UNKNOWN
        if part.startswith(("$(", "`")):
            printed = self._run(part[2:-1] if part[0] == "$" else part[1:-1])
            return UNKNOWN if printed is None else printed
        if part.startswith("${"):
            return self._braced(part[2:-1])
        return self._value(part[1:]) if part.startswith("$") and len(part) > 1 else part

    def _braced(self, inside: str) -> str:
        if inside in ("BASH_SOURCE[0]", "BASH_SOURCE"):
            return self._value("0")
        match = re.fullmatch(_BRACED, inside)
        if not match:
            return UNKNOWN
        name, test, other = match[1], match[2] or "", match[3] or ""
        known = self._known(name)
        if test and known == UNKNOWN:
            return UNKNOWN
        empty = known is None or (":" in test and not known)
        if test[-1:] == "+":
            return "" if empty else self._inside(other)
        if test and test[-1] in "-=" and empty:
            text, _ = self.text(other)
            if test[-1] == "=":
                self.assigned[name] = text
            return text
        return self._value(name)

    def _known(self, name: str) -> str | None:
        """The value of a variable or argument; None when it is not set."""
        if name.isdecimal():
            return self._arguments[int(name)] if int(name) < len(self._arguments) else None
        if name in ("@", "*"):
            return " ".join(self._arguments[1:])
        if name not in self._variables:
            return {"HOME": self._home, "PATH": USUAL_PATH}.get(name)
        value = self._variables[name]
        return UNKNOWN if value is None else value

    def _value(self, name: str) -> str:
        """What a variable becomes; one that nobody sets may come from elsewhere."""
        known = self._known(name)
        return UNKNOWN if known is None and not name.isdecimal() else known or ""

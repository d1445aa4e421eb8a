"""Unit files of systemd, read as its manager reads them: drop-ins, continued lines, quotes and specifiers.

Sources: systemd.syntax(7), systemd.unit(5), systemd.service(5) and systemd.exec(5) of systemd 252. Quotes may also open
in the middle of a word, which the manager allows and the pages do not say.
"""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

UNIT_LIMIT = 1024 * 1024  # bytes; the manager's own limit of a line
DROP_INS_LIMIT = 200

_SPACE = " \t\n\r"
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}
_CODED = re.compile(r"x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEPARATOR = "\0;"  # what a `;` without quotes or a backslash becomes among words, since no word can be that
_ENDINGS = '\\"`$'  # what a backslash takes the meaning from between double quotes, as in a shell


class Unit:
    """What the section `[Service]` of a unit and its drop-ins says: each setting with its values in order.

    An empty value takes back those before it.
    """

    def __init__(self, path: str, home: str) -> None:
        """Read the unit. Raises FileNotFoundError when it is absent, CannotKnow when the manager could not load it."""
        self.path = path
        self._name = os.path.basename(path)
        self._home = home
        self._values: dict[str, list[str]] = {}
        text = _text(path)
        self.masked = not text.strip()
        for file, one in ((path, text), *((drop_in, _text(drop_in)) for drop_in in _drop_ins(path))):
            for key, value in _assignments(one, file):
                values = self._values.setdefault(key, [])
                values.append(value) if value else values.clear()

    def command(self) -> tuple[str, ...]:
        """The words of the main command, the last one that is set; none when there is none."""
        lines = self._values.get("ExecStart", [])
        if not lines:
            return ()
        found = words(lines[-1], self.path)
        while _SEPARATOR in found:  # several commands in one line; the last one stays
            found = found[found.index(_SEPARATOR) + 1 :] or found[: found.index(_SEPARATOR)]
        if not found:
            return ()
        prefix = re.match(r"[-@:+!|]*", found[0])
        program, named = found[0][prefix.end() if prefix else 0 :], bool(prefix and "@" in prefix[0])
        rest = found[2:] if named else found[1:]  # after `@`, the second word is only what it calls itself
        known = self.variables()
        return (self._specified(program), *(_substituted(self._specified(word), known) for word in rest))

    def folder(self) -> str:
        """Where it runs; empty when nothing is said, which is the home directory for a user's manager."""
        value = self._specified((self._values.get("WorkingDirectory") or [""])[-1].removeprefix("-"))
        return self._home if value == "~" else value

    def own_variables(self) -> dict[str, str]:
        """The variables that the unit itself sets, later ones before earlier."""
        found: dict[str, str] = {}
        for value in self._values.get("Environment", []):
            for word in words(value, self.path):
                name, equals, text = self._specified(word).partition("=")
                if equals and _NAME.fullmatch(name):  # as the manager does, which warns and goes on
                    found[name] = text
        return found

    def variables(self) -> dict[str, str]:
        """The variables that the service gets from its unit and from the files that this names, which win."""
        found = self.own_variables()
        for value in self._values.get("EnvironmentFile", []):
            found.update(_read_variables(self._specified(value.strip())))
        for value in self._values.get("UnsetEnvironment", []):
            for word in words(value, self.path):
                name, equals, text = word.partition("=")
                if not equals or found.get(name) == text:
                    found.pop(name, None)
        return found

    def _specified(self, text: str) -> str:
        """Replace the specifiers of systemd.unit(5) that name files and users; others stay as they are."""
        stem = self._name.removesuffix(".service")
        prefix, _, instance = stem.partition("@")
        known = {"%": "%", "h": self._home, "n": self._name, "N": stem, "p": prefix, "i": instance, "I": instance}
        known |= {"U": str(os.getuid()), "t": f"/run/user/{os.getuid()}"}
        return re.sub(r"%(.)", lambda one: known.get(one[1], one[0]), text)


def _text(path: str) -> str:
    if os.path.realpath(path) == os.devnull:  # how the manager is told to leave a unit alone
        return ""
    return decode(read_bytes(path, UNIT_LIMIT), path)


def _drop_ins(path: str) -> list[str]:
    """The drop-ins of a unit in the order of their names; of two with one name, that of the longer prefix counts."""
    folder, name = os.path.split(path)
    stem = name.removesuffix(".service")
    prefixes = [f"{stem[:at]}.service" for at in range(1, len(stem) + 1) if stem[at - 1] == "-" and at < len(stem)]
    found: dict[str, str] = {}
    for unit in ("service", *prefixes, name):
        place = os.path.join(folder, f"{unit}.d")
        try:
            names = os.listdir(place)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise CannotKnow(f"{place} cannot be read: {error.strerror}") from None
        found.update({one: os.path.join(place, one) for one in names if one.endswith(".conf")})
        if len(found) > DROP_INS_LIMIT:
            raise CannotKnow(f"{path} has more than {DROP_INS_LIMIT} drop-ins")
    return [found[one] for one in sorted(found)]


def _assignments(text: str, path: str) -> Iterator[tuple[str, str]]:
    """The settings of `[Service]`. Raises CannotKnow where managers refuse the file or read another."""
    section = ""
    for line in _lines(text):
        if line.startswith("["):
            if not line.endswith("]"):
                raise CannotKnow(f"{path} has a section that is not closed")
            section = line[1:-1]
        elif line.startswith(".include"):
            raise CannotKnow(f"{path} includes another file, which systemd no longer reads")
        elif section == "Service" and "=" in line:
            key, _, value = line.partition("=")
            yield key.strip(), value.strip()


def _lines(text: str) -> Iterator[str]:
    """Lines without comments, those that end in a backslash joined with what follows."""
    continued = ""
    for raw in text.split("\n"):
        line = raw.strip(_SPACE)
        if line.startswith(("#", ";")) or not (line or continued):
            continue
        if raw.rstrip("\r").endswith("\\"):
            continued += raw.rstrip("\r")[:-1] + " "
            continue
        joined, continued = (continued + raw).strip(_SPACE), ""
        if joined:
            yield joined
    if joined := continued.strip(_SPACE):
        yield joined


def words(text: str, path: str) -> list[str]:
    """Split a value into words: quotes are taken off, escapes of the table in systemd.syntax(7) replaced."""
    found: list[str] = []
    word, quote, at, start = None, "", 0, 0
    while at < len(text):
        one = text[at]
        at += 1
        if one == "\\":
            plain, at = _escaped(text, at)
            word = (word or "") + plain
        elif one == quote:
            quote = ""
        elif quote or one not in "\"'" + _SPACE:
            word = (word or "") + one
        elif one in _SPACE:
            if word is not None:
                found.append(_SEPARATOR if text[start : at - 1] == ";" else word)
            word, start = None, at
        else:
            quote, word = one, word or ""
    if quote:
        raise CannotKnow(f"{path} has a quote that is not closed")
    return found if word is None else [*found, _SEPARATOR if text[start:] == ";" else word]


def _escaped(text: str, at: int) -> tuple[str, int]:
    """What stands for an escape whose backslash is before `at`, and where the text goes on."""
    if coded := _CODED.match(text, at):
        digits = coded[0].lstrip("xuU")
        number = int(digits, 8 if coded[0][0].isdecimal() else 16)
        return (chr(number) if 0 < number < 0x110000 else ""), coded.end()
    one = text[at : at + 1]
    if one in _ESCAPES:
        return _ESCAPES[one], at + 1
    return (one if one and one in "\\\"';" else f"\\{one}"), at + 1


def _substituted(word: str, variables: dict[str, str]) -> str:
    """Put variables into a word of a command. One that would become several words stays one: none is a path then."""
    if re.fullmatch(r"\$[A-Za-z_][A-Za-z0-9_]*", word):
        return variables.get(word[1:], "")
    replace = {"$$": "$"}
    return re.sub(
        r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}", lambda one: replace.get(one[0]) or variables.get(one[1], ""), word
    )


def _read_variables(named: str) -> dict[str, str]:
    """The variables of an EnvironmentFile=; one that may be missing begins with `-`, and wildcards are allowed."""
    path, optional = named.removeprefix("-"), named.startswith("-")
    paths = [path]
    if re.search(r"[*?\[]", path):
        from glob import glob

        paths = sorted(glob(path))[:DROP_INS_LIMIT]
    found: dict[str, str] = {}
    for one in paths:
        try:
            found.update(_parse_variables(decode(read_bytes(one, UNIT_LIMIT), one)))
        except FileNotFoundError:
            if not optional:
                raise CannotKnow(f"{one} is not there, without which the service does not start") from None
    return found


def _parse_variables(text: str) -> dict[str, str]:
    """The variables of a file as systemd.exec(5) describes it: almost a shell's, and nothing is replaced in it."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        name, equals, _ = text[at:end].partition("=")
        if name.lstrip().startswith(("#", ";")) or not equals:
            at = end + 1
            continue
        value, at = _value(text, at + len(name) + 1)
        if _NAME.fullmatch(name.strip()):
            found[name.strip()] = value
    return found


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that begins at `at`, and where the next line begins. A quote counts only as its first character."""
    while text[at : at + 1] in (" ", "\t", "\r"):
        at += 1
    quote = text[at] if text[at : at + 1] in ("'", '"') else ""
    at += len(quote)
    value: list[str] = []
    while at < len(text):
        one = text[at]
        at += 1
        if one == quote:
            end = text.find("\n", at)
            return "".join(value), len(text) if end < 0 else end + 1
        if one == "\n" and not quote:
            break
        if one == "\\" and quote != "'":
            following = text[at : at + 1]
            at += 1
            value.append(
                "" if following == "\n" else one + following if quote and following not in _ENDINGS else following
            )
        else:
            value.append(one)
    return "".join(value) if quote else "".join(value).rstrip(" \t\r"), at

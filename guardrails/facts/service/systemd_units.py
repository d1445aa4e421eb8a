"""Units of systemd, read as its manager reads them: drop-ins, specifiers, variables and the files that these are in.

Sources: systemd.unit(5), systemd.service(5) and systemd.exec(5) of systemd 252, and what its manager prints with
`--user --test`.
"""

from __future__ import annotations

import os
import re
from functools import cached_property

from guardrails.errors import CannotKnow
from guardrails.facts.service.environment_files import read_variables
from guardrails.facts.service.unit_files import ENDING
from guardrails.facts.service.unit_syntax import SEPARATOR, read, read_assignments, split_words, unescape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrails.facts.service.service_manager import Manager
    from guardrails.facts.service.unit_files import UnitFile

GLOB_LIMIT = 200  # files of variables by one line

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"


class Unit:
    """What the section `[Service]` of a unit and its drop-ins says: each setting with its values in order.

    An empty value takes back those before it.
    """

    def __init__(self, file: UnitFile, manager: Manager) -> None:
        """Read the unit. Raises FileNotFoundError when it is absent, CannotKnow when the manager could not load it."""
        self.path = file.path
        self._name = file.name
        self._manager = manager
        self._values: dict[str, list[str]] = {}
        self._unknown = ""
        text = read(file.path)
        self.masked = not text.strip()
        for path, one in ((file.path, text), *((drop_in, read(drop_in)) for drop_in in file.drop_ins)):
            for key, value in read_assignments(one, path, "Service"):
                values = self._values.setdefault(key, [])
                values.append(value) if value else values.clear()

    def commands(self, known: Mapping[str, str]) -> list[tuple[str, ...]]:
        """The words of each command with these variables; a service that is no `oneshot` has one at most."""
        return [self._command(words, known) for words in self._commands]

    def _command(self, found: list[str], known: Mapping[str, str]) -> tuple[str, ...]:
        prefix = re.match(r"[-@:+!|]*", found[0])
        flags = prefix[0] if prefix else ""
        program, rest = found[0][len(flags) :], found[2:] if "@" in flags else found[1:]
        filled = [self._specified(word) for word in rest]  # after `@`, the second is only what it calls itself
        if ":" not in flags:
            filled = [one for word in filled for one in self._substituted(word, known)]
        return (self._specified(program), *filled)

    @cached_property
    def _commands(self) -> list[list[str]]:
        found: list[list[str]] = []
        for line in self._values.get("ExecStart", []):
            left = split_words(line, self.path)
            while left:
                end = left.index(SEPARATOR) if SEPARATOR in left else len(left)
                if left[:end]:
                    found.append(left[:end])
                left = left[end + 1 :]
        return found

    @property
    def doubt(self) -> str:
        """Why the manager may start it otherwise, or not at all; empty when all of it is understood."""
        kind = (self._values.get("Type") or [""])[-1]
        if len(self._commands) > 1:
            if kind == "oneshot":
                return "it runs several commands"
            return "it has several commands, so systemd refuses it; a line `ExecStart=` before the last takes them back"
        return self._unknown

    def folder(self) -> str:
        """Where it runs; empty when nothing is said, which is the home directory for a user's manager."""
        value = self._specified((self._values.get("WorkingDirectory") or [""])[-1].removeprefix("-"))
        return self._manager.home if value == "~" else value if value.startswith("/") else ""

    def own_variables(self) -> dict[str, str]:
        """The variables that the unit itself sets, later ones before earlier."""
        found: dict[str, str] = {}
        for value in self._values.get("Environment", []):
            for word in split_words(value, self.path):
                name, equals, text = self._specified(word).partition("=")
                if equals and re.fullmatch(_NAME, name):  # as the manager does, which warns and goes on
                    found[name] = text
        return found

    def variables(self) -> dict[str, str]:
        """The variables that files give the service: those of its manager, of the unit, and of the files it names.

        Raises CannotKnow when one cannot be read, or the service does not start without it.
        """
        found = self._manager.variables | self.own_variables()
        for path in self.variable_files():
            found.update(read_variables(path))
        for value in self._values.get("UnsetEnvironment", []):
            for word in split_words(value, self.path):
                name, equals, text = self._specified(word).partition("=")
                if not equals or found.get(name) == text:
                    found.pop(name, None)
        return found

    def variable_files(self) -> list[str]:
        """The files of EnvironmentFile= that are there; a path that is not absolute is passed over, as systemd does.

        Raises CannotKnow when one is not there, and no `-` before it says that this is fine.
        """
        found: list[str] = []
        for value in self._values.get("EnvironmentFile", []):
            named = self._specified(value)
            path = named.removeprefix("-")
            if not path.startswith("/"):
                continue
            paths = _matches(path)
            if not paths and path == named:
                raise CannotKnow(f"{path} is not there, without which {self._name} does not start")
            found += paths
        return found

    def _specified(self, text: str) -> str:
        """Replace the specifiers of systemd.unit(5); one that stands for something unknown stays, and is noted."""
        if "%" not in text:
            return text
        return re.sub(r"%(.)", lambda one: self._specifier(one[1]), text)

    def _specifier(self, letter: str) -> str:
        stem = self._name.removesuffix(ENDING)
        prefix, _, instance = stem.partition("@")
        final = prefix.rpartition("-")[2]
        folders = self._manager.folders
        known = {"%": "%", "n": self._name, "N": stem, "p": prefix, "P": unescape(prefix), "j": final}
        known |= {"i": instance, "I": unescape(instance), "J": unescape(final), "h": self._manager.home}
        known |= {"U": str(os.getuid()), "G": str(os.getgid()), "t": folders.runtime, "T": "/tmp", "V": "/var/tmp"}  # noqa: S108
        known |= {"C": folders.cache, "E": folders.config, "y": self.path, "Y": os.path.dirname(self.path)}
        known |= {"f": "/" + unescape(instance or prefix).lstrip("/")}
        if letter in "us":
            known |= dict(zip("us", self._manager.user, strict=True))
        if letter not in known:
            self._unknown = self._unknown or f"what %{letter} stands for in {self.path} cannot be told"
        return known.get(letter, f"%{letter}")

    def _substituted(self, word: str, known: Mapping[str, str]) -> list[str]:
        """Put variables into a word of a command: one that is nothing but `$NAME` becomes as many as it holds."""
        if whole := re.fullmatch(r"\$([A-Za-z_][A-Za-z0-9_]*)", word):
            return split_words(self._value(whole[1], known), self.path)
        pattern = r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}"
        return [re.sub(pattern, lambda one: self._value(one[1], known) if one[1] else "$", word)]

    def _value(self, name: str, known: Mapping[str, str]) -> str:
        if name not in known:
            self._unknown = self._unknown or f"no file sets {name}, which the command of {self.path} depends on"
        return known.get(name, "")


def _matches(path: str) -> list[str]:
    """The files that a path with wildcards stands for, in their order."""
    if not re.search(r"[*?\[\\]", path):
        return [path] if os.path.lexists(path) else []
    from glob import iglob
    from itertools import islice

    plain = re.sub(r"\\(.)", r"[\1]", path)  # a backslash takes the meaning from what follows it
    found = sorted(islice(iglob(plain, include_hidden=False), GLOB_LIMIT + 1))
    if len(found) > GLOB_LIMIT:
        raise CannotKnow(f"{path} stands for more than {GLOB_LIMIT} files")
    return found

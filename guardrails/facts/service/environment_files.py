"""Files of variables as systemd reads them, and the environment that a user's manager gives to its services.

Sources: systemd.exec(5), environment.d(5) and systemd-user.conf(5) of systemd 252, and what
30-systemd-environment-d-generator prints of the same files.
"""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, read_bytes
from guardrails.facts.service.unit_syntax import is_masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FILE_LIMIT = 1024 * 1024  # bytes
FILES_LIMIT = 200  # in the folders of one kind
SYSTEM_FOLDERS = ("/etc", "/run", "/usr/local/lib", "/usr/lib")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_SPACE = " \t\n\r"
_ENDINGS = '\\"`$'  # what a backslash takes the meaning from between double quotes, as in a shell
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_LINE = r"[ \t]*(?P<rest>[^\n\r]*)"


def read_variables(path: str) -> dict[str, str]:
    """The variables of a file. Raises FileNotFoundError when it is absent, CannotKnow when it cannot be read."""
    return dict(_pairs(decode(read_bytes(path, FILE_LIMIT), path), path))


def read_manager_variables(config: str, known: Mapping[str, str]) -> dict[str, str]:
    """What the files of environment.d(5) set in the environment that the manager gives to every service.

    `config` is the folder of the user's configuration, `known` what the manager has before. Raises CannotKnow when
    one of them cannot be read.
    """
    folders = [os.path.join(folder, "environment.d") for folder in (config, *SYSTEM_FOLDERS)]
    found: dict[str, str] = {}
    for path in list_configuration_files(folders):
        try:
            pairs = list(_pairs(decode(read_bytes(path, FILE_LIMIT), path), path))
        except FileNotFoundError:
            continue  # a link that leads nowhere, such as /etc/environment on many machines
        for name, value in pairs:
            if value:  # an empty one is passed over, and takes nothing back
                found[name] = expand(value, {**known, **found})
    return found


def list_configuration_files(folders: Iterable[str], ending: str = ".conf") -> list[str]:
    """The files in these folders, by their names; of two with one name the first counts, and none when it is masked.

    Raises CannotKnow when a folder cannot be read, or holds too many.
    """
    found: dict[str, str] = {}
    for folder in folders:
        try:
            names = os.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise CannotKnow(f"{folder} cannot be read: {error.strerror}") from None
        for name in names:
            if name.endswith(ending) and not name.startswith("."):
                found.setdefault(name, os.path.join(folder, name))
        if len(found) > FILES_LIMIT:
            raise CannotKnow(f"{folder} and its like hold more than {FILES_LIMIT} files")
    return [found[name] for name in sorted(found, key=os.fsencode) if not is_masked(found[name])]


def _pairs(text: str, path: str) -> Iterator[tuple[str, str]]:
    """The variables of a text in its order: almost a shell's, and nothing is replaced in it."""
    at = 0
    while at < len(text) and (line := re.compile(_LINE).match(text, at)):
        if line["rest"][:1] in ("#", ";") and line["rest"]:
            if line["rest"].endswith("\\"):
                raise CannotKnow(f"{path} has a comment that ends in a backslash, which versions of systemd read apart")
            at = line.end() + 1
        elif (equals := line["rest"].find("=", 1)) < 0:
            at = line.end() + 1
        else:
            name = line["rest"][:equals].rstrip(_SPACE)
            value, at = _value(text, line.start("rest") + equals + 1)
            if re.fullmatch(_NAME, name):
                yield name, value


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that begins at `at`, and where the next line begins.

    A quote opens where the value begins, and again after a closing one. Space at the end without quotes is dropped.
    """
    value: list[str] = []
    kept, begun = 0, False  # how many of them no space at the end can take away; whether a quote is a plain character
    while at < len(text) and text[at] not in "\n\r":
        one = text[at]
        at += 1
        if not begun and one in "'\"":
            part, at = _quoted(text, at, one)
            value.append(part)
        elif one == "\\":
            following, at, begun = text[at : at + 1], at + 1, True
            value.append("" if following in ("\n", "\r") else following)
        elif begun or one not in _SPACE:
            begun = True
            value.append(one)
            if one in _SPACE:
                continue
        else:
            continue
        kept = len(value)
    return "".join(value[:kept]), at + 1


def _quoted(text: str, at: int, quote: str) -> tuple[str, int]:
    """What stands between quotes, of which the first is before `at`; and where the text goes on."""
    value: list[str] = []
    while at < len(text) and text[at] != quote:
        one = text[at]
        at += 1
        if quote == '"' and one == "\\":
            following, at = text[at : at + 1], at + 1
            one = "" if following == "\n" else following if following in _ENDINGS else one + following
        value.append(one)
    return "".join(value), at + 1


def expand(text: str, variables: Mapping[str, str]) -> str:
    """A value of environment.d(5) with `$NAME`, `${NAME}`, `${NAME:-other}` and `${NAME:+other}` replaced."""
    found: list[str] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        found.append(text[at:dollar])
        value, at = _reference(text, dollar + 1, variables)
        found.append(value)
    return "".join([*found, text[at:]])


def _reference(text: str, at: int, variables: Mapping[str, str]) -> tuple[str, int]:
    """What stands for the reference whose `$` is before `at`, and where the text goes on."""
    if text.startswith("$", at):
        return "$", at + 1
    if plain := re.compile(r"\w+", re.ASCII).match(text, at):
        return variables.get(plain[0], ""), plain.end()
    braced = re.compile(r"\{([^}:]*)(\}|:[-+])").match(text, at)
    if not braced:  # it is left as it is, with all that it seems to hold
        literal = re.compile(r"(?:\{[^}:]*:?.?)?", re.DOTALL).match(text, at)
        return (f"${literal[0]}", literal.end()) if literal else ("$", at)
    if braced[2] == "}":
        return variables.get(braced[1], ""), braced.end()
    closing, depth = braced.end(), 1
    while closing < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[closing], 0)
        closing += 1
    if depth:
        return text[at - 1 :], len(text)
    value = variables.get(braced[1])
    if (value is None) == (braced[2] == ":-"):
        value = expand(text[braced.end() : closing - 1], variables)
    return value or "", closing

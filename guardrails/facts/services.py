"""The services that a user's manager would start: launchd's property lists and systemd's user units.

Both kinds are read on any platform, from their files; no manager is asked. Values that a name calls secret do not get
into the fact.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes
from guardrails.facts.settings_files import parse_plist
from guardrails.policy import Fact
from guardrails.record import Record, Table
from guardrails.text import names_a_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Self

    from guardrails.policy import World

    Read = Callable[[str, str], "Service | None"]

LAUNCHD = "Library/LaunchAgents"  # below the home directory
SYSTEMD = ".config/systemd/user"
FILE_LIMIT = 1024 * 1024  # bytes of one definition
SERVICES_LIMIT = 2000


class Service(Record):
    """One definition of a service, as its manager would read it.

    `name` is launchd's label or the name of the unit without `.service`. `command` are the words that are run, without
    the values of options that a name calls secret. `folder` is where it runs, empty when nothing is said; `variables`
    are those it gets, without secrets, whose names are `secrets` when the definition itself holds their values. `off`
    says that the manager is told not to start it. `trouble` is why it could not be read; then the rest is empty.
    """

    name: str
    path: str
    command: tuple[str, ...] = ()
    folder: str = ""
    variables: Mapping[str, str] = Table()
    secrets: tuple[str, ...] = ()
    off: bool = False
    trouble: str = ""


class Services(Fact):
    """Every service of the user, by the paths of their definitions."""

    services: tuple[Service, ...]

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read every definition. Raises CannotKnow when there are too many, or a folder of them cannot be read."""
        found = [
            *_read_all(os.path.join(world.home, LAUNCHD), ".plist", world.home, _launchd),
            *_read_all(os.path.join(world.home, SYSTEMD), ".service", world.home, _systemd),
        ]
        return cls(tuple(found))


def _read_all(folder: str, ending: str, home: str, read: Read) -> list[Service]:
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(ending))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise CannotKnow(f"{folder} cannot be read: {error.strerror}") from None
    if len(names) > SERVICES_LIMIT:
        raise CannotKnow(f"{folder} holds more than {SERVICES_LIMIT} services")
    found = []
    for name in names:
        path = os.path.join(folder, name)
        try:
            service = read(path, home)
        except FileNotFoundError:
            if os.path.islink(path):
                service = Service(name.removesuffix(ending), path, trouble=f"{path} is a link that leads nowhere")
            else:
                continue  # gone while we were looking
        except CannotKnow as error:
            service = Service(name.removesuffix(ending), path, trouble=str(error))
        if service is not None:
            found.append(service)
    return found


def _launchd(path: str, _home: str) -> Service:
    """Read a property list as launchd.plist(5) describes it. launchd replaces neither `~` nor variables in it."""
    data = read_bytes(path, FILE_LIMIT)
    try:
        table = parse_plist(data, path)
    except CannotKnow:  # its words may quote a value, which may be a secret
        raise CannotKnow(f"{path} is not a valid property list, or readers could differ on it") from None
    if not isinstance(table, dict):
        raise CannotKnow(f"{path} is not a table")
    label, program = _of(table, "Label", str, path), _of(table, "Program", str, path)
    arguments = _of(table, "ProgramArguments", list, path) or []
    variables = _of(table, "EnvironmentVariables", dict, path) or {}
    if not label:
        raise CannotKnow(f"{path} has no Label, so launchd refuses it")
    if not all(isinstance(text, str) for text in (*arguments, *variables.values())):
        raise CannotKnow(f"{path} has arguments or variables that are not texts")
    return _service(
        label,
        path,
        [program, *arguments[1:]] if program else arguments,
        _of(table, "WorkingDirectory", str, path) or "",
        variables,
        variables,
        off=_of(table, "Disabled", bool, path) is True,
    )


def _of(table: Mapping[str, Any], key: str, kind: type, path: str) -> Any:
    value = table.get(key)
    if value is not None and not isinstance(value, kind):
        raise CannotKnow(f"{key} of {path} is no {kind.__name__}")
    return value


def _systemd(path: str, home: str) -> Service:
    from guardrails.facts.systemd_units import Unit

    unit = Unit(path, home)
    name = os.path.basename(path).removesuffix(".service")
    command = list(unit.command())
    return _service(name, path, command, unit.folder() or home, unit.variables(), unit.own_variables(), off=unit.masked)


def _service(
    name: str,
    path: str,
    command: list[str],
    folder: str,
    variables: Mapping[str, str],
    written: Mapping[str, str],
    *,
    off: bool,
) -> Service:
    """The record, without what is secret. `written` are the variables whose values stand in the definition itself."""
    shown, options = _without_secrets(command)
    return Service(
        name,
        path,
        tuple(shown),
        folder,
        Table({key: value for key, value in variables.items() if not names_a_secret(key)}),
        (*sorted(key for key, value in written.items() if value and names_a_secret(key)), *options),
        off,
    )


def _without_secrets(command: list[str]) -> tuple[list[str], list[str]]:
    """The words of a command, and the options of it that had a secret for a value, which is left out."""
    shown: list[str] = []
    options: list[str] = []
    for word in command:
        option = word.partition("=")[0]
        if option.startswith("--") and names_a_secret(option):
            options.append(option)
            shown.append(option)
        elif not (shown and shown[-1] in options) or word.startswith("-"):
            shown.append(word)
    return shown, options

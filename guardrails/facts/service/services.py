"""The services that a user's manager would start: launchd's property lists and systemd's user units.

Both kinds are read on any platform, from their files; no manager is asked. Values that a name calls secret do not get
into the fact.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes
from guardrails.facts.reading.settings_files import parse_plist
from guardrails.policy import Fact
from guardrails.record import Record, Table
from guardrails.wording.shown_text import names_a_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Self

    from guardrails.facts.service.service_manager import Manager
    from guardrails.facts.service.unit_files import UnitFile
    from guardrails.policy import World

LAUNCHD = "Library/LaunchAgents"  # below the home directory
SYSTEMD = ".config/systemd/user"  # there too, unless XDG_CONFIG_HOME says otherwise
FILE_LIMIT = 1024 * 1024  # bytes of one definition
SERVICES_LIMIT = 2000


class Service(Record):
    """One definition of a service, as its manager would read it.

    `name` is launchd's label or the name of the unit without `.service`; `aliases` are other names of the same unit.
    `command` are the words that are run, without the values of options that a name calls secret, and `before` those of
    the commands that are run before it. `folder` is where it
    runs, empty when nothing is said; `variables` are those that files give it, without secrets, whose names are
    `secrets` when the definition itself holds their values. `files` are those that variables come from. `off` says that
    the manager is told not to start it. `doubt` is why the manager may start it otherwise, or not at all; `trouble` is
    why it could not be read, and then the rest is empty.
    """

    name: str
    path: str
    command: tuple[str, ...] = ()
    folder: str = ""
    variables: Mapping[str, str] = Table()
    secrets: tuple[str, ...] = ()
    off: bool = False
    trouble: str = ""
    aliases: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    doubt: str = ""
    before: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names that lead to it."""
        return (self.name, *self.aliases)


class Services(Fact):
    """Every service of the user, by the paths of their definitions."""

    services: tuple[Service, ...]

    @classmethod
    async def gather(cls, world: World, words: tuple[str, ...] = ()) -> Self:
        """Read every definition, and of those that the system brings only such as hold one of `words`.

        Raises CannotKnow when there are too many, or a folder of them cannot be read.
        """
        return cls((*_agents(os.path.join(world.home, LAUNCHD)), *_units(world, words)))


def _agents(folder: str) -> Iterator[Service]:
    """The services of launchd."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".plist"))
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise CannotKnow(f"{folder} cannot be read: {error.strerror}") from None
    if len(names) > SERVICES_LIMIT:
        raise CannotKnow(f"{folder} holds more than {SERVICES_LIMIT} services")
    for name in names:
        path = os.path.join(folder, name)
        yield from _read(name.removesuffix(".plist"), path, _launchd, path)


def _units(world: World, words: tuple[str, ...]) -> Iterator[Service]:
    """The services of systemd; instances of templates too, if something starts them or an environment names them."""
    from guardrails.facts.service.unit_files import ENDING, Folders, UnitFiles

    folders = Folders.of(world.home, world.variables)
    named = tuple(f"{one.service.removesuffix(ENDING)}{ENDING}" for one in world.environments.values() if one.service)
    files = UnitFiles(folders.units).units(named)
    files = [file for file in files if not _is_of_the_system(file) or _holds(file, (*words, *named))]
    if files:
        from guardrails.facts.service.service_manager import Manager

        manager = Manager(world.home, folders)
        for file in files:
            yield from _read(file.name.removesuffix(ENDING), file.path, _systemd, file, manager)


def _is_of_the_system(file: UnitFile) -> bool:
    return file.path.startswith("/usr/") and not file.drop_ins


def _holds(file: UnitFile, words: tuple[str, ...]) -> bool:
    """Whether a unit is called, or speaks of, one of these."""
    try:
        text = read_bytes(file.path, FILE_LIMIT)
    except (CannotKnow, FileNotFoundError):
        return True  # then that is to be told
    return any(os.fsencode(word) in text or word in (file.name, *file.aliases) for word in words)


def _read(name: str, path: str, read: Callable[..., Service], *given: Any) -> Iterator[Service]:
    """The service, or one with the trouble of reading it; none when it has gone while we were looking."""
    try:
        yield read(*given)
    except FileNotFoundError:
        if os.path.islink(path):
            yield Service(name, path, trouble=f"{path} is a link that leads nowhere")
    except CannotKnow as error:
        yield Service(name, path, trouble=str(error))


def read_definition(path: str) -> dict[str, Any]:
    """A property list of launchd, with its Label. Raises CannotKnow when launchd could not read it, or otherwise."""
    data = read_bytes(path, FILE_LIMIT)
    try:
        table = parse_plist(data, path)
    except CannotKnow:  # its words may quote a value, which may be a secret
        raise CannotKnow(f"{path} is not a valid property list, or readers could differ on it") from None
    if not isinstance(table, dict):
        raise CannotKnow(f"{path} is not a table")
    if not value_of(table, "Label", str, path):
        raise CannotKnow(f"{path} has no Label, so launchd refuses it")
    return table


def command_of(table: Mapping[str, Any], path: str) -> list[str]:
    """The words that a property list of launchd runs. Raises CannotKnow when they are no texts."""
    program, arguments = value_of(table, "Program", str, path), value_of(table, "ProgramArguments", list, path) or []
    if not all(isinstance(text, str) for text in arguments):
        raise CannotKnow(f"{path} has arguments or variables that are not texts")
    return [program, *arguments[1:]] if program else arguments


def _launchd(path: str) -> Service:
    """Read a property list as launchd.plist(5) describes it. launchd replaces neither `~` nor variables in it."""
    table = read_definition(path)
    variables = value_of(table, "EnvironmentVariables", dict, path) or {}
    command = command_of(table, path)
    if not all(isinstance(text, str) for text in variables.values()):
        raise CannotKnow(f"{path} has arguments or variables that are not texts")
    return _service(
        table["Label"],
        path,
        command,
        value_of(table, "WorkingDirectory", str, path) or "",
        variables,
        variables,
        off=value_of(table, "Disabled", bool, path) is True,
    )


def value_of(table: Mapping[str, Any], key: str, kind: type, path: str) -> Any:
    """A value of a property list, None when it has none. Raises CannotKnow when it is of another kind."""
    value = table.get(key)
    if value is not None and not isinstance(value, kind):
        raise CannotKnow(f"{key} of {path} is no {kind.__name__}")
    return value


def _systemd(file: UnitFile, manager: Manager) -> Service:
    from guardrails.facts.service.systemd_units import Unit
    from guardrails.facts.service.unit_files import ENDING

    unit = Unit(file, manager)
    name, aliases = file.name.removesuffix(ENDING), tuple(one.removesuffix(ENDING) for one in file.aliases)
    if unit.masked:
        return Service(name, file.path, off=True, aliases=aliases)
    own, given, files, doubt = unit.own_variables(), {}, [], ""
    try:
        files = unit.variable_files()
        given = unit.variables()
    except (CannotKnow, FileNotFoundError) as error:
        doubt = str(error)
    *others, command = unit.commands(manager.inherited | (given or own)) or [()]
    found = _service(name, file.path, list(command), unit.folder() or manager.home, given, own, off=False)
    before = tuple(tuple(_without_secrets(list(one))[0]) for one in others)
    return found.replaced(aliases=aliases, files=tuple(files), doubt=doubt or unit.doubt, before=before)


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

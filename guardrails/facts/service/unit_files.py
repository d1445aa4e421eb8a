"""The unit files of a manager: in which folders they are, which names lead to one unit, its drop-ins, and who wants it.

The order is that of `systemd-analyze unit-paths`, with `--user` for a user's manager. Sources: systemd.unit(5) of
systemd 252, and what its manager prints with `--user --test`.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

UNITS_LIMIT = 2000
ENDING = ".service"
SYSTEM_UNITS = (
    "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
    "/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached", "/run/systemd/system",
    "/run/systemd/system.attached", "/run/systemd/generator", "/usr/local/lib/systemd/system", "/lib/systemd/system",
    "/usr/lib/systemd/system", "/run/systemd/generator.late",
)  # fmt: skip

_WANTED = (".wants", ".requires", ".upholds")  # folders of links to what a unit starts
_FOLLOWED = 8  # links from one name to another, as systemd follows them


class Folders(Record):
    """The folders of a user that systemd knows by the variables of XDG: absolute, or those that are usual."""

    config: str
    data: str
    cache: str
    runtime: str
    config_shared: tuple[str, ...]
    data_shared: tuple[str, ...]

    @classmethod
    def of(cls, home: str, variables: Mapping[str, str]) -> Folders:
        """The folders by the variables of the caller, which are taken for those of the manager."""
        given = {name: value.rstrip("/") for name, value in variables.items() if value.startswith("/")}
        shared = [
            tuple(one for one in variables.get(name, "").split(":") if one.startswith("/")) or usual
            for name, usual in (
                ("XDG_CONFIG_DIRS", ("/etc/xdg",)),
                ("XDG_DATA_DIRS", ("/usr/local/share", "/usr/share")),
            )
        ]
        return cls(
            given.get("XDG_CONFIG_HOME") or f"{home}/.config",
            given.get("XDG_DATA_HOME") or f"{home}/.local/share",
            given.get("XDG_CACHE_HOME") or f"{home}/.cache",
            given.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}",
            *shared,
        )

    @property
    def own_units(self) -> str:
        """Where the user's own units are."""
        return f"{self.config}/systemd/user"

    @property
    def units(self) -> tuple[str, ...]:
        """Where units are looked for, the first of one name before the others."""
        config, runtime = f"{self.config}/systemd", f"{self.runtime}/systemd"
        paths = (
            f"{config}/user.control", f"{runtime}/user.control", f"{runtime}/transient", f"{runtime}/generator.early",
            self.own_units, *(f"{one}/systemd/user" for one in self.config_shared), "/etc/systemd/user",
            f"{runtime}/user", "/run/systemd/user", f"{runtime}/generator", f"{self.data}/systemd/user",
            *(f"{one}/systemd/user" for one in self.data_shared),
            *(f"{one}/systemd/user" for one in ("/usr/local/lib", "/usr/local/share", "/usr/lib", "/usr/share")),
            f"{runtime}/generator.late",
        )  # fmt: skip
        return tuple(dict.fromkeys(paths))


class UnitFile(Record):
    """One unit: its name and the others that lead to it, with their endings; its file, and its drop-ins in order."""

    name: str
    path: str
    aliases: tuple[str, ...] = ()
    drop_ins: tuple[str, ...] = ()


class UnitFiles:
    """All units of one kind, by its ending, in some folders of units. Links that begin with `/` begin at `root`."""

    def __init__(self, folders: Iterable[str], ending: str = ENDING, root: str = "/") -> None:
        """List the folders. Raises CannotKnow when one cannot be read, or they hold too many services."""
        self._folders = tuple(folders)
        self._ending = ending
        self._root = root.rstrip("/")
        self._paths: dict[str, str] = {}  # the name of a unit -> its file
        self._links: dict[str, str] = {}  # a name -> the other name that it stands for
        self._places: dict[str, list[tuple[int, str]]] = {}  # the name of a folder of drop-ins -> where such ones are
        self._instances: set[str] = set()
        self._wants: dict[tuple[str, str], str] = {}  # who wants what -> the first link that says so
        for number, folder in enumerate(self._folders):
            for name in _names(folder):
                self._add(number, folder, name)

    def units(self, asked: Iterable[str] = ()) -> list[UnitFile]:
        """Every unit by its name: those with a file, and instances of templates that something starts or asks for.

        `asked` are names, with their endings, that are looked for as well.
        """
        found: dict[str, tuple[str, set[str]]] = {}
        for name in sorted({*self._paths, *self._links, *self._instances, *asked}):
            if not name.endswith(f"@{self._ending}") and (unit := self._unit(name)):
                found.setdefault(unit[0], (unit[1], set()))[1].add(name)
        if len(found) > UNITS_LIMIT:
            raise CannotKnow(f"there are more than {UNITS_LIMIT} {self._ending[1:]}s in {', '.join(self._folders)}")
        return [
            UnitFile(name, path, tuple(sorted(names - {name})), tuple(self._drop_ins(name, sorted(names - {name}))))
            for name, (path, names) in found.items()
        ]

    def wanted_by(self, unit: UnitFile) -> set[str]:
        """The units whose folders of links hold this one by any of its names; a link to /dev/null takes that back."""
        from guardrails.facts.service.unit_syntax import is_masked

        names = {unit.name, *unit.aliases}
        return {who for (who, name), path in self._wants.items() if name in names and not is_masked(path)}

    def _add(self, number: int, folder: str, name: str) -> None:
        path, ending = os.path.join(folder, name), self._ending
        if name.endswith(f"{ending}.d") or name == f"{ending[1:]}.d":
            self._places.setdefault(name, []).append((number, path))
        elif name.endswith(_WANTED):
            wanted = [one for one in _names(path) if one.endswith(ending)]
            self._instances.update(one for one in wanted if "@" in one)
            for one in wanted:
                self._wants.setdefault((name.rpartition(".")[0], one), os.path.join(path, one))
        elif name.endswith(ending) and name not in self._paths and name not in self._links:
            other = self._other_name(folder, name)
            if not other:
                self._paths[name] = path
            elif _may_stand_for(name, other, ending):
                self._links[name] = other
        if name.endswith(f"{ending}.d") and "@" in name and not name.endswith(f"@{ending}.d"):
            self._instances.add(name.removesuffix(".d"))

    def _other_name(self, folder: str, name: str) -> str:
        """The name that a link makes it stand for; empty when the file is a unit by its own name.

        A link into another folder than those of units is such a file, under the name of the link.
        """
        try:
            link = os.readlink(os.path.join(folder, name))
        except OSError:
            return ""  # no link
        target = self._root + link if link.startswith("/") else os.path.join(folder, link)
        where, other = os.path.split(os.path.normpath(target))
        if where not in self._folders or other == name or not other.endswith(self._ending):
            return ""
        return other

    def _unit(self, name: str) -> tuple[str, str] | None:
        """The proper name of a unit, and its file; None when there is none."""
        ending = self._ending
        for _ in range(_FOLLOWED):
            prefix, at, instance = name.removesuffix(ending).partition("@")
            template = f"{prefix}@{ending}" if at and instance else ""
            for one in (name, template):
                if one in self._paths:
                    return name, self._paths[one]
                if one in self._links:
                    name = self._links[one]
                    if name.endswith(f"@{ending}"):
                        name = f"{name.removesuffix(ending)}{instance}{ending}"
                    break
            else:
                return None
        return None

    def _drop_ins(self, name: str, aliases: Iterable[str]) -> list[str]:
        """The drop-ins of a unit in the order of their names: of two with one name, that of the first place counts.

        Places are, folder by folder, those of the name, its longer and shorter prefixes and its template; then those of
        its aliases; then those of all units of the kind.
        """
        if not self._places:
            return []
        from guardrails.facts.service.environment_files import list_configuration_files

        places = [
            place
            for one in (name, *aliases)
            for place in self._of_names(list(dict.fromkeys(_drop_in_names(one, self._ending))))
        ]
        places += self._of_names([f"{self._ending[1:]}.d"])
        return list_configuration_files(dict.fromkeys(places)) if places else []

    def _of_names(self, names: list[str]) -> list[str]:
        found = [(number, at, path) for at, name in enumerate(names) for number, path in self._places.get(name, ())]
        return [path for _, _, path in sorted(found)]


def _drop_in_names(name: str, ending: str) -> Iterator[str]:
    """The names of folders for the drop-ins of a unit, in their order, apart from those of all units of the kind."""
    yield f"{name}.d"
    prefix, _, instance = name.removesuffix(ending).partition("@")
    if instance:
        yield from _drop_in_names(f"{prefix}@{ending}", ending)
    shorter = prefix.rstrip("-").rpartition("-")[0]
    if shorter:
        yield from _drop_in_names(f"{shorter}-{'@' + instance if instance else ''}{ending}", ending)


def _may_stand_for(name: str, other: str, ending: str) -> bool:
    """Whether systemd takes a name for another one: both are of a template, with the same instance if any, or none."""
    _, at, instance = name.removesuffix(ending).partition("@")
    _, other_at, other_instance = other.removesuffix(ending).partition("@")
    return at == other_at and other_instance in ("", instance)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise CannotKnow(f"{folder} cannot be read: {error.strerror}") from None

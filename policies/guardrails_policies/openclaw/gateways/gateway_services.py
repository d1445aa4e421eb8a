"""The services that start a gateway, as their definitions say."""

from __future__ import annotations

import os

from guardrails import CannotKnow, Fact, Record
from guardrails.facts.files import read_json
from guardrails.facts.service.services import Services
from guardrails.facts.service.unit_files import Folders
from guardrails_policies.openclaw.owners import environments_at, environments_of_state
from guardrails_policies.openclaw.shell.gateway_commands import Launch, launch
from guardrails_policies.openclaw.shell.openclaw_programs import MARKERS
from guardrails_policies.openclaw.state.dotenv_files import open_secrets
from guardrails_policies.openclaw.state.state_dir import VARIABLE, VARIABLES, Resolved, resolve
from guardrails_policies.openclaw.versions import named_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails import World
    from guardrails.facts.service.services import Service


class GatewayService(Record):
    """A service that starts a gateway.

    `name` is its label or unit, `aliases` are its other names, `file` is its definition. `program` is the file that it
    runs, empty when that is not found, and `folder` the checkout or package that this is in; `environments` are those
    whose repository that is. `off`: its manager is told not to start it. `trouble` is why the definition cannot be
    read, and then it may start anything.

    `state_dir` is where that gateway keeps its state, `because` how that is known, and `states` are the environments
    whose state that is; `otherwise` is another directory that it may be, and `maybe` the environments of that.
    `configuration` is the file that it is configured by, empty when that is the state's own. `doubt` is why any of this
    may be otherwise.

    `written` are the variables of its manager that say where its state is, and `plain`: nothing else has a say in it.
    `own_folder` is where the user's own units are. `secrets` are the names of variables and options whose secret values
    stand in the definition, `open_files` other files that secret variables come from and that others may read, each
    with its mode.
    """

    name: str
    file: str
    folder: str = ""
    state_dir: str = ""
    because: str = ""
    otherwise: str = ""
    program: str = ""
    environments: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    off: bool = False
    doubt: str = ""
    trouble: str = ""
    aliases: tuple[str, ...] = ()
    configuration: str = ""
    open_files: tuple[tuple[str, int], ...] = ()
    written: tuple[str, ...] = ()
    plain: bool = False
    own_folder: str = ""
    maybe: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names that lead to it."""
        return (self.name, *self.aliases)


class GatewayServices(Fact):
    """Every service that starts a gateway, or whose definition cannot be read.

    `named` is the name of the one that the environment is configured with, `repo` its repository. `of_others` are the
    names that the other environments are configured with.
    """

    environment: str
    named: str | None
    services: tuple[GatewayService, ...]
    home: str = ""
    repo: str = ""
    of_others: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[GatewayService, ...]:
        """The services with the configured name: a launchd label, or a unit with or without its ending, or an alias."""
        name = (self.named or "").removesuffix(".service")
        return tuple(service for service in self.services if name and name in service.names)

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read the definitions and what they name. Raises CannotKnow when the folders of them cannot be read."""
        services: Services = await world.fact(Services, (*MARKERS, world.home, "%h"))
        found = [one for service in services.services if (one := _gateway(service, world)) is not None]
        asked = world.environment
        others = [one.service for one in world.environments.values() if one.name != asked.name and one.service]
        named = tuple(name.removesuffix(".service") for name in others)
        return cls(asked.name, asked.service, tuple(found), world.home, asked.repo, named)


def _gateway(service: Service, world: World) -> GatewayService | None:
    configured = [(one.service or "").removesuffix(".service") for one in world.environments.values()]
    found = GatewayService(service.name, service.path, off=service.off, aliases=service.aliases)
    if service.trouble:
        return found.replaced(trouble=service.trouble)
    try:
        repos = [environment.repo for environment in world.environments.values()]
        for command in (service.command, *service.before):
            started = launch(command, service.folder, service.variables, home=world.home, repos=repos)
            if started is not None:
                return _started(found, service, started, world)
    except CannotKnow as error:
        return found.replaced(trouble=str(error))
    if not any(name in configured for name in service.names):
        return None
    trouble = "" if service.off else f"{service.path} starts no gateway that can be recognised"
    return found.replaced(trouble=trouble)


def _started(found: GatewayService, service: Service, started: Launch, world: World) -> GatewayService:
    state = _state(started, world.home)
    files = [path for path in service.files if path != service.path]
    return found.replaced(
        folder=package_folder(started.program),
        state_dir=state.path,
        because=state.because,
        otherwise=state.otherwise,
        configuration=state.configuration,
        program=started.program,
        environments=environments_at(started.program, world),
        states=environments_of_state(state.path, world),
        secrets=service.secrets,
        doubt=started.doubt or service.doubt,
        open_files=open_secrets([*files, os.path.join(state.path, ".env")]),
        written=tuple(name for name in VARIABLES if name in service.variables),
        plain=not files and state.because.startswith(VARIABLE) and "(" not in state.because and _same(started, service),
        maybe=environments_of_state(state.otherwise, world),
        own_folder=Folders.of(world.home, world.variables).own_units,
    )


def _same(started: Launch, service: Service) -> bool:
    """Whether the gateway gets the variables that its manager gives."""
    return all(started.variables.get(name) == service.variables.get(name) for name in VARIABLES)


def _state(started: Launch, home: str) -> Resolved:
    said = started.variables.get("OPENCLAW_SERVICE_VERSION", "")
    version = package_version(started.program) or named_version(said)
    return resolve(started.variables, started.arguments, home=home, folder=started.folder, version=version)


def package_folder(program: str) -> str:
    """The checkout or package that a program belongs to: the nearest folder with a `package.json` or a `.git`."""
    folder = program
    while program and folder != os.path.dirname(folder):
        if any(os.path.lexists(os.path.join(folder, name)) for name in ("package.json", ".git")):
            return folder
        folder = os.path.dirname(folder)
    return os.path.dirname(program).removesuffix("/dist")


def package_version(program: str) -> str:
    """The version that the package of a program says it has, such as 2026.1.30; empty when nothing says it."""
    try:
        content = read_json(os.path.join(package_folder(program), "package.json")) if program else None
    except (FileNotFoundError, CannotKnow):
        return ""  # then the rules of every known version are asked
    return named_version(content.get("version") if isinstance(content, dict) else None)

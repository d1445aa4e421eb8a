"""What there is of OpenClaw on this machine: checkouts, state directories, and the services that start gateways.

Only known places are looked at: the home directory itself, not what is below it, and where service definitions point.
"""

from __future__ import annotations

import os

from guardrails import CannotKnow, Checkout, Environment, Fact, Record, World
from guardrails.facts.approval.upstream import upstream_of
from guardrails_policies.openclaw.cron.jobs import CronJob
from guardrails_policies.openclaw.cron.stores import CronStore
from guardrails_policies.openclaw.gateways.gateway_services import GatewayService, GatewayServices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

ENTRIES_LIMIT = 100_000  # of a home directory
PLACES_LIMIT = 100  # checkouts, or state directories

_REPOSITORIES = ("openclaw", "moltbot", "clawdbot", "moldbot")  # what their folders' names begin with
_STATES = (".openclaw", ".clawdbot", ".moltbot", ".moldbot")  # the product's earlier names, in the order it tries them
_PROFILES = ".openclaw-"  # what `--profile` and `--dev` put before the profile's name


class Repository(Record):
    """A checkout. `branch` is None on a detached HEAD, `upstream` None when nothing tells where updates come from.

    `trouble` says why it cannot be read.
    """

    path: str
    branch: str | None = None
    upstream: str | None = None
    trouble: str = ""


class StateFolder(Record):
    """A state directory, the cron jobs in it, or the `trouble` with reading them."""

    path: str
    jobs: tuple[CronJob, ...] = ()
    trouble: str = ""


class Gateway(Record):
    """A service that starts a gateway: its name, its definition, and the checkout or folder that its program is in.

    `state_dir` is where that gateway keeps its state, and `because` how that is known.
    """

    name: str
    file: str
    repo: str
    state_dir: str
    because: str


class Machine(Fact):
    """Everything found; what several names lead to is listed once.

    `passed_over` are the service definitions that are turned off or cannot be read, each with the reason.
    """

    home: str
    repositories: tuple[Repository, ...] = ()
    states: tuple[StateFolder, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    passed_over: tuple[tuple[str, str], ...] = ()

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Look into the home directory. Raises CannotKnow when that cannot be read, or holds too much."""
        names = _names(world.home)
        gateways, passed_over = await _gateways(world)
        checkouts = [os.path.join(world.home, name) for name in names if name.startswith(_REPOSITORIES)]
        checkouts += [gateway.repo for gateway in gateways if gateway.repo != world.home]
        repos = _distinct(path for path in checkouts if os.path.lexists(os.path.join(path, ".git")))
        repositories = [world.start(_repository(world, path)) for path in repos.values()]
        folders = [os.path.join(world.home, name) for name in _STATES if name in names]
        folders += [os.path.join(world.home, name) for name in names if name.startswith(_PROFILES)]
        folders += [gateway.state_dir for gateway in gateways]
        states = _distinct(path for path in folders if os.path.isdir(path))
        return cls(
            world.home,
            tuple([await one for one in repositories]),
            tuple([await _state(world, path) for path in states.values()]),
            tuple(_by_the_same_names(gateway, repos, states) for gateway in gateways),
            passed_over,
        )


async def _gateways(world: World) -> tuple[tuple[Gateway, ...], tuple[tuple[str, str], ...]]:
    """The services that start a gateway, and the definitions that are passed over, with the reason."""
    known: GatewayServices = await world.fact(GatewayServices)
    started = [service for service in known.services if not service.trouble and not service.off]
    others = [(service.file, service.trouble or "it is turned off") for service in known.services]
    gateways = [_gateway(service, world.home) for service in started]
    return tuple(gateways), tuple(other for other in others if other[0] not in {one.file for one in gateways})


def _gateway(service: GatewayService, home: str) -> Gateway:
    because = f"{service.because} in the service {service.name}"
    if service.otherwise:
        because += f", or {service.otherwise} if its version is another"
    if service.doubt:
        because += f"; but {service.doubt}"
    return Gateway(service.name, service.file, _checkout(service.folder, home), service.state_dir, because)


def _checkout(folder: str, home: str) -> str:
    """The checkout that a folder is in, up to but not with the home directory; else the folder itself."""
    above = folder
    while above not in ("", "/", home):
        if os.path.lexists(os.path.join(above, ".git")):
            return above
        above = os.path.dirname(above)
    return folder


def _by_the_same_names(gateway: Gateway, repos: Mapping[str, str], states: Mapping[str, str]) -> Gateway:
    """The gateway with the names under which its places are listed."""
    repo, state = (os.path.realpath(path) for path in (gateway.repo, gateway.state_dir))
    return gateway.replaced(repo=repos.get(repo, gateway.repo), state_dir=states.get(state, gateway.state_dir))


def _names(home: str) -> list[str]:
    names = []
    try:
        with os.scandir(home) as entries:
            for number, entry in enumerate(entries):
                if number >= ENTRIES_LIMIT:
                    raise CannotKnow(f"{home} holds more than {ENTRIES_LIMIT} entries")
                names.append(entry.name)
    except OSError as error:
        raise CannotKnow(f"{home} cannot be read: {error.strerror}") from None
    return sorted(names)


def _distinct(paths: Iterable[str]) -> dict[str, str]:
    """Each place once: real path -> the name for it, one that is no link where there is one.

    The older names of a state directory may be links to the newer.
    """
    found: dict[str, str] = {}
    for path in paths:
        real = os.path.realpath(path)
        if found.setdefault(real, path) != real and path == real:
            found[real] = path
    if len(found) > PLACES_LIMIT:
        raise CannotKnow(f"there are more than {PLACES_LIMIT} checkouts or state directories")
    return found


async def _repository(world: World, path: str) -> Repository:
    try:
        checkout: Checkout = await world.fact(Checkout, path)
        return Repository(path, checkout.branch, await upstream_of(checkout))
    except CannotKnow as error:
        return Repository(path, trouble=str(error))


async def _state(world: World, path: str) -> StateFolder:
    environment = Environment(name="prod", repo=world.home, state_dir=path)
    beside = World(environment, {"prod": environment}, at=world.at, home=world.home, timeout=world.timeout)
    try:
        store = await CronStore.gather(beside)
    except CannotKnow as error:
        return StateFolder(path, trouble=str(error))
    if store.foreign and not store.jobs:
        key = store.foreign[0].store_key
        return StateFolder(path, trouble=f"its cron jobs are filed under {key}, where its gateway does not see them")
    return StateFolder(path, store.jobs)

"""The gateways that are running, and the state that each of them uses.

A gateway gives itself a title, which takes the place of its command line: `openclaw-gateway`, or in some versions
`openclaw` as every client does. So its program and its options can no longer be seen. Its open files tell that it is a
gateway, and on which state: the stores of the state and its lock, beside a socket that listens. Without these, its
environment and the folder where it was started must do.
"""

from __future__ import annotations

import os

from guardrails import CannotKnow, Fact, Record, Table
from guardrails.facts.programs.open_files import are_any, identities
from guardrails.facts.programs.process_table import Process, ProcessTable
from guardrails.facts.witness import disregard
from guardrails_policies.openclaw.gateways.gateway_locks import Lock, lock_folders, read_locks
from guardrails_policies.openclaw.gateways.gateway_programs import STARTED_BY, launch_of, program_of, service_of
from guardrails_policies.openclaw.gateways.gateway_services import GatewayServices, package_version
from guardrails_policies.openclaw.gateways.open_state_files import lock_folders_of, state_of, stores_of
from guardrails_policies.openclaw.owners import environments_of_state, may_write
from guardrails_policies.openclaw.state.configuration import expand
from guardrails_policies.openclaw.state.state_dir import VARIABLE, VARIABLES, Resolved, resolve
from guardrails_policies.openclaw.versions import TITLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from guardrails import World

TITLES = tuple(f"{name}-gateway" for name in ("openclaw", "clawdbot", "moltbot", "moldbot"))
SHARED_TITLES = tuple(title for title in TITLE.at("") if title not in TITLES)  # which clients have too
_TEMPORARY = ("TMPDIR", "TMP", "TEMP")  # in the order of Node.js
_ASKED = (*VARIABLES, *STARTED_BY, *_TEMPORARY, "OPENCLAW_SERVICE_VERSION", "npm_package_json")
_START_SLACK = 2.0  # seconds by which a lock may seem older than its process


class Gateway(Record):
    """A gateway that is running.

    `state_dir` is the state that it uses, empty when `trouble` says why that cannot be known, and `because` how it is
    known; `otherwise` is the directory when it is of another version than it seems. `states` are the environments whose
    state that is, `doubtful` says that the other directory is not that of the same environments. `program` is the file
    or folder that shows whose repository it runs, empty when nothing does, and `environments` those whose repository
    that is in. `service` is the name of the service that started it. `profile` is the one that its command line chose,
    when the state is that profile's own. `lock` is the lock that it holds, empty when there is none, and `config_path`
    the file that this lock is named after.
    """

    pid: int
    state_dir: str
    because: str
    states: tuple[str, ...] = ()
    otherwise: str = ""
    doubtful: bool = False
    program: str = ""
    environments: tuple[str, ...] = ()
    folder: str = ""
    service: str = ""
    profile: str = ""
    lock: str = ""
    config_path: str = ""
    trouble: str = ""


class Gateways(Fact):
    """Every gateway that is running on this machine, and the locks of this environment that are left over.

    `services_of_others` are the names of the services that the other environments are configured with.
    """

    environment: str
    running: tuple[Gateway, ...] = ()
    stale: tuple[str, ...] = ()
    services_of_others: tuple[str, ...] = ()

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Look at processes, their environments and their locks.

        Raises CannotKnow when processes cannot be listed or a lock cannot be read.
        """
        services: GatewayServices = await world.fact(GatewayServices)
        locks = _locks(world, [service.state_dir for service in services.services])
        pids = tuple(sorted({lock.pid for lock in locks if lock.stale is not True}))
        words = (*TITLES, "gateway")
        table: ProcessTable = await world.fact(ProcessTable, words, pids, _ASKED, _stores(world), SHARED_TITLES)
        if table.processes:  # they say where else locks may be
            more = _locks(world, [], table.processes)
            locks += [lock for lock in more if lock.path not in {one.path for one in locks}]
        held = [lock for lock in locks if lock.stale is not True]
        owned = {one.pid: [lock for lock in held if _owns(one, lock)] for one in table.processes}
        repos = [environment.repo for environment in world.environments.values()]
        found = [one for one in table.processes if owned[one.pid] or _is_gateway(one, world, repos)]
        parents = {one.parent for one in found}  # what has started a gateway, and waits for it, is not a gateway itself
        own = [one for one in found if owned[one.pid] or one.listens or _has_title(one) or one.pid not in parents]
        running = tuple(_gateway(one, owned[one.pid], services, world) for one in own)
        taken = {lock.path for mine in owned.values() for lock in mine}
        left = tuple(lock.path for lock in locks if lock.path not in taken and _is_of(lock, world))
        ours = {lock.path for one in running if _concerns(one) for lock in owned[one.pid]}
        disregard(lock.path for lock in locks if lock.path not in ours and lock.path not in left)
        others = [one.service for one in world.environments.values() if one is not world.environment and one.service]
        named = tuple(name.removesuffix(".service") for name in others)
        return cls(world.environment.name, running, left, named)


def _stores(world: World) -> tuple[str, ...]:
    states = [environment.state_dir for environment in world.environments.values() if environment.state_dir]
    return tuple(store for state in states for store in stores_of(state))


def _locks(world: World, states: Iterable[str], processes: Iterable[Process] = ()) -> list[Lock]:
    temporary = [_temporary(world.variables), "/tmp"]  # noqa: S108 -- where Node.js puts what has no other place
    users = {os.getuid()}
    known = [environment.state_dir for environment in world.environments.values()] + list(states)
    opened: list[str] = []
    for process in processes:
        opened += lock_folders_of(_paths(process))
        if process.variables is not None:
            users.add(process.user)
            temporary.append(_temporary(process.variables))
            try:
                known.append(_resolve_state(process, world, "").path)
            except CannotKnow:
                pass  # what it has open tells where its lock is
    folders = lock_folders(filter(None, known), temporary, sorted(users))
    return read_locks(dict.fromkeys([*folders, *opened]))


def _paths(process: Process) -> list[str]:
    return [file.path for file in process.files or ()]


def _concerns(gateway: Gateway) -> bool:
    """Whether a gateway has, or may have, to do with an environment; others come and go as they like."""
    return bool(gateway.states or gateway.environments or gateway.doubtful or gateway.trouble)


def _is_of(lock: Lock, world: World) -> bool:
    """Whether a lock is one of the environment in question, as far as it says."""
    state = lock.state_dir or os.path.dirname(lock.config_path)
    return world.environment.name in environments_of_state(state, world)


def _temporary(variables: Mapping[str, str]) -> str:
    return next((variables[name] for name in _TEMPORARY if variables.get(name)), "/tmp")  # noqa: S108


def _owns(process: Process, lock: Lock) -> bool:
    """Whether a lock is this process's and not that of an earlier one with the same id."""
    if process.pid != lock.pid:
        return False
    if lock.ticks is not None and process.ticks is not None:
        return lock.ticks == process.ticks
    return process.started <= lock.created + _START_SLACK


def _is_gateway(process: Process, world: World, repos: list[str]) -> bool:
    if _has_title(process):
        return True
    if _may_have_title(process):
        return process.listens is not False
    started = launch_of(process, world, repos)
    if started is not None and not started.doubt:  # an editor or a search has such a command line too
        return True
    return process.listens is True and (bool(_environments_held(process, world)) or bool(state_of(_paths(process))))


def _has_title(process: Process) -> bool:
    return os.path.basename((process.arguments or ("",))[0]) in TITLES


def _may_have_title(process: Process) -> bool:
    """Whether a process calls itself what a gateway and a client of the same version call themselves."""
    title, *rest = process.arguments or ("",)
    return title in SHARED_TITLES and not any(rest)


def _environments_held(process: Process, world: World) -> tuple[str, ...]:
    """The environments a store of whose state a process has open."""
    return tuple(
        one.name
        for one in world.environments.values()
        if one.state_dir and are_any(process.files or (), identities(stores_of(one.state_dir)))
    )


def _gateway(process: Process, locks: list[Lock], services: GatewayServices, world: World) -> Gateway:
    found = _place(process, locks, services, world)
    return found.replaced(profile=_profile(found.state_dir, process, world))


def _place(process: Process, locks: list[Lock], services: GatewayServices, world: World) -> Gateway:
    service = service_of(process, services)
    program, environments = program_of(process, launch_of(process, world), service, services, world)
    lock = next((one for one in locks if one.state_dir), locks[0] if locks else None)
    found = Gateway(
        process.pid,
        "",
        "",
        program=program,
        environments=environments,
        folder=process.folder or "",
        service=service,
        lock=lock.path if lock else "",
        config_path=lock.config_path if lock else "",
    )
    if lock and lock.state_dir:
        states = environments_of_state(lock.state_dir, world)
        return found.replaced(state_dir=lock.state_dir, because=f"its lock {lock.path}", states=states)
    states, opened = _environments_held(process, world), state_of(_paths(process))
    if states or opened:
        state_dir = world.environments[states[0]].state_dir if states else opened
        return found.replaced(state_dir=state_dir, because=f"it has a store of {state_dir} open", states=states)
    if process.variables is None or (_may_have_title(process) and process.listens is None):
        return _unseen(found, process, world)
    try:
        state = _resolve_state(process, world, package_version(program), lock)
    except CannotKnow as error:
        return found.replaced(trouble=f"which state process {process.pid} uses cannot be told: {error}")
    if not os.path.isabs(state.path):
        return found.replaced(trouble=f"process {process.pid} has {state.because}, relative to nobody knows where")
    possible = [environments_of_state(path, world) for path in state.paths]
    return found.replaced(
        state_dir=state.path,
        because=state.because,
        otherwise=state.otherwise,
        states=possible[0],
        doubtful=len(set(possible)) > 1,
    )


def _profile(state: str, process: Process, world: World) -> str:
    """The profile whose own directory a state is, although no variable of the process says so."""
    variables = process.variables or {}
    home = variables.get("OPENCLAW_HOME") or variables.get("HOME") or world.home
    if not state.startswith(f"{home}/.openclaw-") or expand(variables.get(VARIABLE, ""), home) == state:
        return ""
    return state.removeprefix(f"{home}/.openclaw-")


def _unseen(found: Gateway, process: Process, world: World) -> Gateway:
    """A gateway of somebody else, who may keep it from being looked at."""
    if not may_write(process.user, world.environment.state_dir):
        return found.replaced(because=f"user {process.user} cannot write elsewhere")
    if _may_have_title(process):
        trouble = f"process {process.pid} of user {process.user} may be a gateway, and what it has open cannot be read"
    else:
        trouble = f"the environment of process {process.pid}, a gateway of user {process.user}, cannot be read"
    return found.replaced(trouble=trouble)


def _resolve_state(process: Process, world: World, version: str, lock: Lock | None = None) -> Resolved:
    """The state by the variables of a process; a profile, which only its options name, shows in a lock's name."""
    variables = process.variables or Table()
    started = launch_of(process, world)
    arguments = started.arguments if started else ()
    version = version or variables.get("OPENCLAW_SERVICE_VERSION", "")
    state = resolve(variables, arguments, home=world.home, folder=process.folder or "", version=version)
    beside = os.path.dirname(lock.config_path) if lock else ""
    if state.because.endswith("is not set") and os.path.basename(beside).startswith(".openclaw-"):
        return Resolved(beside, f"its configuration is in {beside}")
    return state

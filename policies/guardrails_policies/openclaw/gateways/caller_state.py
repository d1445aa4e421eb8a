"""The state directory that a gateway would use if the caller started it now."""

from __future__ import annotations

from guardrails import CannotKnow, Fact, Record
from guardrails_policies.openclaw.gateways.gateway_services import package_version
from guardrails_policies.openclaw.owners import environments_of_state
from guardrails_policies.openclaw.shell.gateway_commands import arguments_of, launch
from guardrails_policies.openclaw.state.state_dir import (
    Resolved,
    legacy_variables,
    named_profile,
    profile_folder,
    resolve,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from guardrails import World

_STEP = "the step `"


class PlannedState(Record):
    """The state of one gateway that would be started, and by what: a step of the operation, or the caller's variables.

    `otherwise` is another directory that it may be. `states` are the environments whose state the first directory is,
    `certain` says that the other is that of the same environments. `configuration` is the file that it would be
    configured by, empty when that is the state's own. `doubt` is why any of this may be otherwise.
    """

    what: str
    state_dir: str
    because: str
    states: tuple[str, ...]
    otherwise: str = ""
    certain: bool = True
    configuration: str = ""
    doubt: str = ""


class CallerState(Fact):
    """Where gateways that are started now would keep their state; none is planned by a standing check.

    `legacy` are variables with one of the product's earlier names that the caller has set.
    """

    environment: str
    planned: tuple[PlannedState, ...] = ()
    legacy: tuple[str, ...] = ()

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Resolve the caller's variables, and those of each step that starts a gateway.

        Raises CannotKnow when a file that has a say in them cannot be read.
        """
        if world.operation is None:
            return cls(world.environment.name)
        version = package_version(f"{world.environment.repo}/package.json")
        planned = list(_steps(world, version))
        exact = world.operation.steps != world.operation.configured  # then what is about to run is known
        if not (exact and any(one.what.startswith(_STEP) for one in planned)):
            given = resolve(world.variables, (), home=world.home, folder=world.environment.repo, version=version)
            planned.insert(0, _planned("the command about to run", given, world))
        return cls(world.environment.name, tuple(planned), tuple(sorted(legacy_variables(world.variables))))


def _steps(world: World, version: str) -> Iterator[PlannedState]:
    environment = world.environment
    repos = [one.repo for one in world.environments.values()]
    own = {name: environment.filled(text, world.home) for name, text in environment.variables.items()}
    for step in world.operation.steps if world.operation else ():
        words = ("sh", "-c", step)
        if profile := named_profile(arguments_of(words, home=world.home)):
            place = Resolved(profile_folder(profile, world.home), f"--profile {profile}")
            yield _planned(f"the profile in the step `{step}`", place, world)  # its service and settings are there
        try:
            started = launch(words, environment.repo, {**world.variables, **own}, home=world.home, repos=repos)
        except CannotKnow as error:
            yield PlannedState(f"{_STEP}{step}`", "", "", (), doubt=str(error))
            continue
        if started is not None:
            known = package_version(started.program) or version
            state = resolve(started.variables, started.arguments, home=world.home, folder=started.folder, version=known)
            yield _planned(f"{_STEP}{step}`", state, world).replaced(doubt=started.doubt)


def _planned(what: str, state: Resolved, world: World) -> PlannedState:
    states = environments_of_state(state.path, world)
    certain = not state.otherwise or environments_of_state(state.otherwise, world) == states != ()
    return PlannedState(what, state.path, state.because, states, state.otherwise, certain, state.configuration)

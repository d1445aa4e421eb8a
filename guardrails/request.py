"""What is asked, as one frozen record; and what it means on this machine.

A command line, a hook or a program makes a `Request`; `guardrails.judgement` answers it. Between the two stands the
`Question`: the settings that are in force, the environment, the world to look at, and the policies that apply.
"""

from __future__ import annotations

import os

from guardrails import config
from guardrails.config import places
from guardrails.config.settings import (
    always_on,
    environment_named,
    guardrails_for,
    hint_at_known,
    log_of,
    moment,
    operation_of,
    select_policies,
    sources,
)
from guardrails.errors import UsageError
from guardrails.model import RefUpdate
from guardrails.policy import World
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.audit.chain import Head
    from guardrails.calls import Action
    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.guards import Guards
    from guardrails.model import Environment, Operation


class Request(Record):
    """One question to the policies; what is left alone is as for `guardrails check` without options.

    `environment` may be None where there is one alone, or where the working directory lies in its repository.
    `operation` None asks for what holds at all times; `after` asks for what must hold after it. `candidate` is a
    revision. `at` is in seconds since the epoch, None for now. `config` is a path, `config_ref` a ref of the repository
    around the working directory, of which one may be given. `policies` and `skipped` narrow what is judged, by id.
    `updates` are the refs that a push moves, and `remote` is its name and address. `actions` are what a tool call would
    do to the environment, None when none is in question. `timeout` is in seconds, for each
    policy and each look at the world; `jobs` is how many child processes may live at once.
    """

    environment: str | None = None
    operation: str | None = None
    after: bool = False
    candidate: str | None = None
    at: float | None = None
    config: str | None = None
    config_ref: str | None = None
    policies: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    updates: tuple[RefUpdate, ...] | None = None
    remote: tuple[str, str] | None = None
    actions: tuple[Action, ...] | None = None
    online: bool = False
    timeout: float = 10.0
    jobs: int = 16

    def __post_init__(self) -> None:
        """Refuse what does not fit together, with UsageError."""
        if self.after and not self.operation:
            raise UsageError("--after needs --op")
        if self.config is not None and self.config_ref is not None:
            raise UsageError("a configuration is named by its path or by a ref, not by both")


class Question:
    """A request understood. `started` is in seconds since the epoch.

    `settings` take the place of those that the request names, when they are loaded already. Raises UsageError for a
    name that does not exist, and ConfigurationError or PluginError as `config.load` does.
    """

    def __init__(self, request: Request, started: float, *, settings: Settings | None = None) -> None:
        self.request = request
        self.started = started
        self.logged: Head | None = None  # where the log ended once the answer was recorded
        self.moment = moment(request.operation, after=request.after)
        at = started if request.at is None else request.at
        ratchet = None
        if request.config_ref is not None:
            settings, ratchet = config.load_trusted(request.config_ref, request.candidate)
        self.settings = config.settings_at(settings or config.load(request.config), now=started, at=at)
        self.environment = find_environment(self.settings, request.environment)
        self.world = world_of(
            self.settings,
            self.environment,
            at=at,
            operation=self._operation(request.operation) if request.operation else None,
            online=request.online,
            ratchet=ratchet,
            guards=self._guards,
            log=log_of(self.settings.audit, self.environment, self.settings.environments),
            timeout=request.timeout,
        )

    def applicable(self) -> list[PolicySetting]:
        """The policies of the moment in the environment, by name, without those that are always on."""
        chosen = select_policies(self.settings, self.environment.name, self.moment)
        always = {policy.name for policy in self.always}
        return [policy for policy in chosen if policy.name not in always]

    def narrowed(self) -> tuple[list[PolicySetting], list[str]]:
        """The applicable policies that the request leaves in, and the ids of those that it leaves out.

        Raises UsageError for an id that does not apply.
        """
        applicable, request = self.applicable(), self.request
        names = [policy.name for policy in applicable]
        configured = [policy.name for policy in self.settings.policies]
        for name in (*request.policies, *request.skipped):
            if name not in configured:
                raise UsageError(f"unknown policy {name}; {hint_at_known(name, configured)}")
            if name in request.policies and name not in names:
                raise UsageError(f"{name} does not apply at this moment; guardrails policies shows its moments")
        only = request.policies or names
        left_out = [name for name in names if name not in only or name in request.skipped]
        return [policy for policy in applicable if policy.name not in left_out], left_out

    @property
    def always(self) -> list[PolicySetting]:
        """The policies that no configuration, moment or narrowing leaves out: with a trusted ref, `tightening-only`."""
        if self.world.ratchet is None:
            return []
        from guardrails.tightening import TighteningOnly

        return [always_on(TighteningOnly, self.environment.name)]

    def _operation(self, name: str) -> Operation:
        request = self.request
        asked = operation_of(self.settings, name, self.environment.name, request.candidate)
        return asked.replaced(
            after=request.after, updates=request.updates, remote=request.remote, actions=request.actions
        )

    def _guards(self) -> Guards:
        from guardrails.hooks.memory import required_guards  # while git is at work

        return required_guards(self.settings, self.environment, places.find_configuration(self.request.config))


def world_of(
    settings: Settings, environment: Environment, *, at: float, operation: Operation | None = None, **rest: Any
) -> World:
    """The world around an environment, by the settings and the caller's variables; `rest` goes to World."""
    return World(
        environment,
        settings.environments,
        at=at,
        home=places.home(),
        operation=operation,
        variables=dict(os.environ),
        sources=sources(settings, environment.name),
        options={policy.name: policy.options for policy in settings.policies},
        trust=settings.trust,
        guardrails=guardrails_for(settings, environment.name),
        **rest,
    )


def find_environment(settings: Settings, name: str | None) -> Environment:
    """The environment as named, or the only one, or the one whose repository this is. Raises UsageError for others."""
    if name:
        return environment_named(settings, name)
    here = os.path.realpath(os.getcwd()) + os.sep
    environments = settings.environments
    found = [
        environment
        for environment in environments.values()
        if len(environments) == 1 or here.startswith(os.path.realpath(environment.repo) + os.sep)
    ]
    if len(found) != 1:
        raise UsageError(f"which environment? add --env; known: {', '.join(sorted(environments))}")
    return found[0]

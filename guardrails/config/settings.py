"""Validated configuration as plain records, and which policies apply at a moment."""

from __future__ import annotations

import os
from types import MappingProxyType

from guardrails.config import places
from guardrails.errors import ConfigurationError, UsageError
from guardrails.model import Audit, Enforcement, Operation, Trust
from guardrails.record import Record
from guardrails.remedies import Guardrails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from guardrails.model import Environment, Waiver
    from guardrails.policy import Policy

STANDING = "standing"


class OperationSetting(Record):
    """One operation: where it happens (None: any environment), where its candidate comes from, and its end.

    `rescue`: what its reset would lose is saved first; `carry_to`: the environment that gets that as a branch.
    """

    environment: str | None = None
    candidate_from: str | None = None
    moves_head_to: str | None = None
    steps: tuple[str, ...] = ()
    rescue: bool = False
    carry_to: str | None = None


class PolicySetting(Record):
    """One instance of a policy. `when` and `enforcement` are by environment; `location` is `module:Class`."""

    name: str
    use: str
    location: str
    title: str
    source: str
    severity: str
    when: Mapping[str, tuple[str, ...]]
    enforcement: Mapping[str, str]
    options: Mapping[str, Any]


class Watch(Record):
    """How often `guardrails watch` checks, and who is told; durations as they are written.

    `webhook`, `notify` and `ping` are addresses, each a secret as a whole. `textfile` is an absolute path.
    """

    every: str = "15m"
    webhook: str | None = None
    notify: tuple[str, ...] = ()
    ping: str | None = None
    textfile: str | None = None
    remind: str | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses that are set."""
        return tuple(filter(None, (self.webhook, *self.notify, self.ping)))


class Settings(Record):
    """The whole effective configuration. `source` and `digest` are those of the report's `policy_set`.

    `guards` are the kinds of hooks that must be installed, by environment; `programs` the rows that plugins bring for
    programs that agents call, as `module:ROW` by the program's name. `extended` are the files that `source` extends,
    directly or not; profiles are not among them. `watch` is None where it was not asked for: its addresses are secrets,
    and no snapshot keeps them.
    """

    source: str
    digest: str
    environments: Mapping[str, Environment]
    operations: Mapping[str, OperationSetting]
    policies: tuple[PolicySetting, ...]
    trust: Trust = Trust()
    waivers: tuple[Waiver, ...] = ()
    audit: Audit = Audit("")
    guards: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    programs: Mapping[str, str] = MappingProxyType({})
    extended: tuple[str, ...] = ()
    watch: Watch | None = None


def make_setting(
    policy: type[Policy],
    *,
    name: str | None = None,
    title: str | None = None,
    when: Mapping[str, tuple[str, ...]] | None = None,
    enforcement: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> PolicySetting:
    """The setting of a policy; its name and title are those of the policy unless others are given."""
    return PolicySetting(
        name=name or policy.id,
        use=policy.id,
        location=f"{policy.__module__}:{policy.__qualname__}",
        title=policy.title if title is None else title,
        source=policy.source,
        severity=policy.severity.value,
        when=when or {},
        enforcement=enforcement or {},
        options=options or {},
    )


def restore_setting(data: Mapping[str, Any]) -> PolicySetting:
    """A setting from plain data. Raises KeyError, TypeError, ValueError or AttributeError for something else."""
    when = {environment: tuple(moments) for environment, moments in data["when"].items()}
    return PolicySetting(**{**data, "when": when})


def always_on(policy: type[Policy], environment: str) -> PolicySetting:
    """A policy that applies under every configuration: hard-mandatory in this environment, at its defaults."""
    return make_setting(policy, enforcement={environment: Enforcement.HARD_MANDATORY.value})


def log_of(audit: Audit, environment: Environment, environments: Mapping[str, Environment]) -> str:
    """The path of an environment's audit log. Raises ConfigurationError when it is inside of what is inspected."""
    try:
        path = audit.log_of(environment)
    except ValueError as error:
        raise ConfigurationError(f"audit.path: {error}") from None
    require_outside("audit.path", path, environments)
    return path


def require_outside(name: str, path: str, environments: Mapping[str, Environment]) -> None:
    """Raise ConfigurationError when what we write, by the name of its setting, is inside of what is inspected."""
    where = os.path.realpath(path)
    for one in environments.values():
        for key in ("repo", "state_dir"):
            folder = getattr(one, key)
            if folder and f"{where}/".startswith(os.path.realpath(folder).rstrip("/") + "/"):
                raise ConfigurationError(f"{name}: {path} is inside of the {key} of {one.name}, {folder}")


def moment(operation: str | None, *, after: bool = False) -> str:
    """The moment's name in `when`: `standing`, the operation, or `after` it."""
    if operation is None:
        return STANDING
    return f"after {operation}" if after else operation


def hint_at_known(name: str, known: list[str]) -> str:
    """A hint at the known name that was probably meant, or at all of them; for the end of an error line."""
    return did_you_mean(name, {one: one for one in known}) or f"known: {', '.join(sorted(known)) or 'none'}"


def did_you_mean(word: str, known: Mapping[str, str]) -> str:
    """A question that names the nearest known word; empty when none is near."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1)
    return f"did you mean {known[close[0]]}?" if close else ""


def environment_named(settings: Settings, name: str) -> Environment:
    """The environment of that name. Raises UsageError with the nearest one."""
    if name not in settings.environments:
        raise UsageError(f"unknown environment {name}; {hint_at_known(name, list(settings.environments))}")
    return settings.environments[name]


def operation_named(settings: Settings, name: str, environment: str) -> OperationSetting:
    """The operation of that name, if it happens in that environment. Raises UsageError otherwise."""
    if name not in settings.operations:
        raise UsageError(f"unknown operation {name}; {hint_at_known(name, list(settings.operations))}")
    operation = settings.operations[name]
    if operation.environment not in (None, environment):
        raise UsageError(f"{name} happens in {operation.environment}, not in {environment}")
    return operation


def operation_of(settings: Settings, name: str, environment: str, candidate: str | None) -> Operation:
    """The operation as it stands in the configuration, before it. Raises UsageError as `operation_named` does."""
    setting = operation_named(settings, name, environment)
    return Operation(
        name=name,
        candidate=candidate,
        candidate_from=settings.environments[setting.candidate_from] if setting.candidate_from else None,
        moves_head_to=setting.moves_head_to,
        steps=setting.steps,
        rescue=setting.rescue,
        carry_to=settings.environments[setting.carry_to] if setting.carry_to else None,
        configured=setting.steps,
    )


def is_moved(settings: Settings, environment: str) -> bool:
    """Whether guarded operations move an environment, so that nobody else writes among its files."""
    return any(one.moves_head_to and one.environment in (None, environment) for one in settings.operations.values())


def operation_that_brings(settings: Settings, environment: str) -> str:
    """The operation that brings commits from elsewhere to an environment. Raises UsageError unless there is one."""
    found = sorted(
        name
        for name, operation in settings.operations.items()
        if operation.candidate_from and operation.environment in (None, environment)
    )
    if len(found) != 1:
        raise UsageError(f"for which operation in {environment}? add --op; {', '.join(found) or 'none'} would do")
    return found[0]


def guardrails_for(settings: Settings, environment: str) -> Guardrails:
    """How guardrails is asked again about an environment, with this configuration unless every folder finds it."""
    kind, _, ref = settings.source.partition(":")
    about = Guardrails(environment=environment, operations=_ends(settings, environment))
    if kind == "ref":
        return about.replaced(ref=ref, folder=os.path.realpath(os.getcwd()))
    everywhere = kind == "profile" or settings.source == places.user_configuration()
    return about if everywhere else about.replaced(configuration=settings.source)


def _ends(settings: Settings, environment: str) -> tuple[tuple[str, str], ...]:
    """The operations that lead the HEAD of an environment, told by what they do, as `Guardrails` has them."""
    found = {}
    for name, operation in sorted(settings.operations.items(), reverse=True):
        if operation.environment in (None, environment) and operation.moves_head_to in ("upstream", "previous"):
            cleans = any(step.split()[:2] == ["git", "clean"] for step in operation.steps)
            found["clean" if cleans and operation.rescue else operation.moves_head_to] = name
    return tuple(found.items())


def sources(settings: Settings, environment: str) -> tuple[Environment, ...]:
    """The environments that the candidates of this one's operations come from."""
    names = {
        operation.candidate_from
        for operation in settings.operations.values()
        if operation.candidate_from and operation.environment in (None, environment)
    }
    return tuple(settings.environments[name] for name in sorted(names))


def select_policies(settings: Settings, environment: str, moment: str) -> list[PolicySetting]:
    """The policies of one moment in one environment, by name."""
    chosen = [policy for policy in settings.policies if moment in policy.when.get(environment, ())]
    return sorted(chosen, key=lambda policy: policy.name)

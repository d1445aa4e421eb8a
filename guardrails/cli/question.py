"""What `check`, `plan`, `run` and `verify` ask alike: of which environment, at what moment, with which candidate."""

from __future__ import annotations

import os

from guardrails import config
from guardrails.cli import terminal
from guardrails.config import places
from guardrails.config.settings import (
    again,
    always_on,
    environment_named,
    log_of,
    moment,
    operation_of,
    selected,
    sources,
)
from guardrails.errors import UsageError
from guardrails.policy import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.audit.chain import Head
    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.guards import Guards
    from guardrails.model import Environment, Operation, RefUpdate


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a question. Those that cannot loosen a verdict have a variable that stands for them."""
    configure_place(parser)
    add, variable = parser.add_argument, os.environ.get
    add("--online", action="store_true", help="also ask the remote what it has")
    jobs = variable("GUARDRAILS_JOBS", "16")
    add("--jobs", metavar="N", type=_count, default=jobs, help="child processes at once (default: 16)")


def configure_place(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say of which environment, commit and time something is asked, and by which rules."""
    add, variable = parser.add_argument, os.environ.get
    add("--env", metavar="NAME", default=variable("GUARDRAILS_ENV"), help="the environment to judge")
    add("--candidate", metavar="REV", help="the commit that the operation would bring")
    add("--at", metavar="TIME", type=_time, help="judge as if it were this time, such as 2026-02-01T10:00:00Z")
    configuration = parser.add_mutually_exclusive_group()
    configuration.add_argument(
        "--config",
        metavar="PATH",
        default=variable("GUARDRAILS_CONFIG"),
        help="the configuration (default: the nearest guardrails.toml)",
    )
    configuration.add_argument(
        "--config-ref",
        metavar="REF",
        help="judge by the configuration as this ref of the repository around here has it, and let no change loosen it",
    )
    timeout = variable("GUARDRAILS_TIMEOUT", "10")
    add("--timeout", metavar="SECONDS", type=_seconds, default=timeout, help="for each policy and look (default: 10)")


class Question:
    """The given arguments understood: the settings, the environment, the world to look at, and the policies that apply.

    `operation` is None for what holds at all times; `started` is in seconds since the epoch; `settings` are those that
    were loaded already, in the place of those that the arguments name. Raises UsageError for what does not exist or
    does not fit together, and ConfigurationError or PluginError as `config.load` does.
    """

    def __init__(
        self,
        given: argparse.Namespace,
        started: float,
        operation: str | None,
        *,
        after: bool = False,
        updates: str | bytes = "",
        remote: tuple[str, str] | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._given = given
        self.logged: Head | None = None  # where the log ended once the answer was recorded
        self.moment = moment(operation, after=after)
        at = started if given.at is None else given.at
        ratchet = None
        if given.config_ref is not None:
            settings, ratchet = config.load_trusted(given.config_ref, given.candidate)
        self.settings = config.at_a_time(settings or config.load(given.config), now=started, at=at)
        self.environment = asked_environment(self.settings, given.env)
        self.world = World(
            self.environment,
            self.settings.environments,
            at=at,
            home=places.home(),
            operation=self._operation(operation, after=after, updates=updates, remote=remote) if operation else None,
            variables=dict(os.environ),
            sources=sources(self.settings, self.environment.name),
            options={policy.name: policy.options for policy in self.settings.policies},
            trust=self.settings.trust,
            online=given.online,
            ratchet=ratchet,
            guardrails=again(self.settings, self.environment.name),
            guards=lambda: _guards(self.settings, self.environment, given.config),
            log=log_of(self.settings.audit, self.environment, self.settings.environments),
            timeout=given.timeout,
        )

    def applicable(self) -> list[PolicySetting]:
        """The policies of the moment in the environment, by name."""
        chosen = selected(self.settings, self.environment.name, self.moment)
        always = {policy.name for policy in self.always}
        return [policy for policy in chosen if policy.name not in always]

    @property
    def always(self) -> list[PolicySetting]:
        """The policies that no configuration, moment or narrowing leaves out: with a trusted ref, `tightening-only`."""
        if self.world.ratchet is None:
            return []
        from guardrails.tightening import TighteningOnly

        return [always_on(TighteningOnly, self.environment.name)]

    def _operation(self, name: str, *, after: bool, updates: str | bytes, remote: tuple[str, str] | None) -> Operation:
        asked = operation_of(self.settings, name, self.environment.name, self._given.candidate)
        return asked.replaced(after=after, updates=_updates(updates) if updates else None, remote=remote)


def asked_environment(settings: Settings, given: str | None) -> Environment:
    """The environment as given, or the only one, or the one whose repository this is. Raises UsageError for others."""
    if given:
        return environment_named(settings, given)
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


def _guards(settings: Settings, environment: Environment, configuration: str | None) -> Guards:
    from guardrails.hooks.memory import guards  # while git is at work

    return guards(settings, environment, places.configuration(configuration))


def _updates(given: str | bytes) -> tuple[RefUpdate, ...]:
    """The updates in a file, in standard input (`-`), or in the lines themselves."""
    from guardrails.facts.files import read_bytes
    from guardrails.facts.operation.ref_updates import INPUT_LIMIT, parse

    try:
        if isinstance(given, bytes):
            return parse(given)
        if given == "-":
            return parse(terminal.standard_input(INPUT_LIMIT + 1))
        return parse(read_bytes(os.path.abspath(given), INPUT_LIMIT))
    except FileNotFoundError:
        raise UsageError(f"--updates {os.fsdecode(given)}: there is no such file") from None


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number <= 3600:
        raise refusal(f"{text} is not a number of seconds from above 0 to 3600")
    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= 1000):
        raise refusal(f"{text} is not a whole number from 1 to 1000")
    return int(text)


def _time(text: str) -> float:
    from guardrails.wording.times import seconds_of

    try:
        return seconds_of(text)
    except ValueError as error:
        raise refusal(str(error)) from None


def refusal(text: str) -> Exception:
    """What an argument's type raises to refuse it."""
    from argparse import ArgumentTypeError

    return ArgumentTypeError(text)

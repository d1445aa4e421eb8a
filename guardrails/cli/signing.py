"""What `attest`, `signoff` and `rescue` take alike: an environment, and a key to sign with."""

from __future__ import annotations

import os

from guardrails import config
from guardrails.config import places
from guardrails.config.settings import again, bringing, environment_named, operation_of, sources
from guardrails.policy import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.config.settings import Settings
    from guardrails.operations.evidence.record_statements import Key


def configure_environment(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the arguments that name an environment."""
    add, variable = parser.add_argument, os.environ.get
    add("--env", metavar="NAME", required=required, help="the environment that it is about")
    add(
        "--config",
        metavar="PATH",
        default=variable("GUARDRAILS_CONFIG"),
        help="the configuration (default: the nearest guardrails.toml)",
    )


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of what may be signed."""
    configure_environment(parser)
    add, variable = parser.add_argument, os.environ.get
    add("--key", metavar="PATH", default=variable("GUARDRAILS_KEY"), help="the SSH key to sign with; public: by agent")


def key(given: argparse.Namespace) -> Key | None:
    """The key to sign with, None for no signature."""
    from guardrails.operations.evidence.record_statements import Key

    return Key(os.path.abspath(given.key), os.environ.get("SSH_AUTH_SOCK", "")) if given.key else None


def world(given: argparse.Namespace, at: float, *, candidate: str | None = None, operation: str | None = None) -> World:
    """The world around the environment; a candidate is that of an operation, by default the one that brings commits.

    Raises UsageError when no operation is named and no single one brings any.
    """
    return world_of(config.load(given.config), given.env, at, candidate=candidate, operation=operation)


def world_of(
    settings: Settings, name: str, at: float, *, candidate: str | None = None, operation: str | None = None
) -> World:
    """The same by settings that were read already."""
    environment = environment_named(settings, name)
    asked = operation or bringing(settings, environment.name) if candidate else ""
    return World(
        environment,
        settings.environments,
        at=at,
        home=places.home(),
        operation=operation_of(settings, asked, environment.name, candidate) if asked else None,
        variables=dict(os.environ),
        sources=sources(settings, environment.name),
        options={policy.name: policy.options for policy in settings.policies},
        trust=settings.trust,
        guardrails=again(settings, name),
    )

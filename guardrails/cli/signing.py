"""What `attest`, `signoff` and `rescue` take alike: an environment, and a key to sign with."""

from __future__ import annotations

import os

from guardrails import config
from guardrails.cli import request_options
from guardrails.config.settings import environment_named, operation_of, operation_that_brings
from guardrails.request import world_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.config.settings import Settings
    from guardrails.operations.evidence.record_statements import Key
    from guardrails.policy import World


def configure_environment(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the arguments that name an environment."""
    parser.add_argument("--env", metavar="NAME", required=required, help="the environment that it is about")
    request_options.configure_configuration(parser)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of what may be signed."""
    configure_environment(parser)
    add, variable = parser.add_argument, os.environ.get
    add("--key", metavar="PATH", default=variable("GUARDRAILS_KEY"), help="the SSH key to sign with; public: by agent")


def read_key(given: argparse.Namespace) -> Key | None:
    """The key to sign with, None for no signature."""
    from guardrails.operations.evidence.record_statements import Key

    return Key(os.path.abspath(given.key), os.environ.get("SSH_AUTH_SOCK", "")) if given.key else None


def world(given: argparse.Namespace, at: float, *, candidate: str | None = None, operation: str | None = None) -> World:
    """The world around the environment; a candidate is that of an operation, by default the one that brings commits.

    Raises UsageError when no operation is named and no single one brings any.
    """
    return world_in(config.load(given.config), given.env, at, candidate=candidate, operation=operation)


def world_in(
    settings: Settings, name: str, at: float, *, candidate: str | None = None, operation: str | None = None
) -> World:
    """The same by settings that were read already."""
    environment = environment_named(settings, name)
    asked = operation or operation_that_brings(settings, environment.name) if candidate else ""
    named = operation_of(settings, asked, environment.name, candidate) if asked else None
    return world_of(settings, environment, at=at, operation=named)

"""The options that make a request: of which environment, at what moment, with which candidate, by which rules."""

from __future__ import annotations

import os

from guardrails.cli import terminal
from guardrails.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from guardrails.model import RefUpdate
    from guardrails.request import Request


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of a request that is judged here. A variable stands for each that cannot loosen a verdict."""
    configure_place(parser)
    add, variable = parser.add_argument, os.environ.get
    add("--online", action="store_true", help="also ask the remote what it has")
    jobs = variable("GUARDRAILS_JOBS", "16")
    add("--jobs", metavar="N", type=_count, default=jobs, help="child processes at once (default: 16)")


def configure_place(parser: argparse.ArgumentParser) -> None:
    """Add the options that say of which environment, commit and time something is asked, and by which rules."""
    add, variable = parser.add_argument, os.environ.get
    add("--env", metavar="NAME", default=variable("GUARDRAILS_ENV"), help="the environment to judge")
    add("--candidate", metavar="REV", help="the commit that the operation would bring")
    add("--at", metavar="TIME", type=_time, help="judge as if it were this time, such as 2026-02-01T10:00:00Z")
    configuration = parser.add_mutually_exclusive_group()
    configure_configuration(configuration)
    configuration.add_argument(
        "--config-ref",
        metavar="REF",
        help="judge by the configuration as this ref of the repository around here has it, and let no change loosen it",
    )
    timeout = variable("GUARDRAILS_TIMEOUT", "10")
    add("--timeout", metavar="SECONDS", type=seconds, default=timeout, help="for each policy and look (default: 10)")


def configure_configuration(parser: argparse._ActionsContainer) -> None:
    """Add the option that names a configuration by its path. Without it, `config.places` reads the variable."""
    parser.add_argument("--config", metavar="PATH", help="the configuration (default: the nearest guardrails.toml)")


def request(given: argparse.Namespace, operation: str | None, **more: Any) -> Request:
    """The request that the options make; `more` are fields of it that are no options of every command."""
    from guardrails.request import Request

    return Request(
        environment=given.env,
        operation=operation,
        candidate=given.candidate,
        at=given.at,
        config=given.config,
        config_ref=given.config_ref,
        timeout=given.timeout,
        **more,
    )


def updates(given: str) -> tuple[RefUpdate, ...] | None:
    """The updates of refs in a file, or in standard input (`-`); None when no file is given."""
    if not given:
        return None
    from guardrails.facts.files import read_bytes
    from guardrails.facts.operation.ref_updates import INPUT_LIMIT, parse

    try:
        if given == "-":
            return parse(terminal.read_standard_input(INPUT_LIMIT + 1))
        return parse(read_bytes(os.path.abspath(given), INPUT_LIMIT))
    except FileNotFoundError:
        raise UsageError(f"--updates {given}: there is no such file") from None


def seconds(text: str) -> float:
    """The number that a person gave as a time limit, for the parser of arguments."""
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

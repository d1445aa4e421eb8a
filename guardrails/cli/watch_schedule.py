"""`guardrails watch install|uninstall|status`: the schedule that the system's own manager keeps."""

from __future__ import annotations

import os

from guardrails import config
from guardrails.config import places
from guardrails.exit_codes import ALLOW, DENY
from guardrails.watch import installation
from guardrails.wording.durations import seconds
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def run(given: argparse.Namespace) -> int:
    """Do as asked, and give 0 when the schedule will be started again, or was taken away, else 1."""
    if given.action == "install":
        settings = config.load_with_watch(given.config)
        every = given.every or (settings.watch.every if settings.watch else "")
        configuration = places.find_configuration(given.config)
        for line in installation.install(settings, configuration, given.env, seconds(every)):
            print(visible(line))
        return _status(configuration)
    configuration = _configuration(given.config)
    if given.action == "status":
        return _status(configuration)
    for line in installation.uninstall(configuration):
        print(visible(line))
    return ALLOW


def _configuration(given: str | None) -> str | None:
    """The path of the configuration whose schedule is meant, which need not be there any more."""
    return os.path.abspath(os.path.expanduser(given)) if given else places.find_configuration(given)


def _status(configuration: str | None) -> int:
    found = installation.look(configuration)
    if found.problem:
        print(visible(f"watch will not run again: {found.problem}"))
        print(visible(f"do: {found.do}"))
        return DENY
    print(visible(f"watch will run again: {found.text}"))
    if found.gap:
        print(f"gap: {found.gap}")
    return ALLOW

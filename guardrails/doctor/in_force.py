"""Which configuration is in force, where it comes from, and what follows from it for the other looks."""

from __future__ import annotations

import os
import time

from guardrails import config
from guardrails.config import places
from guardrails.config.settings import environment_named, guardrails_for
from guardrails.doctor.lines import Line, State, way_out
from guardrails.errors import ConfigurationError, GuardrailsError
from guardrails.record import Record
from guardrails.remedies import Guardrails, a_look
from guardrails.request import world_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.config.settings import Settings
    from guardrails.model import Environment
    from guardrails.policy import World

_ABOUT = "configuration"


class InForce(Record):
    """The settings, the environments that are looked at, and the path of the configuration, if it is a file."""

    settings: Settings
    environments: tuple[Environment, ...]
    path: str | None

    def world(self, environment: Environment) -> World:
        """What the facts of an environment are gathered from."""
        return world_of(self.settings, environment, at=time.time())

    def guardrails(self, environment: Environment) -> Guardrails:
        """How guardrails is asked again about an environment."""
        return guardrails_for(self.settings, environment.name)

    def look_at_setting(self, environment: Environment, key: str) -> str:
        """The line that shows what an environment has under a key, and the file and line that say so."""
        show = self.guardrails(environment).line("config", "show")
        return a_look(
            f"{show} | grep -F environments.{environment.name}.{key} || true", "change it where it is written"
        )


def examine(given: str | None, ref: str | None, environment: str | None) -> tuple[Line, InForce | None]:
    """The line of the configuration and what it says; None when it says nothing that can be used.

    `given` is the path of a configuration, `ref` a ref to read it from. Raises UsageError for an unknown environment.
    """
    try:
        path = None if ref else places.find_configuration(given)
        settings = config.load_trusted(ref, None)[0] if ref else config.load(given)
        now = time.time()
        settings = config.settings_at(settings, now=now, at=now)
    except GuardrailsError as error:
        return _broken(error, given), None
    names = [environment_named(settings, environment).name] if environment else list(settings.environments)
    found = InForce(settings, tuple(settings.environments[name] for name in names), path)
    return _line(found, given), found


def _line(found: InForce, given: str | None) -> Line:
    settings = found.settings
    count = len(settings.environments)
    holds = f"{len(settings.policies)} policies, {count} environment{'s' if count != 1 else ''}"
    if settings.waivers:
        holds += f", {len(settings.waivers)} waivers"
    if found.path is None and settings.source.startswith("profile:"):
        nowhere = f"no {places.FILE_NAME} from here up, and no {places.user_configuration()}"
        text = f"{nowhere}: the built-in {settings.source} applies"
        return Line(_ABOUT, "", State.NOTE, f"{text}; {holds}", "guardrails init")
    return Line(_ABOUT, "", State.OK, f"{settings.source}, {_origin(found.path, given)}; {holds}")


def _origin(path: str | None, given: str | None) -> str:
    """How the configuration was found."""
    if path is None:
        return "as --config-ref names it"
    if given is not None:
        return "as --config names it"
    if os.environ.get("GUARDRAILS_CONFIG"):
        return "as GUARDRAILS_CONFIG names it"
    return "the user's own" if path == places.user_configuration() else "the nearest from here up"


def _broken(error: GuardrailsError, given: str | None) -> Line:
    """A mistake in it is wrong; whether it is right cannot be told while, for example, a plugin cannot be loaded."""
    is_mistake = isinstance(error, ConfigurationError)
    text = str(error)
    try:
        path = places.find_configuration(given)
    except ConfigurationError:
        path = None
    then = f"mend it; then: {Guardrails(path or '').line('doctor')}"
    do = way_out(text, then) if is_mistake else ""
    return Line(_ABOUT, "", State.WRONG if is_mistake else State.UNKNOWN, text, do)

"""The effective configuration, from a snapshot when nothing has changed."""

from __future__ import annotations

import os
import time

from guardrails.config import places, snapshot
from guardrails.errors import ConfigurationError, GuardrailsError, PluginError
from guardrails.record import plain
from guardrails.supervisor import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from guardrails.config.layers import Merged
    from guardrails.config.settings import Settings
    from guardrails.plugins import Plugins

DEFAULT_PROFILE = "openclaw"
LOADING_LIMIT = 30.0  # seconds for loading every plugin and validating with them


def load(given: str | None) -> Settings:
    """The settings of the configuration that applies. Raises ConfigurationError or PluginError."""
    path, home = places.configuration(given), places.home()
    key = snapshot.key(path, home)
    return snapshot.load(key) or _validated(path, key)


def _validated(path: str | None, key: str) -> Settings:
    """Validate in a process of its own: a plugin that hangs or exits while it is loaded must not decide anything."""
    worker = Worker(lambda say: say(_answer(path, key, lambda name: say({"loading": name}))))
    guilty = "the installed plugins"
    try:
        for message in worker.messages(lambda _: LOADING_LIMIT, time.monotonic() + LOADING_LIMIT):
            if "loading" in message:
                guilty = f"the plugin {message['loading']}"
                continue
            if "settings" in message:
                return snapshot.restored(message["settings"])
            raise {"plugin": PluginError}.get(message["kind"], ConfigurationError)(message["error"])
    finally:
        worker.end()
    raise PluginError(f"the validation of the configuration with {guilty} {worker.ending}")


def _answer(path: str | None, key: str, loading: Callable[[str], None]) -> dict[str, Any]:
    """The validated settings, or what is wrong, as plain data. What plugins print meanwhile is not heard."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    try:
        settings, merged, installed = read(path, loading)
    except GuardrailsError as error:
        return {"kind": error.kind, "error": str(error)}
    snapshot.save(key, settings, merged, installed.modules)
    return {"settings": plain(settings)}


def read(path: str | None, loading: Callable[[str], None] = lambda _: None) -> tuple[Settings, Merged, Plugins]:
    """Read and validate the configuration at a path, or the default profile; `loading` is told each plugin's name.

    The waivers beside it are read with it.
    """
    from guardrails import plugins
    from guardrails.config import layers, waivers
    from guardrails.config.validate import Validator

    installed = plugins.load(loading)
    merged = layers.read(path, installed.profiles, DEFAULT_PROFILE)
    source = path or f"profile:{DEFAULT_PROFILE}"
    settings = Validator(merged, installed.policies, places.home()).settings(source)
    return waivers.added(settings, merged, places.waivers(path)), merged, installed


def at_a_time(settings: Settings, *, now: float, at: float) -> Settings:
    """The settings with waivers that may be judged by `at`; `now` is the clock. Both are seconds since the epoch.

    Raises ConfigurationError for a waiver that is not yet valid, or lasts too long.
    """
    if not settings.waivers:
        return settings
    from guardrails.config import waivers

    return settings.replaced(waivers=waivers.dated(settings.waivers, places.waivers(settings.source), now=now, at=at))

"""The effective configuration, from a snapshot when nothing has changed."""

from __future__ import annotations

import os
import time

from guardrails import cache
from guardrails.config import places, snapshot
from guardrails.errors import ConfigurationError, GuardrailsError, PluginError
from guardrails.record import plain
from guardrails.safety.secret_hints import hide
from guardrails.safety.supervisor import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from guardrails.config.layers import Merged
    from guardrails.config.settings import Settings
    from guardrails.loosening import Ratchet
    from guardrails.plugins.loader import Plugins

LOADING_LIMIT = 30.0  # seconds for loading every plugin and validating with them


def load(given: str | None) -> Settings:
    """The settings of the configuration that applies. Raises ConfigurationError or PluginError."""
    path, home = places.find_configuration(given), places.home()
    key = snapshot.key(path, home)
    settings = snapshot.load(key)
    if settings is None:
        return _validate(path, key).replaced(watch=None)  # as from a snapshot
    _stay_out(settings)
    return settings


def load_with_watch(given: str | None) -> Settings:
    """The same settings with those of `[watch]`, which no snapshot keeps. Raises as `load`."""
    path = places.find_configuration(given)
    return _validate(path, snapshot.key(path, places.home()))


def load_trusted(ref: str, candidate: str | None) -> tuple[Settings, Ratchet]:
    """The settings as a ref of the repository around the working directory has them, and what the change does to them.

    The change is the state of the work tree, of HEAD, and of the candidate if that repository knows it. No snapshot is
    kept: each run validates anew. Raises ConfigurationError or PluginError, as `load` does.
    """
    from guardrails.config import trusted

    message = _validate_apart(lambda loading: trusted.answer(ref, candidate, loading))
    settings = snapshot.restore_settings(message["settings"])
    _stay_out(settings)
    _hide_secrets(settings)
    return settings, trusted.restore_ratchet(message["ratchet"])


def _validate(path: str | None, key: str) -> Settings:
    """Validate what stands at a path now."""
    settings = snapshot.restore_settings(_validate_apart(lambda loading: _answer(path, key, loading))["settings"])
    _stay_out(settings)
    _hide_secrets(settings)  # again, since that was another process; a snapshot is only kept of what holds no secret
    return settings


def _validate_apart(answer: Callable[[Callable[[str], None]], dict[str, Any]]) -> dict[str, Any]:
    """Validate in a process of its own: a plugin that hangs or exits while it is loaded must not decide anything.

    `answer` is told how to say which plugin it loads. Raises what it raised, as ConfigurationError or PluginError.
    """
    worker = Worker(lambda say: say(answer_quietly(lambda: answer(lambda name: say({"loading": name})))))
    guilty = "the installed plugins"
    try:
        for message in worker.messages(lambda _: LOADING_LIMIT, time.monotonic() + LOADING_LIMIT):
            if "loading" in message:
                guilty = f"the plugin {message['loading']}"
                continue
            if "settings" in message:
                return message
            raise {"plugin": PluginError}.get(message["kind"], ConfigurationError)(message["error"])
    finally:
        worker.end()
    raise PluginError(f"the validation of the configuration with {guilty} {worker.ending}")


def answer_quietly(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Give the answer, or what is wrong, as plain data. The output of plugins is dropped meanwhile."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    try:
        return answer()
    except GuardrailsError as error:
        return {"kind": error.kind, "error": str(error)}


def _answer(path: str | None, key: str, loading: Callable[[str], None]) -> dict[str, Any]:
    settings, merged, installed = read(path, loading)
    snapshot.save(key, settings, merged, installed.modules)
    return {"settings": plain(settings)}


def read(path: str | None, loading: Callable[[str], None] = lambda _: None) -> tuple[Settings, Merged, Plugins]:
    """Read and validate the configuration at a path, or the default profile; `loading` is told each plugin's name.

    The waivers beside it are read with it.
    """
    from guardrails.config.effective import DEFAULT_PROFILE, understand
    from guardrails.facts.files import read_ours
    from guardrails.plugins import loader

    installed = loader.load(loading)
    source = path or f"profile:{DEFAULT_PROFILE}"
    settings, merged = understand(path, installed, read_ours, source)
    _stay_out(settings)
    _hide_secrets(settings)
    return settings, merged, installed


def _stay_out(settings: Settings) -> None:
    """Keep nothing in what is inspected."""
    places = ((one.repo, one.state_dir) for one in settings.environments.values())
    cache.stay_out_of(place for both in places for place in both if place)


def _hide_secrets(settings: Settings) -> None:
    """Take what the configuration calls a secret, and the addresses of who is told, out of all that is printed."""
    from guardrails.safety.redaction import marked_values

    hide(marked_values(plain(settings)))
    if settings.watch:
        hide(settings.watch.addresses)


def settings_at(settings: Settings, *, now: float, at: float) -> Settings:
    """The settings with waivers that may be judged by `at`; `now` is the clock. Both are seconds since the epoch.

    Raises ConfigurationError for a waiver that is not yet valid, or lasts too long.
    """
    if not settings.waivers:
        return settings
    from guardrails.config import waivers

    return settings.replaced(
        waivers=waivers.date_waivers(settings.waivers, places.find_waivers(settings.source), now=now, at=at)
    )

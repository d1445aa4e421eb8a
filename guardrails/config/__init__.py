"""The effective configuration, from a snapshot when nothing has changed."""

from __future__ import annotations

from guardrails.config import places, snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.config.layers import Merged
    from guardrails.config.settings import Settings
    from guardrails.plugins import Plugins

DEFAULT_PROFILE = "openclaw"


def load(given: str | None) -> Settings:
    """The settings of the configuration that applies. Raises ConfigurationError or PluginError."""
    path, home = places.configuration(given), places.home()
    key = snapshot.key(path, home)
    settings = snapshot.load(key)
    if settings is None:
        settings, merged, installed = read(path)
        snapshot.save(key, settings, merged.layers, installed.modules)
    return settings


def read(path: str | None) -> tuple[Settings, Merged, Plugins]:
    """Read and validate the configuration at a path, or the default profile, without a snapshot."""
    from guardrails import plugins
    from guardrails.config import layers
    from guardrails.config.validate import Validator

    installed = plugins.load()
    merged = layers.read(path, installed.profiles, DEFAULT_PROFILE)
    source = path or f"profile:{DEFAULT_PROFILE}"
    return Validator(merged, installed.policies, places.home()).settings(source), merged, installed

"""What the files of a configuration say together: layers merged, validated, with the waivers beside them."""

from __future__ import annotations

from guardrails.config import layers, places, waivers
from guardrails.config.validate import Validator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.config.layers import Merged, Reader
    from guardrails.config.settings import Settings
    from guardrails.plugins.loader import Plugins

DEFAULT_PROFILE = "openclaw"


def understand(path: str | None, installed: Plugins, reader: Reader, source: str) -> tuple[Settings, Merged]:
    """The settings of a configuration whose files, waivers included, a reader gives, and the merged table behind it."""
    merged = layers.read(path, installed.profiles, DEFAULT_PROFILE, reader)
    settings = Validator(merged, installed.policies, places.home()).validate(source)
    extended = (layer.path for layer in merged.layers if layer.name == layer.path != path)
    settings = settings.replaced(programs=installed.programs, extended=tuple(dict.fromkeys(extended)))
    return waivers.add_waivers(settings, merged, places.find_waivers(path)), merged

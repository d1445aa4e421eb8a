"""The last validated settings, kept so that an unchanged configuration needs no validation.

The snapshot is plain JSON in the user's cache folder. It counts only when everything that went into it is as it was:
every configuration file and profile by content, every installed distribution and every policy's module by file time
and size, the versions of Python and guardrails, and the home directory. Whatever is off about it, it is ignored.
"""

from __future__ import annotations

import os
import sys

from guardrails import cache
from guardrails.config.settings import OperationSetting, PolicySetting, Settings
from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes
from guardrails.model import Environment
from guardrails.record import plain
from guardrails.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from guardrails.config.layers import Layer

_KIND = "settings"


def key(path: str | None, home: str) -> str:
    """What a snapshot is filed under: the configuration's path, and everything installed."""
    parts = [path or "", home, VERSION, sys.version, sys.prefix, *_installed()]
    return cache.digest("\0".join(parts).encode("utf-8", "surrogateescape"))


def load(key: str) -> Settings | None:
    """The settings filed under a key, if everything they were made from is unchanged."""
    data = cache.recall(_KIND, key)
    try:
        if data is None or not _unchanged(data["layers"], data["modules"]):
            return None
        return _settings(data["settings"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def save(key: str, settings: Settings, layers: Iterable[Layer]) -> None:
    """File validated settings. Failing to is no error: the next run is only slower."""
    modules = sorted({_module_file(policy.location) for policy in settings.policies})
    data = {
        "layers": [[layer.path, cache.digest(layer.data)] for layer in layers],
        "modules": [[path, *_stamp(path)] for path in modules],
        "settings": plain(settings),
    }
    cache.keep(_KIND, key, data)


def _unchanged(layers: list[list[str]], modules: list[list[Any]]) -> bool:
    try:
        return all(cache.digest(read_bytes(path)) == digest for path, digest in layers) and all(
            _stamp(path) == stamp for path, *stamp in modules
        )
    except (OSError, CannotKnow):
        return False


def _settings(data: dict[str, Any]) -> Settings:
    return Settings(
        source=data["source"],
        digest=data["digest"],
        environments={name: Environment(**given) for name, given in data["environments"].items()},
        operations={name: OperationSetting(**given) for name, given in data["operations"].items()},
        policies=tuple(PolicySetting(**given) for given in data["policies"]),
    )


def _installed() -> list[str]:
    """Every installed distribution with the time of its entry points; importlib.metadata would cost 50 ms."""
    found = []
    for folder in sys.path:
        try:
            names = [name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info", ".pth"))]
        except OSError:
            continue
        found += [f"{path}:{_stamp(path)}" for name in sorted(names) for path in _evidence(folder, name)]
    return found


def _evidence(folder: str, name: str) -> list[str]:
    path = os.path.join(folder, name)
    return [path] if name.endswith(".pth") else [os.path.join(path, "entry_points.txt"), path]


def _stamp(path: str) -> list[int]:
    try:
        status = os.stat(path)
    except OSError:
        return []
    return [status.st_mtime_ns, status.st_size]


def _module_file(location: str) -> str:
    return sys.modules[location.partition(":")[0]].__file__ or ""

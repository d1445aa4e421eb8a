"""The last validated settings, kept so that an unchanged configuration needs no validation.

The snapshot is plain JSON in the user's cache folder. It counts only while everything that went into it is as it was:
every configuration file, profile and file of waivers by content (or as absent); every installed distribution and every
module of a plugin, a policy or the validation by file times and size; the versions of Python and guardrails; and the
home directory. Others must also still be unable to write to the files that are no profile's. Otherwise it is ignored.
"""

from __future__ import annotations

import os
import sys

from guardrails import cache
from guardrails.config.settings import OperationSetting, Settings, Watch, restore_setting
from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes, read_ours
from guardrails.model import Audit, Environment, Trust, Waiver
from guardrails.record import plain
from guardrails.version import VERSION
from guardrails.wording.shown_text import without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from guardrails.config.layers import Merged

_KIND = "settings"


def key(path: str | None, home: str) -> str:
    """What a snapshot is filed under: the configuration's path, and everything installed."""
    parts = [path or "", home, VERSION, sys.version, sys.prefix, *_installed()]
    return cache.digest("\0".join(parts).encode("utf-8", "surrogateescape"))


def load(key: str) -> Settings | None:
    """The settings filed under a key, if everything they were made from is unchanged."""
    data = cache.recall(_KIND, key)
    try:
        if data is None or not _unchanged(data["layers"], data["profiles"], data["modules"]):
            return None
        return restore_settings(data["settings"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def save(key: str, settings: Settings, merged: Merged, plugins: Iterable[str]) -> None:
    """File validated settings that hold no secret; `plugins` are the modules of all plugins. Failing to is no error."""
    modules = {policy.location.partition(":")[0] for policy in settings.policies}.union(plugins)
    stamps = [[path, *_stamp(path)] for path in _files(modules)]
    if any(len(stamp) == 1 for stamp in stamps):
        return  # a module without a file could change unseen
    written = plain(settings.replaced(watch=None))  # its addresses are secrets
    if without_secrets(written) != written:
        return  # a secret is in one file, which its owner knows of
    profiles = [layer for layer in merged.layers if layer.name != layer.path]
    files = [*((layer.path, layer.data) for layer in merged.layers if layer not in profiles), *merged.beside.items()]
    data = {
        "layers": [[path, None if content is None else cache.digest(content)] for path, content in files],
        "profiles": [[layer.path, cache.digest(layer.data)] for layer in profiles],
        "modules": stamps,
        "settings": written,
    }
    cache.keep(_KIND, key, data)


def _files(modules: set[str]) -> list[str]:
    """The files of these modules, of what is loaded from the same packages, and of the validation itself."""
    packages = tuple(f"{module.partition('.')[0]}." for module in modules if "." in module)
    loaded = {name for name in sys.modules if name.startswith((*packages, f"{__package__}."))}
    return sorted({getattr(sys.modules.get(name), "__file__", None) or "" for name in modules | loaded})


def _unchanged(layers: list[list[Any]], profiles: list[list[Any]], modules: list[list[Any]]) -> bool:
    try:
        return (
            all(_same(path, digest) for path, digest in layers)
            and all(cache.digest(read_bytes(path)) == digest for path, digest in profiles)
            and all(_stamp(path) == stamp for path, *stamp in modules)
        )
    except (OSError, CannotKnow):
        return False


def _same(path: str, digest: str | None) -> bool:
    return not os.path.lexists(path) if digest is None else cache.digest(read_ours(path)) == digest


def restore_settings(data: dict[str, Any]) -> Settings:
    """Settings from plain data. Raises KeyError, TypeError, ValueError or AttributeError when it is something else."""
    return Settings(
        source=data["source"],
        digest=data["digest"],
        environments={name: Environment(**given) for name, given in data["environments"].items()},
        operations={
            name: OperationSetting(**{**given, "steps": tuple(given["steps"])})
            for name, given in data["operations"].items()
        },
        policies=tuple(map(restore_setting, data["policies"])),
        trust=Trust(**data["trust"]),
        waivers=tuple(Waiver(**given) for given in data["waivers"]),
        audit=Audit(**data["audit"]),
        guards={name: tuple(kinds) for name, kinds in data["guards"].items()},
        programs=dict(data["programs"]),
        extended=tuple(data["extended"]),
        watch=Watch(**{**data["watch"], "notify": tuple(data["watch"]["notify"])}) if data["watch"] else None,
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
    return [status.st_mtime_ns, status.st_ctime_ns, status.st_size]

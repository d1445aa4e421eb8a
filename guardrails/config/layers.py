"""Configuration files -> one merged table, with the origin of every value.

Later layers override key by key; lists replace, and `"..."` as first element keeps the inherited ones.
"""

from __future__ import annotations

import os
import re
import tomllib

from guardrails.config.lines import line_of
from guardrails.errors import CannotKnow, ConfigurationError
from guardrails.facts.files import read_bytes, read_ours
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from guardrails.config.lines import Path

    Reader = Callable[[str, int], bytes]  # raises as `files.read_ours` does

KEEP = "..."
FILE_LIMIT = 1024 * 1024  # bytes


class Layer(Record):
    """One configuration file: its path, the name to show for it, its bytes and its parsed content."""

    path: str
    name: str
    data: bytes
    table: Mapping[str, Any]

    def place(self, path: Path) -> str:
        """Where in this file a key stands, as `FILE:LINE`."""
        line = line_of(self.data.decode("utf-8", "replace"), path)
        return f"{self.name}:{line}" if line else self.name


class Merged:
    """The effective table, the layer that each value comes from, and all layers in order of precedence."""

    def __init__(self) -> None:
        self.table: dict[str, Any] = {}
        self.origins: dict[tuple[str, ...], Layer] = {}
        self.layers: list[Layer] = []
        self.reader: Reader = read_ours
        self.beside: dict[str, bytes | None] = {}  # other files that settings were made from; None: not there

    def place(self, path: Path) -> str:
        """Where the value at a path, or what is nearest around it, was written."""
        for length in range(len(path), 0, -1):
            for known in reversed(self.origins):
                if known[:length] == path[:length]:
                    return self.origins[known].place(path)
        return self.layers[-1].name


def read(path: str | None, profiles: Mapping[str, str], default_profile: str, reader: Reader = read_ours) -> Merged:
    """Read a configuration and what it extends; without a path, the default profile.

    Raises ConfigurationError for a file that is missing, unreadable, of somebody else or no TOML, an unknown profile,
    and a circle. A profile is its installer's, like the code beside it.
    """
    merged = Merged()
    merged.reader = reader
    start = path or _profile_path(default_profile, profiles, "the built-in default")
    try:
        _add(merged, start, profiles, (), "")
    except RecursionError:
        raise ConfigurationError(f"{start}: nested too deeply") from None
    return merged


def _add(merged: Merged, path: str, profiles: Mapping[str, str], above: tuple[str, ...], asked: str) -> None:
    """Add a file after what it extends. `asked` is where another file, one of those above, names it."""
    layer = _parse(path, profiles, f"{asked}: " if asked else "", merged.reader)
    here = layer.place(("extends",)) if "extends" in layer.table else layer.name
    if path in above:
        raise ConfigurationError(f"{here}: {path} extends itself")
    extends = layer.table.get("extends", [])
    if not isinstance(extends, list) or not all(isinstance(name, str) for name in extends):
        raise ConfigurationError(f"{here}: extends must be a list of profile names or paths")
    for name in extends:
        if name.endswith(".toml"):
            base = os.path.normpath(os.path.join(os.path.dirname(path), os.path.expanduser(name)))
        else:
            base = _profile_path(name, profiles, here)
        _add(merged, base, profiles, (*above, path), here)
    merged.layers.append(layer)
    _merge(merged, merged.table, {key: layer.table[key] for key in layer.table if key != "extends"}, layer, ())


def _profile_path(name: str, profiles: Mapping[str, str], place: str) -> str:
    from guardrails.config.settings import hint_at_known

    if name not in profiles:
        raise ConfigurationError(
            f"{place}: unknown profile {name}; {hint_at_known(name, list(profiles))} (a path ends in .toml)"
        )
    return profiles[name]


def _parse(path: str, profiles: Mapping[str, str], asked: str, reader: Reader) -> Layer:
    name = next((f"profile:{profile}" for profile, known in profiles.items() if known == path), path)
    try:
        data = reader(path, FILE_LIMIT) if name == path else read_bytes(path, FILE_LIMIT)
        return parse_layer(path, name, data)
    except FileNotFoundError:
        raise ConfigurationError(f"{asked}{name}: there is no such configuration file") from None
    except CannotKnow as error:
        raise ConfigurationError(f"{asked}{error}") from None


def parse_layer(path: str, name: str, data: bytes) -> Layer:
    """A file's bytes as a layer; `name` is shown for it. Raises ConfigurationError when they are no TOML."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}: not UTF-8 (byte {error.start})") from None
    try:
        return Layer(path, name, data, tomllib.loads(text))
    except ValueError as error:  # also for a number with thousands of digits
        line = re.search(r" \(at line (\d+)", str(error))
        place = f"{name}:{line[1]}" if line else name
        raise ConfigurationError(f"{place}: not valid TOML: {error}") from None


def _merge(merged: Merged, under: dict[str, Any], over: Mapping[str, Any], layer: Layer, at: tuple[str, ...]) -> None:
    for key, value in over.items():
        path = (*at, key)
        old = under.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            _merge(merged, old, value, layer, path)
            continue
        if key in under:
            for stale in [known for known in merged.origins if known[: len(path)] == path]:
                del merged.origins[stale]
        if isinstance(value, dict):
            under[key] = {}
            merged.origins[path] = layer
            _merge(merged, under[key], value, layer, path)
            continue
        under[key] = _kept(old, value, layer, path) if isinstance(value, list) and KEEP in value else value
        merged.origins[path] = layer


def _kept(old: Any, value: list[Any], layer: Layer, path: tuple[str, ...]) -> list[Any]:
    """What a list with `"..."` stands for. Raises ConfigurationError when there is no list that it could keep."""
    if value.index(KEEP) or value.count(KEEP) > 1:
        raise ConfigurationError(f'{layer.place(path)}: "..." keeps what is inherited only as the first element')
    if not isinstance(old, list):
        raise ConfigurationError(f'{layer.place(path)}: "..." has no inherited list to keep')
    return [*old, *value[1:]]

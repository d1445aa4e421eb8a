"""A file of settings, in any of the formats that such files have."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes, read_text
from guardrails.facts.reading.table_values import find, is_same, show_value, split_name, step
from guardrails.model import require_known_placeholders
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Self

    from guardrails.policy import World

FORMATS = (".json", ".json5", ".jsonc", ".toml", ".plist")


class SettingsFile(Fact):
    """What a file of settings says; `table` is None when the file is absent, or none is configured (an empty path)."""

    path: str
    table: Any

    @staticmethod
    def check(file: str, names: Iterable[str]) -> None:
        """Raise ValueError when no environment could have such a file, or no file such a name."""
        require_known_placeholders(file)
        if file and os.path.splitext(file)[1].lower() not in FORMATS:
            raise ValueError(f"file: {file!r} must end in one of {', '.join(FORMATS)}, which says its format")
        for name in names:
            split_name(name)

    @classmethod
    async def gather(cls, world: World, file: str) -> Self:
        """Read the file, which may start with a placeholder or `~`; a relative one is in the environment's repository.

        Its ending says the format; JSON may be JSON5, and is read with the files that it includes. Raises CannotKnow
        when it cannot be read or parsed, and when readers could differ on what it says (a key that stands twice, NaN,
        Infinity).
        """
        if not file:
            return cls("", None)
        path = os.path.join(world.environment.repo, world.environment.filled(file, world.home))
        try:
            return cls(path, _read(path))
        except FileNotFoundError:
            return cls(path, None)

    written = staticmethod(show_value)

    def other_than(self, name: str, wanted: str | float) -> str | None:
        """The value of the file when it is not the wanted one; None when it is.

        Raises CannotKnow when the answer is not in this file.
        """
        try:
            value = find(self.table, name)
        except KeyError:
            self._require_not_included(name)
            return f"{name} is not set"
        if is_same(value, wanted):
            return None
        self._require_not_substituted(name, value)
        return f"{name} = {show_value(name, value)}"

    def lacks(self, name: str) -> str | None:
        """Why the file has no value of that name; None when it has one. Never shows the value.

        Raises CannotKnow when the answer is not in this file.
        """
        try:
            value = find(self.table, name)
        except KeyError:
            self._require_not_included(name)
            return f"{name} is not set"
        self._require_not_substituted(name, value)
        blank = value is None or (isinstance(value, str) and not value.strip()) or value in ({}, [])
        return f"{name} is empty" if blank else None

    def _require_not_included(self, name: str) -> None:
        """Raise CannotKnow when the name may be in an included file that could not be followed."""
        inside = self.table
        for part in split_name(name):
            if isinstance(inside, dict) and "$include" in inside:
                raise CannotKnow(f"{name} may be set in a file that {self.path} includes and that cannot be followed")
            try:
                inside = step(inside, part)
            except KeyError:
                return

    def _require_not_substituted(self, name: str, value: Any) -> None:
        from guardrails.facts.reading.settings_includes import literal

        if isinstance(value, str) and literal(value) is None:
            raise CannotKnow(f"{name} of {self.path} depends on the environment of whoever reads it")


def _read(path: str) -> Any:
    ending = os.path.splitext(path)[1].lower()
    if ending == ".toml":
        return _toml(read_text(path), path)
    if ending == ".plist":
        return parse_plist(read_bytes(path), path)
    from guardrails.facts.reading.settings_includes import read_with_includes

    return read_with_includes(path)


def _toml(text: str, path: str) -> Any:
    import tomllib

    try:
        return _finite(tomllib.loads(text), path)
    except RecursionError:
        raise CannotKnow(f"{path} is nested too deeply") from None
    except ValueError as error:
        raise CannotKnow(f"{path} is not valid TOML: {error}") from None


class _Unique(dict[str, "Any"]):
    """A table of a property list, where Apple's readers and Python's differ on which of two equal keys counts."""

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self:
            raise ValueError(f"the key {key[:80]!r} stands twice")
        super().__setitem__(key, value)


def parse_plist(data: bytes, path: str) -> Any:
    """Parse a property list, XML or binary. Raises CannotKnow for another file, and where readers could differ."""
    import plistlib

    try:
        return _finite(plistlib.loads(data, dict_type=_Unique), path)
    except RecursionError:
        raise CannotKnow(f"{path} is nested too deeply") from None
    except CannotKnow:
        raise
    except Exception as error:  # its parsers raise whatever their own helpers do
        raise CannotKnow(f"{path} is not a valid property list: {str(error) or type(error).__name__}") from None


def _finite(whole: Any, path: str) -> Any:
    """The same, if none of its numbers is infinite or not a number."""
    left, seen = [whole], set[int]()
    while left:
        value = left.pop()
        if id(value) in seen:  # a binary property list can hold one table in many places, even in itself
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
        elif isinstance(value, float) and not abs(value) < float("inf"):
            raise CannotKnow(f"{path} has a number that is not finite")
    return whole

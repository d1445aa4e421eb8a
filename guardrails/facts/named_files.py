"""Files that a configuration names: whether they are there, and how old they are."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow, NothingAsked
from guardrails.facts.files import kind_of
from guardrails.model import check_placeholders
from guardrails.policy import Fact
from guardrails.record import Record
from guardrails.wording.durations import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

MATCHES_LIMIT = 10_000  # files that one pattern may match


class FileState(Record):
    """One path as it is: `kind` is `a file`, `a directory` and so on, None when nothing is there.

    `modified` is in nanoseconds since the epoch. Links are followed; one that leads nowhere is not there. `nearest` is
    then the folder above it that is there.
    """

    path: str
    kind: str | None = None
    size: int = 0
    modified: int = 0
    nearest: str = ""


class Matches(Record):
    """What a pattern of the configuration stands for here; without `*`, `?` and `[` it is one path, there or not.

    `nearest` is the folder in which the first sign of a pattern is looked for, or the one above it that is there.
    """

    pattern: str
    files: tuple[FileState, ...]
    nearest: str = ""


class NamedFiles(Fact):
    """The files that patterns stand for, in the order of the patterns."""

    named: tuple[Matches, ...]

    @staticmethod
    def check(files: tuple[str, ...]) -> None:
        """Raise ValueError when a pattern names no file anywhere."""
        for file in files:
            if not file or "\0" in file:
                raise ValueError("files: one of them is not a path")
            check_placeholders(file)

    @classmethod
    async def gather(cls, world: World, files: tuple[str, ...]) -> Self:
        """Look at each; they may start with a placeholder or `~`, and a relative one is in the repository.

        As in a shell, `*` stays within one folder and leaves out names that start with a dot. Raises CannotKnow for a
        path that cannot be looked at, and for a pattern that matches too many; NothingAsked when there are none.
        """
        if not files:
            raise NothingAsked("no files are configured")
        return cls(
            tuple(Matches(file, tuple(map(_state, _matching(world, file))), _searched(world, file)) for file in files)
        )


class FileAge(Fact):
    """A file and what it must be newer than: another file, or so many seconds before the time of the check."""

    file: FileState
    other: FileState | None
    limit: float | None
    at: float

    @staticmethod
    def check(file: str, newer_than: str) -> None:
        """Raise ValueError when one of them names no file, or no time."""
        for path in (file, newer_than):
            if "\0" in path:
                raise ValueError(f"{path!r} is not a path")
            check_placeholders(path)

    @classmethod
    async def gather(cls, world: World, file: str, newer_than: str) -> Self:
        """Look at the file, and at the other one unless `newer_than` is a duration; a file called 7d is `./7d`.

        Raises NothingAsked when no file is configured, CannotKnow for a path that cannot be looked at.
        """
        if not file:
            raise NothingAsked("no file is configured")
        limit = _duration(newer_than)
        other = _state(_path(world, newer_than)) if limit is None else None
        return cls(_state(_path(world, file)), other, limit, world.at)


def _duration(newer_than: str) -> float | None:
    try:
        return seconds(newer_than)
    except ValueError:
        return None  # then it is the name of a file


def _path(world: World, text: str) -> str:
    return os.path.join(world.environment.repo, world.environment.filled(text, world.home))


def _state(path: str) -> FileState:
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return FileState(path, nearest=_nearest(path))
    except OSError as error:
        raise CannotKnow(f"{path} cannot be looked at: {error.strerror}") from None
    return FileState(path, kind_of(status.st_mode), status.st_size, status.st_mtime_ns)


def _nearest(path: str) -> str:
    """The path, or the folder above it that is there."""
    while not os.path.lexists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _searched(world: World, pattern: str) -> str:
    """Where a pattern begins to be one."""
    parts = pattern.split("/")
    plain = parts[: next((at for at, part in enumerate(parts) if _is_wild(part)), len(parts))]
    return _nearest(_path(world, "/".join(plain) or ("/" if pattern.startswith("/") else "{repo}")))


def _matching(world: World, pattern: str) -> list[str]:
    """The paths that a pattern matches. What a placeholder stands for is a name, whatever characters it has."""
    first, *parts = pattern.split("/")
    if _is_wild(first):
        first, parts = "{repo}", [first, *parts]
    paths = [_path(world, first or "/")]
    for part in filter(None, parts):
        if _is_wild(part):
            paths = [os.path.join(folder, name) for folder in paths for name in _names(folder, part)]
        else:
            name = world.environment.filled(part, home="~")  # which stands for home at the start alone
            paths = [os.path.join(folder, name) for folder in paths]
        if len(paths) > MATCHES_LIMIT:
            raise CannotKnow(f"{pattern} matches more than {MATCHES_LIMIT} files")
    return [path for path in paths if os.path.lexists(path)] if any(map(_is_wild, parts)) else paths


def _is_wild(part: str) -> bool:
    return any(sign in part for sign in "*?[")


def _names(folder: str, pattern: str) -> list[str]:
    from fnmatch import fnmatchcase

    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise CannotKnow(f"{folder} cannot be looked at: {error.strerror}") from None
    return [name for name in names if fnmatchcase(name, pattern) and (name[0] != "." or pattern[0] == ".")]

"""Files that a configuration names: whether they are there, and how old they are."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow, NothingAsked
from guardrails.facts.files import kind_of
from guardrails.model import require_known_placeholders
from guardrails.policy import Fact
from guardrails.record import Record
from guardrails.wording.durations import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

MATCHES_LIMIT = 10_000  # files that one pattern may match
FOLDERS_LIMIT = 20_000  # that one `**` may lead through


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
            require_known_placeholders(file)

    @classmethod
    async def gather(cls, world: World, files: tuple[str, ...]) -> Self:
        """Look at each; they may start with a placeholder or `~`, and a relative one is in the repository.

        As in a shell, `*` stays within one folder and leaves out names that start with a dot; `**` is any number of
        folders. No pattern goes through a symbolic link out of the folder in which it begins, and `**` through none.
        Raises CannotKnow for a path that cannot be looked at, and for a pattern that matches too many; NothingAsked
        when there are none.
        """
        if not files:
            raise NothingAsked("no files are configured")
        return cls(_look_at(world, files))


class FileAge(Fact):
    """Files, and what each of them must be newer than: all files of `others`, and `limit` seconds before the check.

    `limit` is the shortest of the durations, None without one, and `written` its text. A pattern matches files alone,
    since the time of a folder says nothing; what a plain path names is there as it is.
    """

    files: tuple[Matches, ...]
    others: tuple[Matches, ...]
    limit: float | None
    at: float
    written: str = ""

    @staticmethod
    def check(file: str | tuple[str, ...], newer_than: str | tuple[str, ...]) -> None:
        """Raise ValueError when one of them names no file, or no time."""
        for path in (*_each(file), *_each(newer_than)):
            if not path or "\0" in path:
                raise ValueError(f"{path!r} is not a path")
            require_known_placeholders(path)

    @classmethod
    async def gather(cls, world: World, file: str | tuple[str, ...], newer_than: str | tuple[str, ...]) -> Self:
        """Look at the files, and at those of `newer_than` that are no durations; a file called 7d is `./7d`.

        Patterns are those of `NamedFiles`. Raises NothingAsked when no file is configured, CannotKnow as that does.
        """
        if not _each(file):
            raise NothingAsked("no file is configured")
        durations = {text: _duration(text) for text in _each(newer_than)}
        others = tuple(text for text, limit in durations.items() if limit is None)
        limit, written = min(
            ((limit, text) for text, limit in durations.items() if limit is not None), default=(None, "")
        )
        return cls(
            _without_folders(_look_at(world, _each(file))),
            _without_folders(_look_at(world, others)),
            limit,
            world.at,
            written,
        )


def _each(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One text or several; a single empty one counts as no text."""
    return (value,) * bool(value) if isinstance(value, str) else value


def _look_at(world: World, patterns: tuple[str, ...]) -> tuple[Matches, ...]:
    return tuple(
        Matches(pattern, tuple(map(_state, _matching(world, pattern))), _top_of_search(world, pattern))
        for pattern in patterns
    )


def _without_folders(found: tuple[Matches, ...]) -> tuple[Matches, ...]:
    return tuple(
        one.replaced(files=tuple(file for file in one.files if file.kind != "a directory"))
        if _is_wild(one.pattern)
        else one
        for one in found
    )


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


def _top_of_search(world: World, pattern: str) -> str:
    """Where a pattern begins to be one."""
    parts = pattern.split("/")
    plain = parts[: next((at for at, part in enumerate(parts) if _is_wild(part)), len(parts))]
    return _nearest(_path(world, "/".join(plain) or ("/" if pattern.startswith("/") else "{repo}")))


def _matching(world: World, pattern: str) -> list[str]:
    """The paths that a pattern matches. What a placeholder stands for is a name, whatever characters it has."""
    first, *parts = pattern.split("/")
    if _is_wild(first):
        first, parts = "{repo}", [first, *parts]
    if parts and parts[-1] == "**":
        parts.append("*")  # all that is in any of the folders
    paths, start = [_path(world, first or "/")], ""
    for part in filter(None, parts):
        if _is_wild(part):
            start = start or os.path.realpath(paths[0])
            entered = [folder for folder in paths if _is_below(folder, start)]
            paths = [path for folder in entered for path in (_tree(folder) if part == "**" else _names(folder, part))]
        else:
            name = world.environment.filled(part, home="~")  # which stands for home at the start alone
            paths = [os.path.join(folder, name) for folder in paths]
        if len(paths) > MATCHES_LIMIT and part != "**":
            raise CannotKnow(f"{pattern} matches more than {MATCHES_LIMIT} files")
    return [path for path in dict.fromkeys(paths) if os.path.lexists(path)] if start else paths


def _is_wild(part: str) -> bool:
    return any(sign in part for sign in "*?[")


def _is_below(folder: str, start: str) -> bool:
    """Whether a folder is, with links followed, where a pattern begins or below."""
    real = os.path.realpath(folder)
    return real == start or real.startswith(start.rstrip("/") + "/")


def _tree(folder: str) -> list[str]:
    """A folder and all below it, without hidden ones and links. Raises CannotKnow when there are too many."""
    found, left = [], [folder]
    while left:
        found.append(left.pop())
        if len(found) > FOLDERS_LIMIT:
            raise CannotKnow(f"{folder} holds more than {FOLDERS_LIMIT} folders")
        left += [path for path in reversed(_names(found[-1], "*")) if os.path.isdir(path) and not os.path.islink(path)]
    return found


def _names(folder: str, pattern: str) -> list[str]:
    """The paths in a folder whose names match."""
    from fnmatch import fnmatchcase

    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise CannotKnow(f"{folder} cannot be looked at: {error.strerror}") from None
    return [
        os.path.join(folder, name)
        for name in names
        if fnmatchcase(name, pattern) and (name[0] != "." or pattern[0] == ".")
    ]

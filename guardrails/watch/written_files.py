"""The files that a schedule consists of: written, remembered, and taken away byte for byte as they were written.

They are remembered before they are written and forgotten after they were taken away, so that an interruption leaves one
too many in memory rather than one too few.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256

from guardrails.audit.files import make_folder
from guardrails.errors import AuditError, CannotKnow, UsageError
from guardrails.facts.files import decode, parse_json, read_bytes, read_ours, replace_whole
from guardrails.record import Record, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from guardrails.watch.schedule import File, Schedule

_FOLDER = ".local/state/guardrails/watch"


class Written(Record):
    """What was installed: the path and the digest of each file, or of a link its target, and the folders made for them.

    `program` is the interpreter that it runs. A path stands twice while one file takes the place of another.
    """

    kind: str
    program: str
    every: float
    files: tuple[tuple[str, str], ...]
    folders: tuple[str, ...] = ()

    def changed(self) -> list[str]:
        """The paths where something else stands now than what was written; what is gone is not among them."""
        return [path for path in self.paths if os.path.lexists(path) and (path, _digest_at(path)) not in self.files]

    def missing(self) -> list[str]:
        """The paths where nothing stands any more."""
        return [path for path in self.paths if not os.path.lexists(path)]

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the files are, each path once."""
        return tuple(dict.fromkeys(path for path, _ in self.files))


def memory_of(name: str, home: str) -> str:
    """The file that remembers a schedule."""
    return os.path.join(home, _FOLDER, f"{name}.json")


def read(memory: str) -> Written | None:
    """What is remembered, None for nothing. Raises UsageError when that cannot be read."""
    try:
        said = parse_json(decode(read_ours(memory), memory), memory)
        files = tuple((str(path), str(known)) for path, known in said["files"])
        return Written(said["kind"], said["program"], said["every"], files, tuple(said["folders"]))
    except FileNotFoundError:
        return None
    except CannotKnow as error:
        raise UsageError(str(error)) from None
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{memory} does not say which files were written; remove those and it by hand") from None


def require_room(files: Iterable[File], before: Written | None) -> None:
    """Raise UsageError where something stands that was not written by us, or was changed since."""
    known = before.paths if before else ()
    there = [one.path for one in files if one.path not in known and os.path.lexists(one.path)]
    for path in there:
        raise UsageError(f"{path} is there already, and was not written by guardrails watch install; look at it first")
    require_unchanged(before)


def require_unchanged(before: Written | None) -> None:
    """Raise UsageError when a file is another one than what was written."""
    for path in before.changed() if before else ():
        raise UsageError(
            f"{path} was changed since it was written; put it back, or take it away by hand, and try again"
        )


def write(memory: str, schedule: Schedule, files: Iterable[File], before: Written | None) -> None:
    """Put all files in their places, each in one step, after they are remembered. Raises UsageError."""
    files = list(files)
    old = before or Written("", "", 0.0, ())
    folders = tuple(dict.fromkeys((*old.folders, *_missing_folders([memory, *(one.path for one in files)]))))
    marks = tuple((one.path, _digest_of(one)) for one in files)
    written = Written(schedule.kind, schedule.command[0], schedule.every, marks, folders)
    try:
        make_folder(memory)
        _remember(memory, written.replaced(files=tuple(dict.fromkeys((*old.files, *marks)))))
        for one in files:
            os.makedirs(os.path.dirname(one.path), exist_ok=True)
            _put(one)
        for path in set(old.paths) - set(written.paths):
            os.unlink(path)
        _remember(memory, written)
    except OSError as error:
        raise UsageError(f"{error.filename or memory} cannot be written: {error.strerror}") from None
    except AuditError as error:
        raise UsageError(str(error).replace("the audit log", memory)) from None


def take_away(memory: str, before: Written) -> list[str]:
    """Remove what was written, and the folders that were made for it and are empty. Gives the paths of the files.

    Raises UsageError when one was changed, and then nothing is removed.
    """
    require_unchanged(before)
    gone = [path for path in before.paths if os.path.lexists(path)]
    try:
        for path in reversed(gone):
            os.unlink(path)
        os.unlink(memory)
        for folder in sorted(before.folders, key=len, reverse=True):
            if os.path.isdir(folder) and not os.listdir(folder):
                os.rmdir(folder)
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be removed: {error.strerror}") from None
    return gone


def _missing_folders(paths: Iterable[str]) -> list[str]:
    """The folders that are yet to be made for files at these paths."""
    missing = []
    for path in paths:
        folder = os.path.dirname(path)
        while not os.path.lexists(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
    return missing


def _remember(memory: str, written: Written) -> None:
    replace_whole(memory, json.dumps(plain(written)).encode())


def _put(one: File) -> None:
    if one.target:
        if not os.path.lexists(one.path):
            os.symlink(one.target, one.path)
        return
    replace_whole(one.path, one.data, 0o644)


def _digest_of(one: File) -> str:
    return f"link:{one.target}" if one.target else sha256(one.data).hexdigest()


def _digest_at(path: str) -> str:
    if os.path.islink(path):
        return f"link:{os.readlink(path)}"
    try:
        return sha256(read_bytes(path)).hexdigest()
    except (CannotKnow, FileNotFoundError):
        return ""

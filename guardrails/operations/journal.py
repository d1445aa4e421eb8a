"""The journal of a guarded run: what was pinned, which steps are done, and what each of them wrote.

It lies in the repository as `<git-dir>/guardrails/runs/<time>-<operation>/`: `journal.json`, replaced as a whole at
each change so that a kill at any moment leaves one or the other, and `step-N.log` with the output of step N.
"""

from __future__ import annotations

import json
import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_json
from guardrails.record import Record, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEPT = 20  # journals, of the newest runs
_LIMIT = 1 << 20  # bytes


class Entry(Record):
    """What a journal says.

    `steps` are as declared, `pins` the ids that stand for their names; `done` steps are over and left HEAD at `head`.
    `running` is the process of the step under way and when it began, 0 without one. `at` is when HEAD was seen to
    arrive, RFC 3339, empty before. `finished` when the check afterwards passed. `moves` is where the operation leads
    HEAD: candidate, upstream or previous, empty for nowhere.
    """

    operation: str
    environment: str
    candidate: str | None
    pins: dict[str, str | None]
    steps: tuple[str, ...]
    folder: str
    quiet: bool
    head: str
    done: int = 0
    running: int = 0
    began: float = 0.0
    at: str = ""
    finished: bool = False
    moves: str = ""


class Journal:
    """One journal on disk. `entry` is what it says now."""

    def __init__(self, folder: str, entry: Entry) -> None:
        self.folder = folder
        self.entry = entry

    def note(self, **changes: Any) -> None:
        """Change what it says, on disk first. Raises OSError when it cannot be written."""
        entry = self.entry.replaced(**changes)
        path = os.path.join(self.folder, "journal.json")
        descriptor = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(plain(entry), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(f"{path}.new", path)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.entry = entry

    def output(self, number: int) -> str:
        """The file for the output of a step, counted from 1."""
        return os.path.join(self.folder, f"step-{number}.log")


def begin(git_dir: str, entry: Entry, started: str) -> Journal:
    """Start a journal; `started` is a time that sorts as text. Raises OSError when it cannot be written."""
    runs = _runs(git_dir)
    os.makedirs(runs, mode=0o700, exist_ok=True)
    folder = os.path.join(runs, f"{started}-{entry.operation.replace(os.sep, '_')}")
    os.mkdir(folder, mode=0o700)
    journal = Journal(folder, entry)
    journal.note()
    for old in sorted(os.listdir(runs))[:-_KEPT]:
        _remove(os.path.join(runs, old))
    return journal


def newest(git_dir: str) -> Journal | None:
    """The journal of the last run. Raises CannotKnow when it makes no sense."""
    try:
        names = sorted(os.listdir(_runs(git_dir)), reverse=True)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotKnow(f"{_runs(git_dir)} cannot be read: {error.strerror}") from None
    for name in names:
        folder = os.path.join(_runs(git_dir), name)
        try:
            said = read_json(os.path.join(folder, "journal.json"), _LIMIT)
        except FileNotFoundError:
            continue  # killed before it was written, so nothing had begun
        return Journal(folder, _entry(said, folder))
    return None


def alive(entry: Entry) -> bool:
    """Whether the command of the step under way lives on; another process with its number would have begun later."""
    from guardrails.facts.process_table import lives

    return entry.running != 0 and lives(entry.running, entry.began)


def _entry(said: Any, folder: str) -> Entry:
    try:
        if not isinstance(said["steps"], list):
            raise TypeError("no list of steps")
        entry = Entry(**{**said, "steps": tuple(said["steps"])})
    except (TypeError, KeyError):
        raise CannotKnow(f"the journal in {folder} makes no sense; move it away") from None
    kinds: dict[str, type | tuple[type, ...]] = {"candidate": (str, type(None)), "pins": dict, "steps": tuple}
    kinds |= {"quiet": bool, "finished": bool, "done": int, "running": int, "began": (int, float)}
    sound = all(isinstance(getattr(entry, name), kinds.get(name, str)) for name in Entry.__fields__)
    if not sound or not 0 <= entry.done <= len(entry.steps) or not all(isinstance(one, str) for one in entry.steps):
        raise CannotKnow(f"the journal in {folder} makes no sense; move it away")
    return entry


def _runs(git_dir: str) -> str:
    return os.path.join(git_dir, "guardrails", "runs")


def _remove(folder: str) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)

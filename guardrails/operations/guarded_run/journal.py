"""The journal of a guarded run: what was pinned, which steps are done, and what each of them wrote.

It lies in the repository as `<git-dir>/guardrails/runs/<number>-<time>-<operation>/`: `journal.json`, replaced as a
whole at each change so that a kill at any moment leaves one or the other, and `step-N.log` with the output of step N.
The number says which is the newest, since a clock may have been wrong.
"""

from __future__ import annotations

import json
import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, parse_json, read_ours
from guardrails.record import Record, plain
from guardrails.safety.ownership import require_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEPT = 20  # journals, of the newest runs
_LIMIT = 1 << 20  # bytes
_HIGHEST = 1 << 31  # of the ids of processes
_NAME = re.compile(r"(?:(\d+)-)?\d{8}T\d{6}\.\d{3}-")  # without a number before 0.4
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class JournalEntry(Record):
    """What a journal says.

    `steps` are as declared, `pins` the ids that stand for their names; `done` steps are over and left HEAD at `head`.
    `running` is the process of the step under way, 0 without one, with when it began and its mark. `at` is when HEAD
    was seen to arrive, RFC 3339, empty before. `finished` when the check afterwards passed. `moves` is where the
    operation leads HEAD: candidate, upstream or previous, empty for nowhere.
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
    mark: str = ""
    at: str = ""
    finished: bool = False
    moves: str = ""


class Journal:
    """One journal on disk. `entry` is what it says now."""

    def __init__(self, folder: str, entry: JournalEntry) -> None:
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


def begin(git_dir: str, entry: JournalEntry, started: str) -> Journal:
    """Start a journal; `started` is a time as `20260131T235959.999`.

    Raises OSError when it cannot be written, and Foreign when others could write it.
    """
    runs = _runs(git_dir)
    os.makedirs(runs, mode=0o700, exist_ok=True)
    require_ours(runs)
    earlier = _list_names(runs)
    number = _age(earlier[0])[0] + 1 if earlier else 1
    folder = os.path.join(runs, f"{number:06}-{started}-{entry.operation.replace(os.sep, '_')}")
    os.mkdir(folder, mode=0o700)
    journal = Journal(folder, entry)
    journal.note()
    for old in earlier[_KEPT - 1 :]:
        _remove(os.path.join(runs, old))
    return journal


def find_newest(git_dir: str) -> Journal | None:
    """The journal of the last run. Raises CannotKnow when it makes no sense, or is not ours."""
    try:
        names = _list_names(_runs(git_dir))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotKnow(f"{_runs(git_dir)} cannot be read: {error.strerror}") from None
    for name in names:
        folder = os.path.join(_runs(git_dir), name)
        path = os.path.join(folder, "journal.json")
        try:
            said = parse_json(decode(read_ours(path, _LIMIT), path), path)
        except FileNotFoundError:
            continue  # killed before it was written, so nothing had begun
        return Journal(folder, _read_entry(said, folder))
    return None


def _list_names(runs: str) -> list[str]:
    """The names of journals, the newest first; what else lies there is not ours to read or remove."""
    return sorted(filter(_NAME.match, os.listdir(runs)), key=_age, reverse=True)


def _age(name: str) -> tuple[int, str]:
    found = _NAME.match(name)
    return (int(found[1] or 0) if found else 0), name


def is_step_running(entry: JournalEntry) -> bool:
    """Whether the command of the step under way lives on; another process with its number would have begun later."""
    from guardrails.facts.programs.process_table import lives

    return entry.running != 0 and lives(entry.running, entry.began, entry.mark)


def _read_entry(said: Any, folder: str) -> JournalEntry:
    try:
        if not isinstance(said["steps"], list):
            raise TypeError("no list of steps")
        entry = JournalEntry(**{**said, "steps": tuple(said["steps"])})
    except (TypeError, KeyError):
        raise _nonsense(folder) from None
    kinds: dict[str, type | tuple[type, ...]] = {"candidate": (str, type(None)), "pins": dict, "steps": tuple}
    kinds |= {"quiet": bool, "finished": bool, "done": int, "running": int, "began": (int, float)}
    sound = all(isinstance(getattr(entry, name), kinds.get(name, str)) for name in JournalEntry.__fields__)
    if not sound or not _is_possible(entry):
        raise _nonsense(folder)
    return entry


def _nonsense(folder: str) -> CannotKnow:
    from shlex import join

    away = join(["mv", folder, os.path.dirname(os.path.dirname(folder))])
    return CannotKnow(f"the journal in {folder} makes no sense; look at it, then move it away: {away}")


def _is_possible(entry: JournalEntry) -> bool:
    """Whether the numbers of an entry are of steps and processes, its steps texts, and its pins ids of commits."""
    commits = {name: pin for name, pin in entry.pins.items() if name != "branch" and pin is not None}
    return (
        not any(isinstance(one, bool) for one in (entry.done, entry.running, entry.began))
        and 0 <= entry.done <= len(entry.steps)
        and 0 <= entry.running < _HIGHEST
        and all(isinstance(step, str) for step in entry.steps)
        and _is_text_or_nothing(entry.pins.get("branch"))
        and all(_is_text_or_nothing(pin) and _ID.fullmatch(pin) for pin in commits.values())
    )


def _is_text_or_nothing(value: object) -> bool:
    return value is None or isinstance(value, str)


def _runs(git_dir: str) -> str:
    return os.path.join(git_dir, "guardrails", "runs")


def _remove(folder: str) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)

"""The lock files of gateways, and whether those who took them are still alive.

Up to 2026.7 they are in `$TMPDIR/openclaw-<uid>/`, named after the configuration file and not after the state, and stay
there when the gateway is ended. From 2026.8.2 on they are in `<state>/tmp/openclaw-<uid>/`, say which state that is,
and are removed.
"""

from __future__ import annotations

import os

from guardrails import CannotKnow, Record
from guardrails.facts.files import read_text
from guardrails.facts.programs.process_table import start_ticks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

LOCK_LIMIT = 64 * 1024  # bytes
LOCKS_LIMIT = 1000  # in one folder


class Lock(Record):
    """One lock: the process that took it and what it says of itself.

    `ticks` is when that process was started, as in `Process.ticks`, None where it does not say; `created` is when the
    lock was, in seconds since the epoch. `state_dir` is empty in locks up to 2026.7.
    """

    path: str
    pid: int
    config_path: str
    created: float
    ticks: int | None = None
    state_dir: str = ""

    @property
    def stale(self) -> bool | None:
        """Whether another process has the id by now, or none; None when the start time does not tell."""
        if (ticks := start_ticks(self.pid)) is None:
            return True if os.path.isdir("/proc/self") else None
        return None if self.ticks is None else ticks != self.ticks


def read_locks(folders: Iterable[str]) -> list[Lock]:
    """Every lock in these folders. Raises CannotKnow when a folder or a lock cannot be read."""
    found: dict[str, Lock] = {}
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise CannotKnow(f"{folder} cannot be read: {error.strerror}") from None
        named = [name for name in names if name.startswith("gateway.") and name.endswith(".lock")]
        if len(named) > LOCKS_LIMIT:
            raise CannotKnow(f"{folder} holds more than {LOCKS_LIMIT} locks")
        for name in named:
            path = os.path.join(os.path.realpath(folder), name)
            try:
                found[path] = _parse(read_text(path, LOCK_LIMIT), path)
            except FileNotFoundError:
                continue  # it was given back while we were looking
    return list(found.values())


def _parse(text: str, path: str) -> Lock:
    """Read the first JSON value of a lock; 2026.9.6 writes a line of tabs and spaces after it."""
    from datetime import datetime
    from json import JSONDecoder

    try:
        content, _ = JSONDecoder().raw_decode(text.lstrip())
        pid, config, created = content["pid"], content["configPath"], content["createdAt"]
        ticks, state = content.get("startTime"), content.get("stateDir") or ""
        if type(pid) is not int or pid <= 0 or not all(type(one) is str for one in (config, created, state)):
            raise ValueError
        when = datetime.fromisoformat(created).timestamp()
        return Lock(path, pid, config, when, _whole(ticks), state)
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        raise CannotKnow(f"{path} is not the lock of a gateway; remove it when no gateway runs") from None


def _whole(number: Any) -> int | None:
    return int(number) if type(number) in (int, float) else None


def lock_folders(states: Iterable[str], temporary: Iterable[str], users: Iterable[int]) -> list[str]:
    """Where gateways of these users put their locks, given their state and temporary directories."""
    users = list(users)
    places = [os.path.join(state, "tmp") for state in states] + list(temporary)
    return list(dict.fromkeys(os.path.join(place, f"openclaw-{user}") for place in places for user in users))

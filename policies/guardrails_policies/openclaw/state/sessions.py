"""When the agents of a state directory last did something, whichever version of OpenClaw recorded it.

Up to 2026.7 the sessions of an agent are listed in `agents/<agent>/sessions/sessions.json`, with the milliseconds of
their last update; each has its transcript beside it. From 2026.8.2 on they are rows of `session_nodes` in
`agents/<agent>/agent/openclaw-agent.sqlite`, and the former folder is empty or gone; what is still there was not moved,
and no gateway of that version sees it. No version says on disk which session is open: when one was last used is all
there is.
"""

from __future__ import annotations

import os
import stat

from guardrails import CannotKnow, Fact, seconds
from guardrails.facts.programs.side_by_side import Pause
from guardrails.facts.reading.json5_files import read_json5
from guardrails_policies.openclaw.state.configuration import expand, is_folder, read_configuration, read_setting
from guardrails_policies.openclaw.versions import FILES_UNTIL_SCHEMA, STORES_FROM_SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Self

    from guardrails import World

AHEAD = 300.0  # seconds by which clocks may differ; what claims to be later is not believed
END_OF_TIME = 253_402_300_800_000  # milliseconds; the year 10000, which no calendar reaches
INDEX_LIMIT = 64 * 1024 * 1024  # bytes; each session may carry a list of its skills


class Sessions(Fact):
    """The latest use of any session that is recorded, in seconds since the epoch: None when there is no session.

    Looking ends at the first that is not older than asked for. `at` is the time of the check, and `where` the file that
    says so. `later` is the latest use of those that lie more than five minutes ahead of `at`; they do not count.
    `left_behind` are the places of sessions that an update has not moved to where they are looked for now.
    `agents` is how many agents were looked at. `exists` is False when `state_dir` names nothing.
    """

    at: float
    state_dir: str = ""
    exists: bool = True
    agents: int = 0
    latest: float | None = None
    where: str = ""
    later: float | None = None
    left_behind: tuple[str, ...] = ()

    @classmethod
    async def gather(cls, world: World, max_age: str) -> Self:
        """Look through the agents. Raises CannotKnow when what could be recent cannot be read."""
        await Pause(0)
        folder = world.environment.require_state_dir()
        if not is_folder(folder):
            return cls(world.at, folder, exists=False)
        index = read_setting(*read_configuration(folder), "session", "store")
        fresh, limit = world.at - seconds(max_age), world.at + AHEAD
        agents = _agents(folder)
        left = tuple(_left_behind(folder, agents, index, world.home))
        found = cls(world.at, folder, left_behind=left)
        number, trouble = 0, None
        latest, where, later = None, "", None
        for number, agent in enumerate(agents, 1):
            try:
                for used, path in _uses(agent, index, world.home, left):
                    if used > limit:
                        later = max(used, later or used)
                    elif latest is None or used > latest:
                        latest, where = used, path
                    if latest is not None and latest >= fresh:
                        return found.replaced(agents=number, latest=latest, where=where, later=later)
            except CannotKnow as error:
                trouble = trouble or error  # one that another agent may make up for
        if trouble:
            raise trouble
        return found.replaced(agents=number, latest=latest, where=where, later=later)


def _agents(folder: str) -> list[str]:
    """The folders of the agents, in the order of their names."""
    return sorted(path for path, mode, _ in _entries(os.path.join(folder, "agents")) if stat.S_ISDIR(mode))


def _left_behind(folder: str, agents: list[str], index: Any, home: str) -> Iterator[str]:
    """The indexes of agents whose sessions are still in files although the state's version looks for them in a store.

    Raises CannotKnow when that version is not known to do either.
    """
    database = os.path.join(folder, "state", "openclaw.sqlite")
    schema = _schema(database)
    if schema <= FILES_UNTIL_SCHEMA:
        return
    for agent in agents:
        listed = index_path(agent, index, home)
        if next(_in_files(listed), None) is None or _in_store(_store(agent)):
            continue
        if schema < STORES_FROM_SCHEMA:
            raise CannotKnow(
                f"{database} has the schema {schema}, and it is not known whether that version reads {listed}"
            )
        yield listed


def _schema(path: str) -> int:
    """The schema of a state's database; 0 when there is none."""
    if not os.path.lexists(path):
        return 0
    from guardrails.facts.reading.sqlite_stores import open_read_only  # not for states without a database

    try:
        with open_read_only(path) as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except FileNotFoundError:
        return 0


def _uses(agent: str, index: Any, home: str, left: tuple[str, ...]) -> Iterator[tuple[float, str]]:
    """The last use of each of the agent's sessions, but of those left behind."""
    listed = index_path(agent, index, home)
    if listed not in left:
        yield from _in_files(listed)
    store = _store(agent)
    yield from ((used, store) for used in _in_store(store))


def _store(agent: str) -> str:
    return os.path.join(agent, "agent", "openclaw-agent.sqlite")


def _in_files(listed: str) -> Iterator[tuple[float, str]]:
    """The last use of all sessions that an index lists, or, without one, of each transcript."""
    try:
        yield from ((used, listed) for used in _in_index(listed))
    except FileNotFoundError:
        for path, mode, modified in _entries(os.path.dirname(listed), ".jsonl"):
            if stat.S_ISREG(mode):
                yield modified, path


def index_path(agent: str, configured: Any, home: str) -> str:
    """The index of an agent: `session.store`, where `{agentId}` stands for its name, else `sessions/sessions.json`."""
    if configured is None:
        return os.path.join(agent, "sessions", "sessions.json")
    if not isinstance(configured, str):
        raise CannotKnow(f"session.store is {configured!r}, not a path")
    path = expand(configured.strip().replace("{agentId}", os.path.basename(agent)), home)
    if not os.path.isabs(path):
        raise CannotKnow(f"session.store is {configured!r}, relative to wherever the gateway is started")
    return path


def _in_index(path: str) -> list[float]:
    content = read_json5(path, INDEX_LIMIT)
    if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
        raise CannotKnow(f"{path} is not a table of sessions")
    return [_seconds(entry["updatedAt"], path) for entry in content.values() if entry.get("updatedAt") is not None]


def _in_store(path: str) -> list[float]:
    if not os.path.lexists(path):
        return []
    from guardrails.facts.reading.sqlite_stores import (  # not for states without a store
        check_table,
        has_table,
        open_read_only,
    )

    try:
        with open_read_only(path) as connection:
            if not has_table(connection, "session_nodes"):
                return []
            check_table(connection, "session_nodes")
            query = "SELECT max(updated_at, coalesce(last_activity_at, updated_at)) FROM session_nodes"
            times = [time for (time,) in connection.execute(query)]
    except FileNotFoundError:
        return []
    return [_seconds(time, path) for time in times]


def _seconds(milliseconds: Any, path: str) -> float:
    if type(milliseconds) not in (int, float) or not 0 <= milliseconds < END_OF_TIME:
        raise CannotKnow(
            f"{path} says of a session that it was last used at {str(milliseconds)[:40]!r}, which is no time"
        )
    return float(milliseconds / 1000)


def _entries(folder: str, suffix: str = "") -> Iterator[tuple[str, int, float]]:
    """What a folder holds: path, mode and time of the last change, each of what a link leads to."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.endswith(suffix):
                    continue
                try:
                    status = entry.stat()
                except FileNotFoundError:
                    continue  # removed meanwhile, or a link that leads nowhere
                yield entry.path, status.st_mode, status.st_mtime
    except FileNotFoundError:
        return
    except OSError as error:
        raise CannotKnow(f"{folder} cannot be read: {error.strerror}") from None

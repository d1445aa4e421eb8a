"""What a state directory says about places: where its jobs are filed, its sessions ran, its workspaces are.

A state directory that was copied, or that a gateway of another environment wrote into, still names the other's paths.
"""

from __future__ import annotations

import os

from guardrails import CannotKnow, Fact, Record
from guardrails.facts.files import decode, parse_json
from guardrails.facts.programs.side_by_side import Pause
from guardrails.facts.reading.json5_files import read_json5
from guardrails_policies.openclaw.state.configuration import expand, is_folder, read_configuration, read_setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Self

    from guardrails import World

HEAD_LIMIT = 16 * 1024  # bytes of a session's first line, which is 200 bytes long
COUNT_LIMIT = 100_000  # sessions, rows or agents of one kind in one place


class StateReference(Record):
    """One path that an environment's state names.

    `kind` is store_key (of a cron job), cwd (of a session), workspace, agentDir, session.store or cron.store. `where`
    is the file that says so, and `value` the path, with `~` expanded. It may be relative or hold a placeholder such as
    {agentId}.
    `real` is the path without symbolic links. `setting` is the name under which openclaw.json itself says it, such as
    agents.list[0].workspace; empty when something else does, which may be a file that openclaw.json includes.
    """

    environment: str
    kind: str
    where: str
    value: str
    real: str
    setting: str = ""


class StateReferences(Fact):
    """The paths named in the state directories of all environments; each is listed once for each file that names it."""

    references: tuple[StateReference, ...]

    @classmethod
    async def gather(cls, world: World, *options: bool) -> Self:
        """Read the settings, the heads of the sessions and the stores of every state directory that exists.

        The option says whether to look at all. Formats of OpenClaw 2026.1.30 and 2026.9.6. Raises CannotKnow when
        something is there and cannot be read.
        """
        if options == (False,):
            return cls(())
        await Pause(0)
        found: list[StateReference] = []
        real: dict[str, str] = {}
        for environment in world.environments.values():
            folder = environment.state_dir
            if folder is None or not is_folder(folder):
                continue
            for kind, where, named, name in dict.fromkeys(_named_in(folder)):
                value = expand(named, world.home)
                if value not in real:
                    real[value] = os.path.realpath(value)
                found.append(StateReference(environment.name, kind, where, value, real[value], name))
        return cls(tuple(found))


def _named_in(folder: str) -> Iterator[tuple[str, str, str, str]]:
    """Kind, file and value of each path, and the name of the setting that says it."""
    yield from _in_settings(folder)
    store = os.path.join(folder, "state", "openclaw.sqlite")
    for key in _query(store, "cron_jobs", "SELECT DISTINCT store_key FROM cron_jobs LIMIT ?"):
        yield "store_key", store, _text(key, store), ""
    agents = os.path.join(folder, "agents")
    for agent in _names(agents):
        sessions = os.path.join(agents, agent, "sessions")
        for name in _names(sessions, ".jsonl"):
            path = f"{sessions}/{name}"
            yield from ((*found, "") for found in _cwd(_first_line(path), path))
        store = os.path.join(agents, agent, "agent", "openclaw-agent.sqlite")
        for event in _query(store, "transcript_events", _FIRST_EVENTS):
            if event is None:
                raise CannotKnow(f"{store} holds a session whose first event is compressed")
            yield from ((*found, "") for found in _cwd(_text(event, store), store))


def _in_settings(folder: str) -> Iterator[tuple[str, str, str, str]]:
    settings, path = read_configuration(folder)
    own = settings == {} or read_json5(path) == settings  # nothing in them is from another file
    named = [
        ("workspace", "agents.defaults.workspace", read_setting(settings, path, "agents", "defaults", "workspace")),
        ("session.store", "session.store", read_setting(settings, path, "session", "store")),
        ("cron.store", "cron.store", read_setting(settings, path, "cron", "store")),
    ]
    named += [
        (kind, f"{agent}.{kind}", read_setting(table, path, kind))
        for agent, table in _agents(settings, path)
        for kind in ("workspace", "agentDir")
    ]
    for kind, name, value in named:
        if value is not None:
            yield kind, path, _text(value, path), name if own else ""


def _agents(settings: Any, path: str) -> list[tuple[str, Any]]:
    """What is set of each agent: in `agents.list`, and in `agents.entries` as versions from 2026.8.2 on write it."""
    listed, entries = (read_setting(settings, path, "agents", key) for key in ("list", "entries"))
    if not isinstance(listed, list | None) or not isinstance(entries, dict | None):
        raise CannotKnow(f"agents.list of {path} is not a list, or agents.entries not a table")
    return [
        *((f"agents.list[{number}]", agent) for number, agent in enumerate(listed or ())),
        *((f"agents.entries.{name}", agent) for name, agent in (entries or {}).items()),
    ]


# The first event of each session, found by stepping from one session to the next in the primary key: a transcript may
# hold a million events.
_FIRST_EVENTS = """
    WITH RECURSIVE session(id) AS (
        SELECT min(session_id) FROM transcript_events
        UNION ALL
        SELECT (SELECT min(session_id) FROM transcript_events WHERE session_id > session.id)
        FROM session WHERE id IS NOT NULL LIMIT ?
    )
    SELECT (SELECT event_json FROM transcript_events WHERE session_id = session.id ORDER BY seq LIMIT 1)
    FROM session WHERE id IS NOT NULL
"""


def _query(path: str, table: str, query: str) -> list[Any]:
    if not os.path.lexists(path):
        return []
    from guardrails.facts.reading.sqlite_stores import has_table, open_read_only  # not for states without a database

    try:
        with open_read_only(path) as connection:
            if not has_table(connection, table):
                return []
            rows = [value for (value,) in connection.execute(query, (COUNT_LIMIT,))]
    except FileNotFoundError:
        return []
    if len(rows) >= COUNT_LIMIT - 1:
        raise CannotKnow(f"{path} holds more than {COUNT_LIMIT} rows of {table} to read")
    return rows


def _cwd(line: str, path: str) -> Iterator[tuple[str, str, str]]:
    event = parse_json(line, f"the first entry of {path}") if line else {}
    if not isinstance(event, dict):
        raise CannotKnow(f"the first entry of {path} is not an object")
    if (value := event.get("cwd")) is not None:
        yield "cwd", path, _text(value, path)


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise CannotKnow(f"{path} names a place by {str(value)[:40]!r}, which is not readable text")
    return value


def _first_line(path: str) -> str:
    """The first line of a session, empty when the session is still empty."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            head = os.read(descriptor, HEAD_LIMIT)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return ""  # removed since its folder was listed
    except OSError as error:
        raise CannotKnow(f"{path} cannot be read: {error.strerror}") from None
    line, end, _ = head.partition(b"\n")
    if not end and len(head) == HEAD_LIMIT:
        raise CannotKnow(f"the first line of {path} is longer than {HEAD_LIMIT} bytes")
    return decode(line, path)


def _names(folder: str, suffix: str = "") -> list[str]:
    """The folders in a folder, or its files with the given suffix."""
    names = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if suffix and entry.name.endswith(suffix):
                    if not entry.is_file():  # before opening: opening a device can act on it
                        raise CannotKnow(f"{entry.path} is not a file")
                    names.append(entry.name)
                elif not suffix and entry.is_dir():
                    names.append(entry.name)
                if len(names) >= COUNT_LIMIT:
                    raise CannotKnow(f"{folder} holds more than {COUNT_LIMIT} entries")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CannotKnow(f"{folder} cannot be read: {error.strerror}") from None
    return sorted(names)

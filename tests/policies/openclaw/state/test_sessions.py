"""The last use of a session is found in every era, strictly, quickly and without a trace."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, NothingAsked
from guardrails.testing import gather, world
from guardrails_policies.openclaw.state.sessions import AHEAD, Sessions
from worlds.openclaw_state import CAPTURED_AT, MIGRATED, NEW, OLD, change, listing, real_state

AT = 1_795_348_400.0
WEEK = 7 * 86_400.0


def look(state: Path | None, at: float = AT, max_age: str = "7d", home: str = "/home/alice") -> Sessions:
    """Gather, and see to it that not a byte changed."""
    before = listing(state) if state and state.is_dir() else None
    found = gather(Sessions, world(state_dir=None if state is None else str(state), at=at, home=home), max_age)
    assert before is None or (state is not None and listing(state) == before)
    return found


def write_index(state: Path, *ages: float, agent: str = "main") -> Path:
    """An index with a session for each age in seconds."""
    return write(state, agent, {f"agent:{agent}:{n}": {"updatedAt": (AT - age) * 1000} for n, age in enumerate(ages)})


def write(state: Path, agent: str, content: Any) -> Path:
    path = state / "agents" / agent / "sessions" / "sessions.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def write_transcript(state: Path, age: float, agent: str = "main", name: str = "one.jsonl") -> Path:
    path = state / "agents" / agent / "sessions" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("not even JSON\n")
    os.utime(path, (AT - age, AT - age))
    return path


def write_store(state: Path, *rows: tuple[Any, Any], agent: str = "main") -> Path:
    """A database of 2026.9.6 at rest, with updated_at and last_activity_at as ages in seconds."""
    path = state / "agents" / agent / "agent" / "openclaw-agent.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE session_nodes (session_key TEXT PRIMARY KEY, updated_at, last_activity_at)")
    for number, ages in enumerate(rows):
        times = [age if age is None or isinstance(age, str) else round((AT - age) * 1000) for age in ages]
        connection.execute("INSERT INTO session_nodes VALUES (?, ?, ?)", (str(number), *times))
    connection.commit()
    connection.close()
    return path


def write_schema(state: Path, schema: int) -> None:
    """A database of the state, as a version with this schema left it."""
    path = state / "state" / "openclaw.sqlite"
    path.parent.mkdir(parents=True)
    change(path, "CREATE TABLE cron_jobs (x)", f"PRAGMA user_version = {schema}")


# What an update has left behind


@pytest.mark.parametrize(("schema", "counts"), [(1, True), (15, False), (18, False), (19, False)])
@pytest.mark.parametrize("what", ["index", "transcripts"])
def test_what_is_in_files_counts_for_the_versions_that_read_files(
    tmp_path: Path, schema: int, what: str, *, counts: bool
) -> None:
    write_schema(tmp_path, schema)
    path = write_index(tmp_path, 60) if what == "index" else write_transcript(tmp_path, 60)
    found = look(tmp_path)
    assert (found.latest is not None) is counts
    assert found.left_behind == (() if counts else (str(path.parent / "sessions.json"),))


def test_of_a_schema_in_between_it_is_not_known(tmp_path: Path) -> None:
    write_schema(tmp_path, 7)
    assert look(tmp_path).latest is None
    write_index(tmp_path, 60)
    with pytest.raises(CannotKnow, match="has the schema 7"):
        look(tmp_path)
    write_store(tmp_path, (60, None))
    assert look(tmp_path).left_behind == ()


def test_one_agent_whose_sessions_were_moved_does_not_make_up_for_another(tmp_path: Path) -> None:
    write_schema(tmp_path, 18)
    write_store(tmp_path, (60, None), agent="a")
    write_index(tmp_path, 60, agent="a")  # what is left of an index beside a store with sessions is only a remainder
    path = write_index(tmp_path, 60, agent="b")
    found = look(tmp_path)
    assert found.latest == AT - 60
    assert found.left_behind == (str(path),)
    path.write_text("{}")
    assert look(tmp_path).left_behind == ()


# Captured states


@pytest.mark.parametrize(
    ("name", "file", "latest"),
    [
        (OLD, "agents/main/sessions/sessions.json", 1795347642.523),
        (NEW, "agents/main/agent/openclaw-agent.sqlite", 1795347631.545),
        (MIGRATED, "agents/main/agent/openclaw-agent.sqlite", 1795347642.523),
    ],
)
def test_captured(tmp_path: Path, name: str, file: str, latest: float) -> None:
    state = real_state(name, tmp_path / "state")
    fresh = look(state, CAPTURED_AT)
    assert (fresh.agents, fresh.where) == (1, str(state / file))
    assert fresh.latest is not None
    assert CAPTURED_AT - 3600 < fresh.latest <= latest
    assert look(state, CAPTURED_AT + 2 * WEEK).latest == latest, "all are looked at when none is recent"


# Where nothing is


def test_no_state_directory_is_configured() -> None:
    with pytest.raises(NothingAsked, match="prod has no state_dir"):
        look(None)


def test_an_absent_state_directory_is_recorded(tmp_path: Path) -> None:
    assert look(tmp_path / "absent") == Sessions(at=AT, state_dir=str(tmp_path / "absent"), exists=False)


def test_no_agents(tmp_path: Path) -> None:
    assert look(tmp_path) == Sessions(at=AT, state_dir=str(tmp_path))
    (tmp_path / "agents" / "main" / "agent").mkdir(parents=True)
    (tmp_path / "agents" / "notes.txt").touch()
    assert look(tmp_path) == Sessions(at=AT, state_dir=str(tmp_path), agents=1)


def test_an_index_without_sessions_says_that_there_is_none(tmp_path: Path) -> None:
    write(tmp_path, "main", {})
    write_transcript(tmp_path, 60)
    assert look(tmp_path).latest is None, "transcripts that no index lists are no sessions"


# The index


def test_the_latest_of_an_index(tmp_path: Path) -> None:
    path = write_index(tmp_path, 30 * WEEK, 9 * WEEK, 20 * WEEK)
    write_transcript(tmp_path, 60)
    found = look(tmp_path)
    assert (found.latest, found.where, found.later) == (AT - 9 * WEEK, str(path), None)


def test_a_session_without_a_time_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "main", {"one": {"sessionId": "x"}, "two": {"updatedAt": None}})
    assert look(tmp_path).latest is None


def test_looking_ends_at_the_first_that_is_recent(tmp_path: Path) -> None:
    write_index(tmp_path, 9 * WEEK, agent="a")
    write_index(tmp_path, 60, 30, agent="b")
    write(tmp_path, "c", "broken")
    found = look(tmp_path)
    assert (found.agents, found.latest) == (2, AT - 60)


def test_the_age_that_counts_as_recent(tmp_path: Path) -> None:
    write_index(tmp_path, 3600, agent="a")
    write_index(tmp_path, 60, agent="b")
    assert look(tmp_path, max_age="1h").agents == 1
    assert look(tmp_path, max_age="59m").agents == 2


@pytest.mark.parametrize(("ahead", "counts"), [(AHEAD, True), (AHEAD + 1, False), (1e10, False)])
def test_what_lies_ahead_counts_as_far_as_clocks_may_differ(tmp_path: Path, ahead: float, counts: bool) -> None:
    write_index(tmp_path, -ahead)
    found = look(tmp_path)
    assert (found.latest, found.later) == ((AT + ahead, None) if counts else (None, AT + ahead))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"a": 7}',
        '{"a": {"updatedAt": "soon"}}',
        '{"a": {"updatedAt": true}}',
        '{"a": {"updatedAt": -1}}',
        '{"a": {"updatedAt": 1e300}}',
        '{"a": {"updatedAt": NaN}}',
        '{"a": {"updatedAt": 1}, "a": {"updatedAt": 2}}',
    ],
)
def test_an_index_that_makes_no_sense_cannot_be_known(tmp_path: Path, content: str) -> None:
    write(tmp_path, "main", content)
    with pytest.raises(CannotKnow, match=r"sessions\.json"):
        look(tmp_path)


def test_an_index_may_be_json5(tmp_path: Path) -> None:
    write(tmp_path, "main", f"{{a: {{updatedAt: {round(AT * 1000)},}}, /* mine */}}")
    assert look(tmp_path).latest == AT


def test_what_cannot_be_read_matters_unless_another_agent_is_active(tmp_path: Path) -> None:
    write(tmp_path, "a", "broken")
    write_index(tmp_path, 9 * WEEK, agent="b")
    with pytest.raises(CannotKnow, match="agents/a/"):
        look(tmp_path)
    write_index(tmp_path, 60, agent="c")
    assert look(tmp_path).latest == AT - 60


def test_a_fifo_for_an_index_is_not_waited_for(tmp_path: Path) -> None:
    write_index(tmp_path, 60).unlink()
    os.mkfifo(tmp_path / "agents/main/sessions/sessions.json")
    with pytest.raises(CannotKnow, match="is a FIFO"):
        gather(Sessions, world(state_dir=str(tmp_path), at=AT), "7d")


# Where the index is


@pytest.mark.parametrize("template", ["{folder}/{{agentId}}.json", "~/{{agentId}}.json"])
def test_the_configured_index_is_honoured(tmp_path: Path, template: str) -> None:
    state, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    write_index(state, 9 * WEEK)
    elsewhere.mkdir()
    (elsewhere / "main.json").write_text(json.dumps({"a": {"updatedAt": (AT - 60) * 1000}}))
    (state / "openclaw.json").write_text(json.dumps({"session": {"store": template.format(folder=elsewhere)}}))
    found = look(state, home=str(elsewhere))
    assert (found.latest, found.where) == (AT - 60, str(elsewhere / "main.json"))


@pytest.mark.parametrize(
    ("store", "complaint"), [("sessions.json", "relative"), (7, "not a path"), ("${HOME}/s.json", "depends on")]
)
def test_a_configured_index_that_is_not_plain_cannot_be_known(tmp_path: Path, store: Any, complaint: str) -> None:
    write_index(tmp_path, 60)
    (tmp_path / "openclaw.json").write_text(json.dumps({"session": {"store": store}}))
    with pytest.raises(CannotKnow, match=complaint):
        look(tmp_path)


# Transcripts


def test_without_an_index_the_times_of_transcripts_count(tmp_path: Path) -> None:
    write_transcript(tmp_path, 9 * WEEK)
    path = write_transcript(tmp_path, 8 * WEEK, name="two-topic-3.jsonl")
    write_transcript(tmp_path, 60, name="notes.txt")
    (tmp_path / "agents/main/sessions/folder.jsonl").mkdir()
    (tmp_path / "agents/main/sessions/dangling.jsonl").symlink_to("nowhere")
    found = look(tmp_path)
    assert (found.latest, found.where) == (AT - 8 * WEEK, str(path))


def test_a_folder_in_the_place_of_agents_must_be_readable(tmp_path: Path) -> None:
    (tmp_path / "agents").touch()
    with pytest.raises(CannotKnow, match="cannot be read: Not a directory"):
        look(tmp_path)


def test_a_thousand_sessions_are_looked_through_in_a_moment(tmp_path: Path) -> None:
    for number in range(1000):
        write_transcript(tmp_path, 9 * WEEK + number, f"agent-{number % 10}", f"{number}.jsonl")
    assert look(tmp_path).latest == AT - 9 * WEEK
    write_index(tmp_path, *(9 * WEEK + number for number in range(1000)))
    assert look(tmp_path).agents == 11


# The database


def test_the_latest_of_a_database(tmp_path: Path) -> None:
    path = write_store(tmp_path, (9 * WEEK, None), (12 * WEEK, 8 * WEEK), (10 * WEEK, 11 * WEEK))
    found = look(tmp_path)
    assert (found.latest, found.where) == (AT - 8 * WEEK, str(path))


def test_an_old_index_beside_a_database_does_not_hide_it(tmp_path: Path) -> None:
    write_index(tmp_path, 9 * WEEK)
    path = write_store(tmp_path, (60, None))
    assert (look(tmp_path).latest, look(tmp_path).where) == (AT - 60, str(path))


def test_a_database_without_sessions(tmp_path: Path) -> None:
    path = write_store(tmp_path)
    assert (look(tmp_path).latest, look(tmp_path).agents) == (None, 1)
    change(path, "DROP TABLE session_nodes")
    assert (look(tmp_path).latest, look(tmp_path).agents) == (None, 1)


def test_a_database_that_makes_no_sense_cannot_be_known(tmp_path: Path) -> None:
    path = write_store(tmp_path, ("soon", None))
    with pytest.raises(CannotKnow, match="which is no time"):
        look(tmp_path)
    path.write_bytes(b"not a database, but long enough to be looked at" * 9)
    with pytest.raises(CannotKnow, match="is not a SQLite store"):
        look(tmp_path)

"""Every path that a state directory names is found, cheaply and without a trace."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from guardrails import CannotKnow, Environment
from guardrails.testing import World, gather
from guardrails_policies.openclaw.state import references
from guardrails_policies.openclaw.state.references import StateReference, StateReferences
from worlds.openclaw_state import MIGRATED, NEW, OLD, change, job, listing, real_state, write_database

HEADER = {"type": "session", "version": 3, "id": "s", "timestamp": "2026-11-22T11:40:31.553Z", "cwd": "/srv/space"}
EVENTS = """CREATE TABLE transcript_events (session_id TEXT NOT NULL, seq INTEGER NOT NULL, event_json TEXT,
    PRIMARY KEY (session_id, seq)) STRICT"""


def look(**state_dirs: Path | None) -> tuple[StateReference, ...]:
    """Gather for these environments, and see to it that not a byte changed."""
    before = {name: listing(path) for name, path in state_dirs.items() if path and path.is_dir()}
    environments = {
        name: Environment(name=name, repo="/", state_dir=None if path is None else str(path))
        for name, path in state_dirs.items()
    }
    world = World(next(iter(environments.values())), environments, at=0.0, home="/home/alice")
    found = gather(StateReferences, world).references
    assert before == {name: listing(path) for name, path in state_dirs.items() if path and path.is_dir()}
    return found


def session(state: Path, content: str | bytes, agent: str = "main", name: str = "s.jsonl") -> Path:
    path = state / "agents" / agent / "sessions" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def agent_database(state: Path, *statements: str) -> Path:
    path = state / "agents" / "main" / "agent" / "openclaw-agent.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    change(path, EVENTS, *statements)
    return path


def values(found: tuple[StateReference, ...]) -> list[tuple[str, str]]:
    return [(reference.kind, reference.value) for reference in found]


def test_captured_2026_1_30_names_the_default_workspace(tmp_path: Path) -> None:
    state = real_state(OLD, tmp_path / "state")
    sessions = f"{state}/agents/main/sessions"
    assert look(dev=state) == (
        StateReference(
            "dev",
            "cwd",
            f"{sessions}/4a79b592-d783-47e3-89bd-4981488acc17.jsonl",
            "/home/alice/.openclaw/workspace",
            "/home/alice/.openclaw/workspace",
        ),
        StateReference(
            "dev",
            "cwd",
            f"{sessions}/a50cf2be-bf1c-4749-8dfe-21b2341ff542.jsonl",
            "/home/alice/.openclaw/workspace",
            "/home/alice/.openclaw/workspace",
        ),
    )


@pytest.mark.parametrize(("name", "place"), [(NEW, "/home/alice/.openclaw"), (MIGRATED, "/home/alice/.openclaw-dev")])
def test_captured_databases_name_their_place_and_the_workspace(tmp_path: Path, name: str, place: str) -> None:
    state = real_state(name, tmp_path / "state")
    assert look(prod=state) == (
        StateReference(
            "prod", "store_key", f"{state}/state/openclaw.sqlite", f"{place}/cron/jobs.json", f"{place}/cron/jobs.json"
        ),
        StateReference(
            "prod",
            "cwd",
            f"{state}/agents/main/agent/openclaw-agent.sqlite",
            "/home/alice/.openclaw/workspace",
            "/home/alice/.openclaw/workspace",
        ),
    )


def test_every_environment_is_looked_at_and_absent_ones_are_nothing(tmp_path: Path) -> None:
    session(tmp_path / "a", json.dumps(HEADER | {"cwd": "/in/a"}))
    session(tmp_path / "b", json.dumps(HEADER | {"cwd": "/in/b"}))
    found = look(one=tmp_path / "a", two=tmp_path / "b", three=tmp_path / "absent", four=None)
    assert [(one.environment, one.value) for one in found] == [("one", "/in/a"), ("two", "/in/b")]


def test_real_paths_are_without_symlinks(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    session(tmp_path / "state", json.dumps(HEADER | {"cwd": f"{tmp_path}/link/space"}))
    (found,) = look(prod=tmp_path / "state")
    assert (found.value, found.real) == (f"{tmp_path}/link/space", f"{tmp_path}/target/space")


def test_nothing_is_looked_at_when_nobody_asks(tmp_path: Path) -> None:
    session(tmp_path, "{")
    prod = Environment(name="prod", repo="/", state_dir=str(tmp_path))
    world = World(prod, {"prod": prod}, at=0.0, home="/")
    assert gather(StateReferences, world, False).references == ()
    with pytest.raises(CannotKnow):
        gather(StateReferences, world, True)


def test_an_empty_state_directory_names_nothing(tmp_path: Path) -> None:
    assert look(prod=tmp_path) == ()


def test_settings_name_workspaces_and_stores(tmp_path: Path) -> None:
    (tmp_path / "openclaw.json").write_text("""{
        agents: {defaults: {workspace: '~/space'}, list: [{id: 'a', workspace: '/srv/a'}, {id: 'b'}]},
        session: {store: '~/.openclaw/agents/{agentId}/sessions.json'}, cron: {store: '/srv/jobs.json'},
    }""")
    found = look(prod=tmp_path)
    assert {reference.where for reference in found} == {f"{tmp_path}/openclaw.json"}
    assert values(found) == [
        ("workspace", "/home/alice/space"),
        ("session.store", "/home/alice/.openclaw/agents/{agentId}/sessions.json"),
        ("cron.store", "/srv/jobs.json"),
        ("workspace", "/srv/a"),
    ]


@pytest.mark.parametrize(
    "settings",
    [
        "{",
        "[]",
        "{agents: []}",
        "{agents: {list: {}}}",
        "{agents: {list: ['a']}}",
        "{agents: {defaults: {workspace: 7}}}",
        "{agents: {defaults: {workspace: '${HOME}/x'}}}",
        "{agents: {list: [{$include: 'a.json5'}]}}",
        "{session: {$include: 's.json5'}}",
    ],
)
def test_settings_that_make_no_sense_cannot_be_known(tmp_path: Path, settings: str) -> None:
    (tmp_path / "openclaw.json").write_text(settings)
    with pytest.raises(CannotKnow, match=r"openclaw\.json"):
        look(prod=tmp_path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (json.dumps(HEADER) + "\n" + "{}\n" * 9000, [("cwd", "/srv/space")]),
        (json.dumps(HEADER), [("cwd", "/srv/space")]),
        (json.dumps(HEADER) + "\r\n", [("cwd", "/srv/space")]),
        (json.dumps({"type": "message", "text": "hello"}) + "\n", []),
        ("", []),
        ("\n", []),
    ],
)
def test_a_session_names_the_folder_that_it_ran_in(tmp_path: Path, content: str, expected: list[object]) -> None:
    session(tmp_path, content, name="s-topic-4.jsonl")
    assert values(look(prod=tmp_path)) == expected


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(HEADER)[:-1],
        "{\n",
        "[]\n",
        "7\n",
        json.dumps(HEADER | {"cwd": 7}) + "\n",
        '{"cwd": "/a", "cwd": "/b"}\n',
        "x" * 20_000,
        b"\xff\xfe\n",
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_session_that_makes_no_sense_cannot_be_known(tmp_path: Path, content: str | bytes) -> None:
    session(tmp_path, content)
    with pytest.raises(CannotKnow, match=r"s\.jsonl"):
        look(prod=tmp_path)


def test_only_sessions_are_opened(tmp_path: Path) -> None:
    session(tmp_path, "{", name="sessions.json")
    session(tmp_path, "{", name="s.jsonl.deleted")
    (tmp_path / "agents" / "README").touch()
    assert look(prod=tmp_path) == ()


def test_a_session_that_is_no_file_cannot_be_known(tmp_path: Path) -> None:
    path = session(tmp_path, "")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(CannotKnow, match="not a file"):
        gather_only(tmp_path)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(CannotKnow, match="not a file"):
        gather_only(tmp_path)


def gather_only(state: Path) -> StateReferences:
    prod = Environment(name="prod", repo="/", state_dir=str(state))
    return gather(StateReferences, World(prod, {"prod": prod}, at=0.0, home="/"))


@pytest.mark.parametrize("place", ["agents", "agents/main/sessions", "agents/main/agent/openclaw-agent.sqlite"])
def test_a_place_of_the_wrong_kind_cannot_be_known(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("not this")
    with pytest.raises(CannotKnow, match=place):
        look(prod=tmp_path)


def test_a_state_directory_that_is_a_file_cannot_be_known(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotKnow, match="not a directory"):
        look(prod=tmp_path / "file")


def test_the_first_event_of_each_session_counts_and_places_are_listed_once(tmp_path: Path) -> None:
    path = agent_database(
        tmp_path,
        """INSERT INTO transcript_events VALUES ('a', 3, '{"cwd": "/in/a"}'), ('a', 4, '{"cwd": "/later"}')""",
        """INSERT INTO transcript_events VALUES ('b', 0, '{"cwd": "/in/b"}'), ('c', 0, '{"cwd": "/in/a"}')""",
        """INSERT INTO transcript_events VALUES ('d', 0, '{"type": "message"}')""",
    )
    assert look(prod=tmp_path) == (
        StateReference("prod", "cwd", str(path), "/in/a", "/in/a"),
        StateReference("prod", "cwd", str(path), "/in/b", "/in/b"),
    )


def test_an_agent_database_without_events_names_nothing(tmp_path: Path) -> None:
    agent_database(tmp_path)
    assert look(prod=tmp_path) == ()
    agent = tmp_path / "agents" / "main" / "agent" / "openclaw-agent.sqlite"
    change(agent, "DROP TABLE transcript_events")
    assert look(prod=tmp_path) == ()


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        ("NULL", "compressed"),
        ("'{'", "not valid JSON"),
        ("'[]'", "not an object"),
        ("""'{"cwd": []}'""", "names a place"),
    ],
)
def test_an_event_that_makes_no_sense_cannot_be_known(tmp_path: Path, event: str, complaint: str) -> None:
    agent_database(tmp_path, f"INSERT INTO transcript_events VALUES ('a', 0, {event})")
    with pytest.raises(CannotKnow, match=complaint):
        look(prod=tmp_path)


def test_each_store_key_is_listed_once(tmp_path: Path) -> None:
    write_database(tmp_path, job("a"), job("b"), store_key="/other/cron/jobs.json")
    assert values(look(prod=tmp_path)) == [("store_key", "/other/cron/jobs.json")]


@pytest.mark.parametrize("count", [4, 5])
def test_counts_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(references, "COUNT_LIMIT", 6)
    rows = ", ".join(f"('{number}', 0, '{{}}')" for number in range(count))
    agent_database(tmp_path, f"INSERT INTO transcript_events VALUES {rows}")
    for number in range(count + 1):
        session(tmp_path, "", name=f"{number}.jsonl")
    if count == 4:
        assert look(prod=tmp_path) == ()
    else:
        with pytest.raises(CannotKnow, match="more than 6"):
            look(prod=tmp_path)


@pytest.mark.parametrize(
    ("agents", "names"),
    [
        ({"list": [{"id": "a"}, {"id": "b", "workspace": "/w"}]}, ["agents.list[1].workspace"]),
        ({"entries": {"a": {}, "b": {"workspace": "~/w"}}}, ["agents.entries.b.workspace"]),
        ({"defaults": {"workspace": "/w"}, "entries": {}}, ["agents.defaults.workspace"]),
        ({"list": [{"id": "a", "agentDir": "/a"}]}, ["agents.list[0].agentDir"]),
        ({"list": [{"workspace": "/w"}], "entries": {"b": {"workspace": "/w"}}},
         ["agents.list[0].workspace", "agents.entries.b.workspace"]),
    ],
)  # fmt: skip
def test_the_workspaces_of_agents_in_a_list_or_a_table(tmp_path: Path, agents: object, names: list[str]) -> None:
    (tmp_path / "openclaw.json").write_text(json.dumps({"agents": agents}))
    assert [one.setting for one in look(prod=tmp_path)] == names


@pytest.mark.parametrize("agents", [{"entries": []}, {"entries": {"$include": "none.json"}}, {"list": {}}])
def test_agents_that_cannot_be_looked_through_are_no_answer(tmp_path: Path, agents: object) -> None:
    (tmp_path / "openclaw.json").write_text(json.dumps({"agents": agents}))
    with pytest.raises(CannotKnow, match=r"agents\.(list|entries)"):
        look(prod=tmp_path)


def test_what_an_included_file_says_is_found_and_has_no_setting_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "openclaw.json").write_text('{$include: "agents.json5", agents: {list: [{id: "a", workspace: "/a"}]}}')
    (tmp_path / "agents.json5").write_text('{agents: {list: [{id: "b", workspace: "/b"}]}}')
    assert [(one.value, one.setting) for one in look(prod=tmp_path)] == [("/b", ""), ("/a", "")]

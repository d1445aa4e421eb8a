"""What was told is kept whole; gone or damaged it says so, and nobody tells while another one does."""

from __future__ import annotations

import json
import math
import resource
from pathlib import Path
from typing import Any

import pytest

from guardrails.audit.chain import Head
from guardrails.errors import UsageError
from guardrails.watch import told
from guardrails.watch.comparison import Seen, Standing
from guardrails.watch.told import Checked, State, Told

STATE = State(
    Head(3, "a" * 64),
    Checked("deny", 12.5, 0.2, {"clean-worktree": True}, 3.0, {"links": 99.0}),
    {"c": Told(7.0, Standing("deny", 7.0, (Seen("p", "m", "x", "text", blocks=True),), ("p",), "sha256:0"), ("w",))},
)


@pytest.fixture
def log(tmp_path: Path) -> str:
    return str(tmp_path / "state/audit.jsonl")


def kept(log: str) -> Path:
    return Path(log).parent / "watch.json"


def test_what_is_kept_comes_back(log: str) -> None:
    assert told.read(log, "prod") == State()
    with told.hold(log):
        told.write(log, "prod", STATE)
        told.write(log, "dev", State())
    assert told.read(log, "prod") == STATE
    assert told.read(log, "dev") == State()
    assert kept(log).stat().st_mode & 0o777 == 0o600
    assert {path.name for path in kept(log).parent.iterdir()} == {"watch.json", "watch.lock"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        '{"prod": 5}',
        '{"prod": {"head": 5, "checked": null, "told": {}}}',
        '{"prod": {}}',
        "[" * 9999,
    ],
)
def test_what_is_damaged_is_lost_and_not_a_mistake(log: str, text: str) -> None:
    with told.hold(log):
        kept(log).write_text(text)
        kept(log).chmod(0o600)
        assert told.read(log, "prod") == State(lost=True)
        told.write(log, "prod", STATE)
    assert told.read(log, "prod") == STATE


STANDING, SEEN = ("told", "c", "standing"), ("told", "c", "standing", "seen", 0)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        *((place, []) for place in (*((*SEEN, name) for name in Seen.__fields__), ("told",), ("told", "c"), STANDING)),
        *((place, {}) for place in ((*STANDING, name) for name in Standing.__fields__)),
        *((place, "x") for place in (*(("checked", name) for name in Checked.__fields__), SEEN, (*STANDING, "cut"))),
        *((("told", "c", "at"), wrong) for wrong in (True, math.nan, math.inf, 10**400, "7")),
        ((*SEEN, "blocks"), "no"),
        (("told", "c", "waivers"), "w"),
        (("told", "c", "waivers", 0), 5),
        (("head", "number"), "3"),
        (("head", "digest"), None),
        (("checked", "blocks", "clean-worktree"), 1),
        (("checked", "waivers", "links"), "soon"),
    ],
    ids=str,
)
def test_a_value_of_another_kind_is_lost_and_not_a_mistake(log: str, place: tuple[Any, ...], wrong: object) -> None:
    with told.hold(log):
        told.write(log, "prod", STATE)
    data = json.loads(kept(log).read_text())
    *way, last = place
    inner = data["prod"]
    for step in way:
        inner = inner[step]
    inner[last] = wrong
    kept(log).write_text(json.dumps(data))
    assert told.read(log, "prod") == State(lost=True)


def test_what_others_could_have_written_is_not_believed(log: str) -> None:
    with told.hold(log):
        told.write(log, "prod", STATE)
    kept(log).chmod(0o666)
    assert told.read(log, "prod").lost
    kept(log).unlink()
    kept(log).symlink_to("/dev/zero")
    assert told.read(log, "prod").lost


def test_two_do_not_tell_at_once(log: str) -> None:
    with told.hold(log), pytest.raises(UsageError, match="was held by another watch for too long"), told.hold(log, 0.1):
        pass
    with told.hold(log, 0.1):
        pass


def test_a_full_disk_leaves_what_was_kept(log: str) -> None:
    with told.hold(log):
        told.write(log, "prod", STATE)
    before = kept(log).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(UsageError, match="cannot be written: File too large"):
            told.write(log, "prod", State())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert kept(log).read_bytes() == before
    assert json.loads(before)["prod"]["head"]["number"] == 3
    assert len(list(kept(log).parent.iterdir())) == 2

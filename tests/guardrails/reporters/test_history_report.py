"""A history for people, at any width and in colour or not, and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardrails.facts.past.gaps import Gap
from guardrails.facts.past.logged import Acceptance
from guardrails.facts.past.past import Move, Past
from guardrails.reporters.history_report import History, TextHistory, as_json

A, B = "a" * 40, "b" * 40
GUARDED = Move(1_770_000_000, A, B, "me@mini", "allow", "promote", "c" * 40)
BY_HAND = Move(1_770_000_000, B, A)
ACCEPTED = BY_HAND.replaced(accepted=Acceptance(1_770_000_060.5, "me@mini", B, "it was Friday", ()))
FAILED = GUARDED.replaced(verdict="deny")
HOLE = Gap("reflog", "the reflog was at a and goes on at b", 1_770_000_000)
RECORD = Gap("record", "promote led from a to b", 1_770_000_000, "c" * 40)
NO_LOG = Gap("log", "there is no such log")


def history(*moves: Move, gaps: tuple[Gap, ...] = (), **rest: Any) -> History:
    return History("prod", Past("/srv/prod", "prod", moves=moves, gaps=gaps), **rest)


@pytest.mark.parametrize(
    ("moves", "gaps", "code"),
    [
        ((), (), 0),
        ((GUARDED, ACCEPTED), (), 0),
        ((GUARDED, BY_HAND), (), 1),
        ((FAILED,), (), 1),
        ((GUARDED,), (RECORD,), 1),
        ((GUARDED,), (HOLE, RECORD), 2),
        ((BY_HAND,), (HOLE,), 1),
        ((BY_HAND,), (NO_LOG,), 2),
        ((BY_HAND,), (Gap("deployments", "moved by hand"),), 2),
        ((BY_HAND,), (Gap("reflog", "there is none"),), 2),
    ],
)
def test_the_exit_code(moves: tuple[Move, ...], gaps: tuple[Gap, ...], code: int) -> None:
    found = history(*moves, gaps=gaps)
    assert (found.exit_code, json.loads(as_json(found))["exit_code"]) == (code, code)
    assert found.replaced(errors=("a disk is full",)).exit_code == 2
    last = TextHistory().render(found).splitlines()[-1]
    assert last.startswith({0: "GUARDED", 1: "NOT GUARDED", 2: "CANNOT TELL"}[code])


def test_json() -> None:
    found = json.loads(as_json(history(GUARDED, ACCEPTED, Move(0, "", A), gaps=(RECORD, NO_LOG))))

    assert list(found) == ["schema_version", "tool", "environment", "moves", "gaps", "errors", "exit_code"]
    at = "2026-02-02T02:40:00Z"
    assert found["moves"] == [
        {"at": at, "old": A, "new": B, "by": "me@mini", "verdict": "allow", "record": "c" * 40, "accepted": None},
        {
            "at": at, "old": B, "new": A, "by": None, "verdict": None, "record": None,
            "accepted": {"at": "2026-02-02T02:41:00Z", "by": "me@mini", "reason": "it was Friday"},
        },
        {"at": "1970-01-01T00:00:00Z", "old": None, "new": A, "by": None, "verdict": None, "record": None,
         "accepted": None},
    ]  # fmt: skip
    assert found["gaps"][0] == {"kind": "record", "text": RECORD.text, "at": at, "record": "c" * 40}
    assert found["gaps"][1]["at"] is None


def test_what_could_not_be_read_is_an_object_too() -> None:
    found = json.loads(as_json(History(None, errors=("unknown environment",))))
    assert (found["moves"], found["gaps"], found["errors"], found["exit_code"]) == ([], [], ["unknown environment"], 2)
    assert "! unknown environment\n" in TextHistory().render(History(None, errors=("unknown environment",)))


WHOLE = history(GUARDED, ACCEPTED, BY_HAND, FAILED, Move(0, "", A), gaps=(HOLE, RECORD, NO_LOG))


@pytest.mark.parametrize("width", [80, 60, 40, 20])
def test_it_fits_a_width(width: int) -> None:
    lines = TextHistory(width=width).render(WHOLE).splitlines()

    assert all(len(line) <= max(width, 27) or line.startswith("  do") for line in lines), lines
    assert " ".join(" ".join(lines).split()) == " ".join(TextHistory().render(WHOLE).split())


def test_a_line_of_eighty_columns_holds_a_move() -> None:
    lines = TextHistory(width=80).render(history(GUARDED, BY_HAND)).splitlines()
    assert lines[3:5] == [
        "✓ 2026-02-02 02:40:00Z  aaaaaaaaaaaa → bbbbbbbbbbbb  promote by me@mini",
        "✗ 2026-02-02 02:40:00Z  bbbbbbbbbbbb → aaaaaaaaaaaa  nobody guarded it",
    ]
    assert lines[-1] == "NOT GUARDED  2 moves: 1 guarded, 1 by nobody"


def test_colour_says_nothing_that_words_do_not() -> None:
    import re

    coloured = TextHistory(colour=True, width=80).render(WHOLE)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == TextHistory(width=80).render(WHOLE)
    assert coloured.count("\x1b[32m✓\x1b[0m") == 2
    assert coloured.count("\x1b[31m✗\x1b[0m") == 3


def test_what_to_do_next() -> None:
    assert f"do    guardrails history accept {B[:12]} --env prod --reason WHY\n" in TextHistory().render(
        history(GUARDED, BY_HAND.replaced(old=A, new=B))
    )
    assert "do    guardrails log verify --env prod\n" in TextHistory().render(history(BY_HAND, gaps=(NO_LOG,)))
    assert "do    " not in TextHistory().render(history(GUARDED))


def test_text_from_the_world_is_data() -> None:
    reason = "\x1b[31mred\n✓ all is well \u202e token=ghp_0123456789abcdefghijABCDEFGHIJ012345"
    hostile = BY_HAND.replaced(accepted=Acceptance(0, "me@\x07mini", B, reason, ()))
    found = history(hostile, gaps=(Gap("log", "a\x1b]0;title\x07b"),), errors=("c\rd",))
    for width in (None, 80, 40):
        text = TextHistory(width=width).render(found)
        assert "ghp_" not in text
        assert all(line.isprintable() for line in text.splitlines())
    assert json.loads(as_json(found))["moves"][0]["accepted"]["reason"].startswith("\x1b[31mred\n")
    assert "ghp_" not in as_json(found)

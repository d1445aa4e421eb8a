"""One form of times, wherever one stands: RFC 3339 with its zone."""

from __future__ import annotations

import tomllib

import pytest

from guardrails.errors import CannotKnow
from guardrails.facts.approval.statements import Statement
from guardrails.facts.calendar import Window
from guardrails.wording.shown_text import utc
from guardrails.wording.times import moment, seconds_of

AT = 1_769_940_000.0

GOOD = [
    ("2026-02-01T10:00:00Z", AT),
    ("2026-02-01t10:00:00z", AT),
    ("2026-02-01 11:00:00+01:00", AT),
    ("2026-02-01T10:00:00-00:00", AT),
    ("2026-02-01T10:00:00.500Z", AT + 0.5),
]
BAD = ["", "2026-02-01", "2026-02-01T10:00:00", "20260201T100000Z", "2026-02-30T10:00:00Z", "2026-W05-7T10:00:00Z"]
BAD += ["7d", "never", "2026-02-01T10:00Z", "2026-02-01T10Z", "9999999999", "2026-02-01T25:00:00Z"]
BAD += ["2026-02-01T10:00:00Z\n", "٢٠٢٦-02-01T10:00:00Z", "2026-02-01T10:00:00+01:00:30", "2026-02-01T10:00:00+0100"]
BAD += ["0001-01-01T00:00:00+14:00", "2026-032T10:00:00Z", "2026-02-01x10:00:00Z", "2026-02-01T10:00:00,5Z"]


@pytest.mark.parametrize(("text", "at"), GOOD)
def test_times(text: str, at: float) -> None:
    assert seconds_of(text) == at
    assert utc(at) == "2026-02-01T10:00:00Z"


@pytest.mark.parametrize("value", [*BAD, 7, None, True])
def test_what_is_no_time(value: object) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        seconds_of(value)


def test_times_of_toml_and_their_offset() -> None:
    table = tomllib.loads("good = 2026-02-01T11:00:00+01:00\nlocal = 2026-02-01T11:00:00\nday = 2026-02-01\n")
    assert moment(table["good"]).isoformat() == "2026-02-01T11:00:00+01:00"
    for name in ("local", "day"):
        with pytest.raises(ValueError, match="names no zone"):
            moment(table[name])


@pytest.mark.parametrize("text", [text for text, _ in GOOD])
def test_what_is_a_time_in_one_place_is_one_in_all(text: str) -> None:
    assert Window(start="2026-01-01T00:00:00Z", end=text).end == text
    assert _stated(text) == seconds_of(text)


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_time_in_one_place_is_none_in_any(text: str) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        Window(start="2026-01-01T00:00:00Z", end=text)
    with pytest.raises(CannotKnow):
        _stated(text)


def _stated(text: str) -> float:
    return Statement("refs/x", "/repo", "kind", {}, {"at": text}, b"", b"").time("at")

"""A schedule has one text, whoever wrote it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails_policies.openclaw.cron.schedules import (
    cron_text,
    every_text,
    is_cron,
    is_moment,
    is_same_schedule,
    moment_text,
    stored_schedule,
    written_schedule,
)


@given(st.integers(1, 10**12))
def test_an_interval_is_found_again_however_it_is_stored(seconds: int) -> None:
    text, zone = stored_schedule({"kind": "every", "everyMs": seconds * 1000})
    assert (written_schedule(text), zone) == (text, "")
    assert written_schedule(f"every {seconds}s") == text


@given(st.integers(0, 253_402_300_799_999))
def test_a_moment_is_found_again_however_it_is_stored(milliseconds: int) -> None:
    text, _ = stored_schedule({"kind": "at", "atMs": milliseconds})
    assert is_moment(text)
    assert stored_schedule({"kind": "at", "at": text}) == (text, "")
    assert written_schedule(text) == text


@pytest.mark.parametrize(
    "text", ["0 9 * * 1-5", "*/15 0 9 * * MON,WED", "0 0 L * ?", "@DAILY", "0 9 15 * +5", "0 0 0 1 1 * 2030"]
)
def test_a_cron_expression_is_found_again(text: str) -> None:
    assert stored_schedule({"kind": "cron", "expr": text}) == (text, "")
    written = written_schedule(f"  {text.lower()}".replace(" ", "  "))
    assert written == text.lower()
    assert is_same_schedule(written, text)
    assert is_cron(text)
    assert not is_moment(text)


@given(st.text(max_size=30))
def test_any_other_text_is_refused(text: str) -> None:
    for read in (written_schedule, cron_text, moment_text):
        with suppress(ValueError):
            assert read(text).isascii()


@pytest.mark.parametrize("value", [None, True, 0, -1, 1.5, "5m", []])
def test_what_is_no_number_of_milliseconds_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="interval of"):
        every_text(value)


def test_the_words_of_a_command_are_told_as_they_are_stored() -> None:
    assert stored_schedule({"kind": "stream", "command": ["sh", "-c", "sleep 600"]}) == ("stream sh -c sleep 600", "")
    assert stored_schedule({"kind": "on-exit", "command": "make"}) == ("on-exit make", "")
    assert not is_cron("stream sh")


def test_a_moment_without_a_zone_is_utc_only_where_openclaw_reads_it() -> None:
    assert moment_text("2027-01-15T08:00:00") == "2027-01-15T08:00:00Z"
    with pytest.raises(ValueError, match="names no zone"):
        moment_text("2027-01-15T08:00:00", zone_needed=True)

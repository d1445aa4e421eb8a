"""Durations as people write them, and as they say them."""

import pytest

from guardrails import relative, seconds
from guardrails.wording.durations import say_duration


@pytest.mark.parametrize(
    ("text", "meant"),
    [("30s", 30), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("2w", 1_209_600), ("250ms", 0.25), ("1.5h", 5400)],
)
def test_a_number_and_a_unit(text: str, meant: float) -> None:
    assert seconds(text) == pytest.approx(meant)


@pytest.mark.parametrize(
    "text", ["", "m", "15", "15 m", "-1h", "0s", "1.h.", "1e3s", "15M", "٣h", "1h30m", "9999999999s"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as"):
        seconds(text)


MINUTE, HOUR, DAY = 60, 3600, 86_400


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, "0 seconds"),
        (1.9, "1 second"),
        (119.9, "119 seconds"),
        (2 * MINUTE, "2 minutes"),
        (2 * HOUR - 1, "119 minutes"),
        (2 * HOUR, "2 hours"),
        (47.9 * HOUR, "47 hours"),
        (2.5 * DAY, "2 days"),
        (730 * DAY, "730 days"),
        (731 * DAY, "2 years"),
    ],
)
def test_a_length_is_said_in_whole_units(length: float, said: str) -> None:
    assert say_duration(length) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (-3 * HOUR, "3 hours ago"),
        (-1, "1 second ago"),
        (-0.9, "just now"),
        (0, "just now"),
        (0.9, "just now"),
        (5 * DAY, "in 5 days"),
    ],
)
def test_a_time_is_said_as_seen_from_another(at: float, said: str) -> None:
    assert relative(1_770_000_000 + at, 1_770_000_000) == said

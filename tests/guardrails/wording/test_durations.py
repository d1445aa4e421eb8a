"""Durations as people write them."""

import pytest

from guardrails import seconds


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

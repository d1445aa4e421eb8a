"""A service is asked until it answers well, often enough in a row, and never beyond its time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pytest

from guardrails import CannotKnow, Fact, World
from guardrails.facts.answers import retries
from guardrails.facts.programs.side_by_side import Pause
from guardrails.testing import gather, world


class Tried(Fact):
    answers: tuple[str, ...]
    asked: int
    took: float

    @classmethod
    async def gather(cls, world: World, *options: Any) -> Tried:
        answers, times, within, duration = options
        left, asked, started = iter(answers), 0, time.monotonic()

        async def ask(seconds: float) -> str:
            nonlocal asked
            asked += 1
            await Pause(min(duration, seconds))
            return next(left, "bad")

        found = await retries.try_until_good(world, ask, lambda answer: answer == "good", within, times)
        return cls(found, asked, time.monotonic() - started)


def tried(
    answers: Iterable[str], times: int = 1, within: str = "5s", duration: float = 0, timeout: float = 10
) -> Tried:
    return gather(Tried, world(timeout=timeout), tuple(answers), times, within, duration)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "PAUSE", 0.05)


def test_one_good_answer_is_enough_and_takes_no_pause() -> None:
    found = tried(["good", "bad"])
    assert (found.answers, found.asked) == (("good",), 1)
    assert found.took < 0.05


def test_a_bad_answer_is_asked_for_again() -> None:
    found = tried(["bad", "bad", "good"])
    assert (found.answers, found.asked) == (("good",), 3)
    assert found.took >= 0.1


def test_the_last_answer_stands_when_the_time_is_up() -> None:
    found = tried([], within="300ms")
    assert found.answers == ("bad",)
    assert found.asked >= 3
    assert found.took < 0.4


def test_good_answers_must_come_in_a_row() -> None:
    found = tried(["good", "good", "bad", "good", "good", "good"], times=3)
    assert (found.answers, found.asked) == (("good", "good", "good"), 6)
    assert tried(["good", "bad"] * 100, times=2, within="300ms").answers != ("good", "good")
    assert tried(["good"], times=3, within="120ms").answers in [("good", "bad"), ("good", "bad", "bad")]


def test_no_try_is_begun_that_would_not_end_in_time() -> None:
    found = tried([], within="500ms", duration=0.3)
    assert found.asked == 1
    assert tried([], within="1s", duration=0.3).asked == 2


def test_a_first_try_is_always_made() -> None:
    assert tried(["good"], within="1ms").answers == ("good",)


def test_time_that_the_whole_check_does_not_have_cannot_be_waited_for() -> None:
    assert tried(["bad", "good"], within="10s", timeout=0.1).answers == ("good",)
    with pytest.raises(CannotKnow, match=r"no good answer within 0.2 s; for 10s, add --timeout 5"):
        tried([], within="10s", timeout=0.1)


@pytest.mark.parametrize(
    ("within", "times", "hint"),
    [
        ("51s", 1, "too long; at most 50s"),
        ("1h", 1, "too long"),
        ("10", 1, "not a duration"),
        ("", 1, "not a duration"),
        ("1s", 0, "at least 1"),
        ("1s", -1, "at least 1"),
        ("1s", 21, "do not fit"),
    ],
)
def test_what_could_never_be(within: str, times: int, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        retries.check(within, times)


def test_what_can_be() -> None:
    retries.check("50s", 999)
    retries.check("1s", 20)

"""An expression means what it means to croner: as recorded, and as croner itself says where it is installed."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from guardrails_policies.openclaw.cron.croner import normalise_spaces, parse
from guardrails_policies.openclaw.cron.next_fires import moments
from guardrails_policies.openclaw.cron.patterns import CYCLE
from guardrails_policies.openclaw.cron.schedule_readings import gateway_zone
from oracles import real_croner
from oracles.real_croner import ask_croner, expressions, questions, sane_expressions

RECORDED = Path(real_croner.__file__).with_name("croner_recorded.json")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago")


def answer(version: str, expression: str, milliseconds: int, count: int) -> list[int] | None:
    """The next times in UTC, in milliseconds; None when the expression is refused."""
    wall = datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)
    try:
        pattern = parse(expression, version, wall)
    except ValueError:
        return None
    walls = pattern.walls(wall + timedelta(seconds=1), wall + timedelta(days=CYCLE))
    found = [round(one.replace(tzinfo=UTC).timestamp()) * 1000 for one in islice(walls, count)]
    assert bool(found) == pattern.fires_after(wall)
    return found


def differences(asked: list[list[Any]], answers: list[Any]) -> list[tuple[Any, Any, Any]]:
    found = []
    for question, theirs in zip(asked, answers, strict=True):
        version, expression, _, at, count = question
        ours, theirs = answer(version, expression, at, count), None if isinstance(theirs, str) else theirs
        if ours != theirs:
            found.append((question, theirs, ours))
    return found


def test_expressions_mean_what_was_recorded_of_croner() -> None:
    lines = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()[1:]]
    assert differences([line[:-1] for line in lines], [line[-1] for line in lines]) == []
    refused, never = sum(line[-1] is None for line in lines), sum(line[-1] == [] for line in lines)
    assert refused > 100, "the expressions are of every kind"
    assert never > 8
    assert len(lines) - refused > 300


def test_expressions_mean_what_croner_says_of_them() -> None:
    asked = questions(expressions(2, 300), seed=2)
    assert differences(asked, ask_croner(asked)) == []


@pytest.mark.parametrize("zone", ZONES)
def test_the_moments_of_croner_are_among_ours_in_every_zone(zone: str) -> None:
    """Around changes of the clocks there may be more of ours, since OpenClaw's versions mend croner's answers there."""
    asked = questions(sane_expressions(3, 60), seed=len(zone), zone=zone)
    for question, theirs in zip(asked, ask_croner(asked), strict=True):
        version, expression, _, milliseconds, _ = question
        if isinstance(theirs, str):
            continue
        start, place = milliseconds / 1000, gateway_zone(zone)
        pattern = parse(expression, version, datetime.fromtimestamp(start, place).replace(tzinfo=None))
        last = max(theirs, default=milliseconds) / 1000
        if last - start > 40 * 86_400:
            continue  # there are those of UTC for what is far away
        ours = {round(at * 1000) for at in moments(pattern, place, start, last)}
        assert set(theirs) <= ours, (question, theirs)
        offsets = {
            datetime.fromtimestamp(at, place).utcoffset()
            for at in range(int(start) - 86_400, int(last) + 86_400, 21_600)
        }
        if len(offsets) == 1:
            assert ours - {milliseconds} == set(theirs), (question, theirs)


@cache
def changes(zone: str) -> list[int]:
    """When clocks in a zone change within two years, to the day, in seconds."""
    place, start = gateway_zone(zone), int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    days = range(start, start + 730 * 86_400, 86_400)
    offsets = [datetime.fromtimestamp(at, place).utcoffset() for at in days]
    return [at for at, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"])
def test_the_moments_of_croner_are_among_ours_around_changes_of_the_clocks(zone: str) -> None:
    chance, place = random.Random(zone), gateway_zone(zone)
    asked: list[list[Any]] = []
    for _ in range(60):
        minute, hour, step = chance.randrange(60), chance.randrange(5), chance.choice((1, 2, 3))
        form = chance.choice(("{0} {1} * * *", "*/15 * * * *", "{0} */{2} * * *", "{0} 0-4 * * *", "0 {0} {1} * * 0"))
        at = (chance.choice(changes(zone)) + chance.randrange(-3600, 90_000)) * 1000
        asked += [[version, form.format(minute, hour, step), zone, at, 1] for version in real_croner.VERSIONS]
    for question, theirs in zip(asked, ask_croner(asked), strict=True):
        version, expression, _, milliseconds, _ = question
        start, following = milliseconds / 1000, theirs[0] / 1000
        pattern = parse(expression, version, datetime.fromtimestamp(start, place).replace(tzinfo=None))
        if following > start:  # in an hour that is shown twice, croner may name the past
            assert following in set(moments(pattern, place, start, following)), (question, theirs)


@pytest.mark.parametrize("space", ["\t", "\u00a0", "\ufeff", "\u2003", "\r\n"])
def test_what_is_space_to_croner(space: str) -> None:
    assert normalise_spaces(f"{space}0 9{space * 2}* * 1{space}") == "0 9 * * 1"


def test_what_croner_refuses_is_said_with_its_reason() -> None:
    with pytest.raises(ValueError, match=r"croner 10.0 refuses the cron expression '0 9 \* \* 8': '8' is no weekday"):
        parse("0 9 * * 8", "10.0", datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="taken for a moment"):
        parse("09:00 * * * *", "10.0", datetime(2026, 1, 1))

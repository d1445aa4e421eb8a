"""Time zones are those of a gateway, and what never fires is known before it does not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product

import pytest

from guardrails_policies.openclaw.cron.croner import NEWER, OLDER, parse
from guardrails_policies.openclaw.cron.jobs import CronJob
from guardrails_policies.openclaw.cron.schedule_readings import PLAIN, gateway_zone, patterns, staggers, why_never
from oracles.real_croner import ask_croner

AT = 1_795_348_380.0
NAMES = (
    "Europe/Berlin", "europe/berlin", "UTC", "Etc/GMT+5", "US/Eastern", "EST5EDT", "GMT", "Asia/Calcutta",
    "Asia/Kolkata", "Zulu", "Europe/Berln", "Europe", "../passwd", "posix/Europe/Berlin", "right/UTC", "posixrules",
    "localtime", "Factory", "Mars/Phobos", "Europe/Berlin ", "tzdata.zi", "zone.tab",
)  # fmt: skip


def is_zone(name: str) -> bool:
    try:
        gateway_zone(name)
    except ValueError:
        return False
    return True


def test_the_zones_are_those_that_a_gateway_knows() -> None:
    answers = ask_croner([["10.0", "0 9 * * *", name, round(AT * 1000), 1] for name in NAMES])
    assert {name: is_zone(name) for name in NAMES} == {
        name: not isinstance(theirs, str) for name, theirs in zip(NAMES, answers, strict=True)
    }


def test_an_offset_is_a_zone() -> None:
    assert [is_zone(name) for name in ("+01:00", "-0330", "+05", "+01:00:30", "+1", "-")] == [True] * 3 + [False] * 3


@pytest.mark.parametrize(
    ("version", "expression", "why"),
    [
        ("2026.9.6", "0 0 31 2 *", "never fires"),
        ("2026.9.6", "0 0 29 2 *", ""),
        ("2026.9.6", "0 0 0 1 1 * 2020", "never fires"),
        ("2026.9.6", "0 0 15W * *", ""),
        ("2026.1.30", "0 0 15W * *", "croner 9.1 refuses"),
        ("", "0 0 15W * *", "croner 9.1 refuses"),
        ("", "0 9 * * 1-5", ""),
        ("", "every 30m", ""),
        ("", "on-exit make", ""),
        ("", "2027-01-15T08:00:00Z", ""),
    ],
)
def test_why_a_job_never_runs(version: str, expression: str, why: str) -> None:
    found = why_never(CronJob("i", "n", expression), version, AT)
    assert (why in found, bool(found)) == (True, bool(why))


def test_an_expression_that_some_version_reads_is_read_as_that_one_does() -> None:
    from datetime import datetime

    now = datetime(2026, 11, 22)
    assert len(patterns("0 9 * * 5L", "", now)) == 2
    assert len(patterns("0 9 20W * *", "", now)) == 1
    with pytest.raises(ValueError, match="refuses"):
        patterns("0 9 20W * *", "2026.1.30", now)


def test_by_how_much_a_job_may_be_put_off() -> None:
    job = CronJob("i", "n", "0 * * * *")
    assert staggers(job, "2026.9.6") == {300.0}
    assert staggers(job, "") == {0.0, 300.0}
    assert staggers(job.replaced(stagger=0.0), "2026.9.6") == {0.0}
    assert staggers(job.replaced(schedule="@hourly"), "2026.9.6") == {0.0}


FIELDS = (
    ("*", "*/1", "*/59", "0", "07", "59"),
    ("*", "0", "9", "19", "23"),
    ("*", "1", "9", "28"),
    ("*", "1", "2", "12"),
    ("*", "0", "6"),
)


@pytest.mark.parametrize("croner", [OLDER, NEWER])
def test_what_is_plain_fires_to_every_croner(croner: str) -> None:
    now = datetime.fromtimestamp(AT, UTC).replace(tzinfo=None)
    for fields in product(*FIELDS):
        expression = " ".join(fields)
        assert re.fullmatch(PLAIN, expression)
        assert parse(expression, croner, now).fires_after(now), expression


@pytest.mark.parametrize(
    "expression",
    ["*/0 * * * *", "*/60 * * * *", "60 * * * *", "0 24 * * *", "0 0 29 * *", "0 0 0 * *", "0 0 1 13 *", "0 0 1 0 *",
     "0 0 * * 7", "0 0 * * 8", "0 0 31 2 *", "0  0 * * *", "0 0 * * * *", "0 0 * *", "?", "0 0 * * *\n", "",
     "1-0 * * * *"],
)  # fmt: skip
def test_what_may_not_fire_is_not_plain(expression: str) -> None:
    assert re.fullmatch(PLAIN, expression) is None

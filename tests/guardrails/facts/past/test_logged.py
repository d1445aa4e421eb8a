"""What the records of a log say of moves, and those that make no sense."""

from __future__ import annotations

import os
from typing import Any

import pytest

from guardrails.facts.approval.deployments import Deployment
from guardrails.facts.git.reflog import Entry
from guardrails.facts.past.logged import Stood, acceptances, guarded_runs, stood_of, time_of, who

AT = "2026-02-01T10:00:00Z"
MADE = Deployment(1, "promote", "prod", "b", "a", AT, "id", "candidate")


def said(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "at": AT, "user": os.geteuid(), "host": "mini", "run": "1", **more}


ALLOWED = said("run", verdict="allow")
LOGGED = said("deployment", repo="/srv/prod", record="id")


def verdicts(*records: dict[str, Any]) -> list[str]:
    return [run.verdict for run in guarded_runs(records, {"id": MADE}, "/srv/prod")]


def ended(code: Any, **pins: str) -> dict[str, Any]:
    return said("run", operation="promote", ended=code, pins={"head": "a", "target": "b", **pins})


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([ALLOWED, LOGGED], ["allow"]),
        ([ALLOWED, LOGGED, ended(0)], ["allow"]),
        ([ALLOWED, LOGGED, ended(124)], ["deny"]),
        ([ALLOWED, LOGGED, ended(124), ended(0)], ["allow"]),
        ([ALLOWED, LOGGED, ended(124, target="c")], ["allow"]),
        ([ALLOWED, LOGGED, LOGGED, ended(124)], ["allow", "deny"]),
        ([LOGGED], []),
        ([said("run", verdict="deny"), LOGGED], []),
        ([{**ALLOWED, "run": "2"}, LOGGED], []),
        ([said("check", verdict="allow"), LOGGED], []),
        ([{**LOGGED, "run": None}], ["allow"]),
        ([ALLOWED, {**LOGGED, "repo": "/elsewhere"}], []),
        ([ALLOWED, {**LOGGED, "record": "other"}], []),
        ([ALLOWED, {**LOGGED, "record": ["id"]}], []),
    ],
)
def test_a_run_that_was_allowed_and_how_it_ended(records: list[dict[str, Any]], found: list[str]) -> None:
    assert verdicts(*records) == found


def test_a_run_has_the_ends_of_its_record_and_where_the_reflog_stood() -> None:
    [run] = guarded_runs([ALLOWED, {**LOGGED, "reflog": {"bytes": 5, "last": "x"}}], {"id": MADE}, "/srv/prod")
    assert (run.previous, run.commit, run.operation, run.record) == ("a", "b", "promote", "id")
    assert run.stood == Stood(5, "x")
    assert run.by.endswith("@mini")


@pytest.mark.parametrize("stood", [None, {}, {"bytes": "5", "last": "x"}, {"bytes": True, "last": "x"}, {"bytes": 5}])
def test_where_a_record_does_not_say_where_the_reflog_stood(stood: Any) -> None:
    assert stood_of({"reflog": stood}) is None


def test_what_was_accepted_at_a_time() -> None:
    settles = [{"at": 5, "old": "a", "new": "b"}]
    record = said("acceptance", commit="b", reason="why", settles=settles)
    later = time_of(record)

    [found] = acceptances([record, said("check")], later)
    assert (found.commit, found.reason, found.settles) == ("b", "why", (Entry("a", "b", 5),))
    assert acceptances([record], later - 1) == []
    for name, broken in (("settles", None), ("settles", [{}]), ("settles", ["x"]), ("at", "never")):
        assert acceptances([{**record, name: broken}], later) == []


def test_who_said_it() -> None:
    assert who({"user": 4_000_000_000, "host": "mini"}) == "4000000000@mini"
    assert who({"user": None, "host": "mini"}) == "None@mini"

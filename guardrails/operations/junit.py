"""What a JUnit report says: how many tests ran, and which of them failed.

There is no one format; what all writers share counts: each `testcase` is a test, and it failed when it has a `failure`
or an `error` inside. Those with `skipped` inside did not run.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes
from guardrails.record import Record

REPORT_LIMIT = 64 * 1024 * 1024  # bytes; a hundred thousand tests with their output
_SLACK = 2.0  # seconds by which a file system may round times down


class Results(Record):
    """The tests that ran, and the names of those that failed."""

    tests: int
    failed: tuple[str, ...]


def read_results(path: str, since: float) -> Results:
    """Read a report that was written at or after `since`, in seconds since the epoch.

    Raises CannotKnow when it is missing, older, no XML or no report.
    """
    from xml.etree.ElementTree import ParseError, fromstring  # expat bounds how far entities expand (since 2.4.1)

    try:
        data = read_bytes(os.path.abspath(path), REPORT_LIMIT)
        written = os.stat(path).st_mtime
    except FileNotFoundError:
        raise CannotKnow(f"the report {path} was not written") from None
    if written + _SLACK < since:
        raise CannotKnow(f"the report {path} is older than the run")
    try:
        top = fromstring(data)  # noqa: S314
    except ParseError as error:
        raise CannotKnow(f"the report {path} is no XML: {error}") from None
    if top.tag not in ("testsuites", "testsuite"):
        raise CannotKnow(f"the report {path} is no JUnit report: it begins with {top.tag[:80]}")
    ran = [case for case in top.iter("testcase") if case.find("skipped") is None]
    failed = [case for case in ran if case.find("failure") is not None or case.find("error") is not None]
    return Results(len(ran), tuple(f"{case.get('classname', '')}.{case.get('name', '')}".strip(".") for case in failed))

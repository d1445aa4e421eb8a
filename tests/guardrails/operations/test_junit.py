"""What a JUnit report says, whoever wrote it, and everything that is none."""

import os
import time
from pathlib import Path

import pytest

from guardrails.errors import CannotKnow
from guardrails.operations.junit import Results, read_results

PYTEST = """<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="3">
<testcase classname="tests.a" name="test_1"/><testcase classname="tests.a" name="test_2"><failure>x</failure></testcase>
<testcase classname="tests.a" name="test_3"><skipped/></testcase></testsuite></testsuites>"""
VITEST = (
    '<testsuite><testcase classname="a.test.ts" name="works"/><testcase name="breaks"><error/></testcase></testsuite>'
)


def read(tmp_path: Path, text: str, since: float = 0.0) -> Results:
    path = tmp_path / "report.xml"
    path.write_text(text)
    return read_results(str(path), since)


def test_what_ran_and_what_failed(tmp_path: Path) -> None:
    assert read(tmp_path, PYTEST) == Results(2, ("tests.a.test_2",))
    assert read(tmp_path, VITEST) == Results(2, ("breaks",))


@pytest.mark.parametrize("text", ["<testsuites/>", "<testsuite><testcase><skipped/></testcase></testsuite>"])
def test_nothing_ran(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Results(0, ())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no XML"),
        (PYTEST[:-20], "no XML"),
        ("<html/>", "begins with html"),
        ("\x00", "no XML"),
        ('<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
            f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefghi", "bcdefghij", strict=True)
        ) + "]><testsuite>&j;</testsuite>", "no XML"),
    ],
    ids=["empty", "cut", "html", "nul", "bomb"],
)  # fmt: skip
def test_what_is_no_report(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CannotKnow, match=says):
        read(tmp_path, text)


def test_a_report_that_is_missing_or_older_than_the_run(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow, match="was not written"):
        read_results(str(tmp_path / "none.xml"), 0)
    path = tmp_path / "report.xml"
    path.write_text(PYTEST)
    os.utime(path, (1, 1))
    with pytest.raises(CannotKnow, match="older than the run"):
        read_results(str(path), time.time())

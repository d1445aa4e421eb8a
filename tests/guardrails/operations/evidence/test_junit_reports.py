"""What a JUnit report says, whoever wrote it, and everything that is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guardrails.errors import CannotKnow
from guardrails.operations.evidence import junit_reports
from guardrails.operations.evidence.junit_reports import NAMES_LIMIT, Results, StateBefore, look_before, read_results
from junit_reports import REPORTS
from pytest_inside import own_options

ABSENT = StateBefore((), "")
PASSES = '<testsuite><testcase name="a"/></testsuite>'


def read(tmp_path: Path, text: str | bytes) -> Results:
    path = tmp_path / "report.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_results(str(path), ABSENT)


@pytest.mark.parametrize("writer", REPORTS)
def test_what_ran_and_what_failed(tmp_path: Path, writer: str) -> None:
    text, results = REPORTS[writer]
    assert read(tmp_path, text) == results


PYTEST = """
import pytest
def test_ok(): pass
def test_bad(): assert 0
@pytest.mark.skip
def test_skipped(): pass
@pytest.fixture
def before(): raise RuntimeError("x")
def test_before(before): pass
@pytest.fixture
def after():
    yield
    raise RuntimeError("y")
def test_after(after): pass
def test_skipped_and_after(after): pytest.skip("z")
@pytest.mark.xfail
def test_xfail(): assert 0
"""


@pytest.mark.parametrize(
    ("text", "results"),
    [
        (PYTEST, Results(4, tuple(f"test_it.test_{name}" for name in ("bad", "before", "after", "skipped_and_after")))),
        ("import no_such_module", Results(1, ("test_it",))),
        ("import pytest\n@pytest.mark.skip\ndef test_a(): pass", Results(0, ())),
    ],
)  # fmt: skip
def test_what_pytest_writes(tmp_path: Path, text: str, results: Results) -> None:
    (tmp_path / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", *own_options(tmp_path / "pytest"), "--junitxml=report.xml", "test_it.py"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert read_results(str(tmp_path / "report.xml"), ABSENT) == results


@pytest.mark.parametrize(
    "text",
    [
        "<testsuites/>",
        "<testsuite><testcase><skipped/></testcase></testsuite>",
        '<testsuite><testcase status="notrun" result="suppressed"/></testsuite>',
        '<testsuite><testcase status="run" result="skipped"/></testsuite>',
        '<testsuite><testcase status="DISABLED"/></testsuite>',
        "<testsuite><testcase><disabled/></testcase></testsuite>",
        '<testsuite tests="1" skipped="1"><testcase name="a"/></testsuite>',
        f'<testsuites disabled="2">{PASSES}{PASSES}</testsuites>',
        '<x:testsuite xmlns:x="urn:x"><x:testcase><x:skipped/></x:testcase></x:testsuite>',
    ],
)
def test_nothing_ran(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Results(0, ())


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ('<testsuites failures="1" name="all"><testsuite tests="2"><testcase/></testsuite></testsuites>', "all"),
        (f'<testsuites><testsuite errors="1" tests="0" name="broken"/>{PASSES}</testsuites>', "broken"),
        ('<testsuite name="x"><error message="SyntaxError"/><testcase name="a"/></testsuite>', "x"),
        ("<testsuites><failure/></testsuites>", "a suite without a name"),
        ('<testsuite name="x"><testcase name="a"/><properties><error/></properties></testsuite>', "x"),
        ('<testsuite><testcase name="a" status="fail"/></testsuite>', "a"),
        ('<testsuite><testcase name="a" result="Failure"/></testsuite>', "a"),
        ('<testsuite><testcase name="a"><skipped/><error/></testcase></testsuite>', "a"),
        ('<testsuite><testcase name="a"><rerun><failure/></rerun></testcase></testsuite>', "a"),
        ('<testsuite><testcase/><testcase><failure type="todo"/></testcase></testsuite>', "a test without a name"),
        ('<testsuite xmlns="urn:x"><testcase name="a"><failure/></testcase></testsuite>', "a"),
        ('<testsuite failures="many" errors="1" name="x"><testcase/></testsuite>', "x"),
    ],
)  # fmt: skip
def test_a_failure_wherever_it_stands(tmp_path: Path, text: str, failed: str) -> None:
    assert read(tmp_path, text).failed == (failed,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('<testsuite tests="3" name="x"><testcase/><testcase/></testsuite>', "states 3 tests of x and lists 2"),
        ('<testsuites tests="9"><testsuite tests="1"><testcase/></testsuite></testsuites>', "states 9 tests"),
        ('<testsuite failures="many"><testcase/></testsuite>', "states 'many' failures"),
        ('<testsuite errors="-1"><testcase/></testsuite>', "states '-1' errors"),
        ('<testsuite tests="1.0"><testcase/></testsuite>', r"states '1\.0' tests"),
        ('<testsuite><testcase status="odd"/></testsuite>', "says 'odd' of a test"),
    ],
)
def test_a_report_that_contradicts_itself_proves_nothing(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CannotKnow, match=says):
        read(tmp_path, text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    declared = "utf-16" if declared.startswith("utf-16") else declared
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    report = '<testsuite><testcase name="é"><error/></testcase></testsuite>'
    text = f'{mark}<?xml version="1.0" encoding="{declared}"?>{report}'
    assert read(tmp_path, text.encode(encoding)) == Results(1, ("é",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no XML"),
        (REPORTS["vitest"][0][:-20], "no XML"),
        ("<html/>", "begins with html"),
        ("\x00", "no XML"),
        ("<testsuite>é</testsuite>".encode("latin-1"), "no XML"),
        ('<?xml version="1.0" encoding="x-nobody"?><testsuite/>', "no XML"),
        ('<?xml version="1.0" encoding="shift_jis"?><testsuite/>', "no XML"),
        ("<testsuite/><testsuite/>", "no XML"),
        ("<!DOCTYPE testsuite><testsuite><testcase/></testsuite>", "document type"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite name="&a;"/>', "document type"),
        ("<testsuite>" * 101 + "</testsuite>" * 101, "inside one another"),
    ],
    ids=["empty", "cut", "html", "nul", "undeclared", "unknown", "multibyte", "two", "doctype", "entity", "deep"],
)
def test_what_is_no_report(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(CannotKnow, match=says):
        read(tmp_path, text)


def test_a_report_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit_reports, "REPORT_LIMIT", 1000)
    with pytest.raises(CannotKnow, match="1000 bytes"):
        read(tmp_path, PASSES + " " * 1000)


def test_names_of_failures_are_kept_in_bounds(tmp_path: Path) -> None:
    cases = "".join(f'<testcase name="{number:0500}"><error/></testcase>' for number in range(NAMES_LIMIT + 7))
    found = read(tmp_path, f"<testsuite>{cases}</testsuite>")
    assert (found.tests, len(found.failed), found.failed[-1]) == (NAMES_LIMIT + 7, NAMES_LIMIT + 1, "and 7 more")
    assert len(found.failed[0]) == 200


def test_a_report_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow, match="was not written"):
        read_results(str(tmp_path / "none.xml"), ABSENT)


def test_a_report_counts_when_it_was_written_since(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_text(PASSES)
    was = look_before(str(path))
    with pytest.raises(CannotKnow, match="older than the run"):
        read_results(str(path), was)
    path.write_text(PASSES)  # the same again
    assert read_results(str(path), was) == Results(1, ())


def test_a_report_counts_by_its_content_where_times_tell_nothing(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_text(PASSES)
    was = look_before(str(path))
    other = was.replaced(digest="0" * 64)
    assert read_results(str(path), other) == Results(1, ())


@pytest.mark.parametrize("how", ["future", "past"])
def test_clocks_decide_nothing(tmp_path: Path, how: str) -> None:
    path = tmp_path / "report.xml"
    when = {"future": 4_000_000_000, "past": 1}[how]
    path.write_text("<testsuite/>")
    os.utime(path, (when, when))
    was = look_before(str(path))
    with pytest.raises(CannotKnow, match="older than the run"):
        read_results(str(path), was)
    path.write_text(PASSES)
    os.utime(path, (when, when))
    assert read_results(str(path), was) == Results(1, ())

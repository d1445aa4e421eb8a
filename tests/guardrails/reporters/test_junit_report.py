"""JUnit XML: well-formed whatever the world is called, as Jenkins' schema wants it, and read the same by others."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from guardrails.model import Outcome, Report
from guardrails.reporters.junit_report import render
from guardrails.reporters.problems import RUN, problems
from reports import (
    ADVISED,
    ALLOWED,
    EVERY,
    FAILED,
    FINDING,
    HOSTILE,
    MISTAKEN,
    UNDECIDED,
    WAIVED,
    decision,
    hostile,
    weighed,
)

# What junit-10.xsd of Jenkins' xUnit plugin allows of what is written here: attributes, those needed, and children.
RULES = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set(), {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "skipped", "timestamp"},
        {"name", "tests", "failures", "errors"},
        {"properties", "testcase"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, {"name", "value"}, set()),
    "testcase": ({"name", "time", "classname"}, {"name"}, {"skipped", "error", "failure", "system-out"}),
    "failure": ({"type", "message"}, set(), set()),
    "error": ({"type", "message"}, set(), set()),
    "skipped": ({"type", "message"}, set(), set()),
    "system-out": (set(), set(), set()),
}
TIME = re.compile(r"[0-9]+\.[0-9]{3}")


def root_of(report: Report) -> ElementTree.Element:
    text = render(report)
    assert text.isascii()
    return ElementTree.fromstring(text.encode())


@pytest.mark.parametrize("report", EVERY.values(), ids=EVERY)
def test_jenkins_rules(report: Report) -> None:
    for element in root_of(report).iter():
        allowed, needed, children = RULES[element.tag]
        assert needed <= set(element.attrib) <= allowed
        assert {child.tag for child in element} <= children
        assert TIME.fullmatch(element.get("time", "0.000"))


@pytest.mark.parametrize("report", EVERY.values(), ids=EVERY)
def test_another_reader_counts_the_same(report: Report) -> None:
    document = JUnitXml.fromstring(render(report).encode())
    (suite,) = document
    cases = list(suite)
    kinds = [type(one) for case in cases for one in case.result]

    assert len(cases) == len(report.decisions) + sum(one.policy == RUN for one in problems(report)) == suite.tests
    assert (suite.failures, suite.errors, suite.skipped) == (
        kinds.count(Failure),
        kinds.count(Error),
        kinds.count(Skipped),
    )
    assert (document.failures, document.errors) == (suite.failures, suite.errors)
    assert bool(suite.failures or suite.errors) == (report.exit_code != 0)


def test_a_failure_has_every_finding() -> None:
    report = weighed(decision("clean-worktree", Outcome.FAIL, FINDING, FINDING.replaced(observed="gone")))
    failure = root_of(report).find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.attrib == {"type": "hard-mandatory", "message": "src/x.ts is not as HEAD says and 1 more"}
    assert (failure.text or "").count("do: git -C /srv/prod restore -- src/x.ts") == 2


@pytest.mark.parametrize(("report", "name"), [(UNDECIDED, "clean-worktree"), (MISTAKEN, "guardrails")])
def test_no_answer_is_an_error(report: Report, name: str) -> None:
    (case,) = root_of(report).iter("testcase")
    assert (case.get("name"), [child.tag for child in case]) == (name, ["error"])


def test_what_does_not_block_is_skipped_and_says_why() -> None:
    skipped = root_of(ADVISED).find("testsuite/testcase/skipped")
    assert skipped is not None
    assert skipped.get("message") == "does not block: src/x.ts is not as HEAD says"
    assert FINDING.remediation in (skipped.text or "")


def test_what_is_waived_is_skipped_and_says_so() -> None:
    skipped = root_of(WAIVED).find("testsuite/testcase/skipped")
    assert skipped is not None
    assert skipped.get("message") == "waived: src/x.ts is not as HEAD says"
    assert "note: waived: until Monday" in (skipped.text or "")


def test_what_was_judged_is_in_the_properties() -> None:
    told = {one.get("name"): one.get("value") for one in root_of(FAILED).iter("property")}
    assert (told["environment"], told["commit"], told["verdict"], told["exit_code"]) == ("prod", "c" * 40, "deny", "1")
    assert root_of(ALLOWED).find("testsuite[@timestamp='2026-02-01T10:00:00']") is not None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_is_no_markup(text: str) -> None:
    cases = [case.get("name") for case in root_of(hostile(text)).iter("testcase")]
    assert cases == ["advised", "failing", "noted", "skipped", "undecided", "waived", "guardrails"]
    shown = "".join(root_of(hostile(text)).itertext())
    assert all(one.isprintable() or one == "\n" for one in shown)

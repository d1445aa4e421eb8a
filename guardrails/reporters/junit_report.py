"""JUnit XML, one test case for each policy, as Jenkins' xUnit plugin (junit-10.xsd), GitLab and pytest take it.

A failure that does not block is `skipped`, and says so: a reader of JUnit takes every `failure` for a reason to stop. A
policy without an answer is always an `error`. The document is ASCII, so that no locale can spoil it.
"""

from __future__ import annotations

import time

from guardrails.model import Outcome
from guardrails.reporters.problems import RUN, description, of_policy, problems
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from guardrails.model import Decision, Report


def render(report: Report) -> str:
    """The report as XML; control characters, which XML cannot hold, are shown as escapes."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    name = visible(" ".join(filter(None, ("guardrails", report.environment, report.operation))))
    classname = visible(".".join(filter(None, ("guardrails", report.environment, report.operation))))
    suites = Element("testsuites", name="guardrails")
    suite = SubElement(suites, "testsuite", name=name)
    properties = SubElement(suite, "properties")
    for key, value in description(report).items():
        SubElement(properties, "property", name=key, value=visible(value))
    for decision in report.decisions:
        suite.append(_case(report, decision, classname))
    for problem in problems(report):
        if problem.policy == RUN:
            case = SubElement(suite, "testcase", classname=classname, name=RUN, time="0.000")
            _child(case, "error", problem.title, problem.message)
    counts = {
        "tests": str(len(suite.findall("testcase"))),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": str(len(suite.findall("testcase/error"))),
        "time": f"{report.duration_ms / 1000:.3f}",
    }
    suites.attrib.update(counts)
    suite.attrib.update(counts)
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("timestamp", time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(report.started_at)))
    indent(suites)
    return str(tostring(suites, encoding="us-ascii", xml_declaration=True).decode()) + "\n"


def _case(report: Report, decision: Decision, classname: str) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    result = decision.result
    duration = f"{result.duration_ms / 1000:.3f}"
    case = Element("testcase", classname=classname, name=visible(result.policy), time=duration)
    found = list(of_policy(report, decision))
    told = "\n".join(visible(line) for problem in found for line in problem.lines())
    first = f"{found[0].message}{f' and {len(found) - 1} more' if len(found) > 1 else ''}" if found else ""
    if result.outcome is Outcome.ERROR:
        _child(case, "error", decision.enforcement, found[-1].message, told)
    elif result.outcome is Outcome.SKIP:
        _child(case, "skipped", "does not apply", result.reason or "")
    elif result.outcome is Outcome.FAIL and decision.blocks:
        _child(case, "failure", decision.enforcement, first, told)
    elif result.outcome is Outcome.FAIL:
        why = "waived" if decision.waived else "does not block"
        _child(case, "skipped", decision.enforcement, f"{why}: {first}", told)
    elif result.reason:
        SubElement(case, "system-out").text = visible(result.reason)
    return case


def _child(case: Element, tag: str, kind: str, message: str, text: str = "") -> None:
    from xml.etree.ElementTree import SubElement

    SubElement(case, tag, type=visible(kind), message=visible(message)).text = text or visible(message)

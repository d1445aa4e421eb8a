"""What came of the drills, for people, as JSON and as JUnit XML."""

from __future__ import annotations

import json

from guardrails.exit_codes import ALLOW, DENY, UNDECIDED
from guardrails.wording.shown_text import paint, storable, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any
    from xml.etree.ElementTree import Element

    from guardrails.drills.outcomes import Drilled, Outcome
    from guardrails.drills.selection import Turn

SCHEMA_VERSION = "1"
_KINDS = {"detonation": "fired", "twin": "let through"}
_WORDS = {ALLOW: ("HELD", "1;32"), DENY: ("NOT HELD", "1;31"), UNDECIDED: ("NOT PLAYED", "1;33")}
_UNPROVEN = "has no drill, so nobody has seen it refuse"


def as_text(drilled: Drilled, *, colour: bool = False) -> str:
    """One line for each policy, below it each drill that did not hold, and a last line that counts."""
    by_policy: dict[str, list[Outcome]] = {}
    for outcome in drilled.outcomes:
        by_policy.setdefault(outcome.turn.drill.policy, []).append(outcome)
    column = max((len(name) for name in (*by_policy, *drilled.unproven)), default=0)
    said = []
    for policy, outcomes in by_policy.items():
        good = all(outcome.held for outcome in outcomes)
        mark = paint("✓" if good else "✗", "32" if good else "31", colour=colour)
        said.append(f"{mark} {policy:<{column}}  {_counted(outcomes)}")
        said += [line for outcome in outcomes if not outcome.held for line in _told(outcome)]
    for policy in drilled.unproven:
        said.append(f"{paint('✗', '31', colour=colour)} {policy:<{column}}  {_UNPROVEN}")
    word, code = _WORDS[drilled.exit_code]
    said += ["", f"{paint(word, code, colour=colour)}  {_counted(drilled.outcomes)}"]
    return "\n".join(said) + "\n"


def _told(outcome: Outcome) -> Iterator[str]:
    yield f"    {visible(outcome.turn.id)}  ({visible(outcome.turn.drill.title)})"
    yield f"        {visible(outcome.problem)}"


def _counted(outcomes: Sequence[Outcome]) -> str:
    counts = []
    for kind, word in _KINDS.items():
        mine = [outcome for outcome in outcomes if outcome.turn.drill.kind == kind]
        counts.append(f"{sum(one.held for one in mine)} of {len(mine)} {kind}s {word}")
    return ", ".join(counts)


def as_json(drilled: Drilled) -> str:
    """One object whose keys never disappear."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "drills": [_plain(outcome) for outcome in drilled.outcomes],
        "unproven": list(drilled.unproven),
        "summary": {
            "detonations": drilled.count("detonation"),
            "fired": drilled.count("detonation", held=True),
            "twins": drilled.count("twin"),
            "allowed": drilled.count("twin", held=True),
        },
        "exit_code": drilled.exit_code,
    }
    return json.dumps(document, indent=2) + "\n"


def _plain(outcome: Outcome) -> dict[str, Any]:
    observed = outcome.observed
    return {
        **_described(outcome.turn),
        "observed": {"exit_code": observed.exit_code, "policies": list(observed.policies)},
        "held": outcome.held,
        "problem": storable(outcome.problem) or None,
        "canary": None,
        "duration_ms": outcome.duration_ms,
    }


def _described(turn: Turn) -> dict[str, Any]:
    drill = turn.drill
    return {
        "id": turn.id,
        "policy": drill.policy,
        "operation": turn.operation,
        "channel": drill.channel,
        "kind": drill.kind,
        "expected": drill.expected,
    }


def as_junit(drilled: Drilled) -> str:
    """One test case for each turn, and one for each policy without any, as ASCII."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    suites = Element("testsuites", name="guardrails")
    suite = SubElement(suites, "testsuite", name="guardrails drill")
    for outcome in drilled.outcomes:
        suite.append(_case(outcome))
    for policy in drilled.unproven:
        case = SubElement(
            suite, "testcase", classname=f"guardrails.drill.{visible(policy)}", name="drills", time="0.000"
        )
        SubElement(case, "failure", type="unproven", message=visible(f"{policy} {_UNPROVEN}"))
    counts = {
        "tests": str(len(suite.findall("testcase"))),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": str(len(suite.findall("testcase/error"))),
        "time": f"{sum(outcome.duration_ms for outcome in drilled.outcomes) / 1000:.3f}",
    }
    suites.attrib.update(counts)
    suite.attrib.update(counts)
    indent(suites)
    return str(tostring(suites, encoding="us-ascii", xml_declaration=True).decode()) + "\n"


def _case(outcome: Outcome) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    turn = outcome.turn
    classname = f"guardrails.drill.{visible(turn.drill.policy)}"
    case = Element("testcase", classname=classname, name=turn.id, time=f"{outcome.duration_ms / 1000:.3f}")
    if not outcome.held:
        tag = "error" if outcome.observed.trouble else "failure"
        SubElement(case, tag, type=turn.drill.kind, message=visible(outcome.problem)).text = visible(turn.drill.title)
    return case


def listing(turns: Sequence[Turn], form: str) -> str:
    """What would be played, as lines or as JSON."""
    if form == "json":
        return (
            json.dumps([{**_described(turn), "title": storable(turn.drill.title)} for turn in turns], indent=2) + "\n"
        )
    column = max((len(turn.id) for turn in turns), default=0)
    lines = (f"{turn.id:<{column}}  {turn.drill.expected:<5}  {visible(turn.drill.title)}" for turn in turns)
    return "".join(f"{line}\n" for line in lines)


FORMATS: dict[str, Callable[[Drilled], str]] = {"text": as_text, "json": as_json, "junit": as_junit}

"""What is shown of drills, whatever their texts hold."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from guardrails.drills import shown
from guardrails.drills.outcomes import Drilled, Observed, Outcome
from guardrails.drills.selection import Turn
from guardrails.plugins.drills import Drill
from guardrails.plugins.stages import Stage, nothing

STAGE = Stage("small", "nothing", nothing)
DRILL = Drill("is-whole", ("standing",), "a-break", "It breaks \x1b[31m<b>")


def outcome(drill: Drill, observed: Observed) -> Outcome:
    return Outcome(Turn(drill, "standing", STAGE), observed, 1500)


DRILLED = Drilled(
    (
        outcome(DRILL, Observed(0)),
        outcome(DRILL.replaced(name="another"), Observed(1, ("is-whole",))),
        outcome(DRILL.replaced(name="hangs"), Observed(trouble="it hangs \x1b[0m")),
        outcome(DRILL.replaced(policy="is-clean", harmless=True), Observed(0)),
    ),
    ("is-old",),
)


def test_as_text() -> None:
    assert shown.as_text(DRILLED) == (
        "✗ is-whole  1 of 3 detonations fired, 0 of 0 twins let through\n"
        "    small/is-whole/standing/a-break  (It breaks \\x1b[31m<b>)\n"
        "        is-whole did not refuse it: exit code 0, refused by nobody\n"
        "    small/is-whole/standing/hangs  (It breaks \\x1b[31m<b>)\n"
        "        it hangs \\x1b[0m\n"
        "✓ is-clean  0 of 0 detonations fired, 1 of 1 twins let through\n"
        "✗ is-old    has no drill, so nobody has seen it refuse\n"
        "\n"
        "NOT HELD  1 of 3 detonations fired, 1 of 1 twins let through\n"
    )
    assert "\x1b[31m✗\x1b[0m is-old" in shown.as_text(DRILLED, colour=True)


def test_nothing_played_is_not_held() -> None:
    assert shown.as_text(Drilled((), ())).endswith("NOT PLAYED  0 of 0 detonations fired, 0 of 0 twins let through\n")


def test_as_json() -> None:
    report = json.loads(shown.as_json(DRILLED))
    assert report["summary"] == {"detonations": 3, "fired": 1, "twins": 1, "allowed": 1}
    assert (report["exit_code"], report["unproven"]) == (1, ["is-old"])
    assert [one["held"] for one in report["drills"]] == [False, True, False, True]
    assert report["drills"][2]["observed"] == {"exit_code": None, "policies": []}


def test_as_junit() -> None:
    [suite] = ElementTree.fromstring(shown.as_junit(DRILLED))
    assert [suite.get(name) for name in ("tests", "failures", "errors", "time")] == ["5", "2", "1", "6.000"]
    problems = [case[0].get("message") for case in suite if len(case)]
    assert problems == [
        "is-whole did not refuse it: exit code 0, refused by nobody",
        "it hangs \\x1b[0m",
        "is-old has no drill, so nobody has seen it refuse",
    ]

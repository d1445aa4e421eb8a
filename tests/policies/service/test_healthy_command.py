from __future__ import annotations

from typing import Any

import pytest

from guardrails import CommandAnswers
from guardrails.facts.answers.command_answers import CommandAnswer
from guardrails.testing import judge
from guardrails_policies.service.healthy_command import HealthyCommand

POLICY = HealthyCommand(command="openclaw health --json", json={"ok": True})
GOOD = CommandAnswer(0, b'{"ok": true}')
LINE = "cd /prod && openclaw health --json"


def answered(*answers: CommandAnswer) -> CommandAnswers:
    return CommandAnswers(LINE, answers)


def test_a_good_answer_passes() -> None:
    assert judge(POLICY, answers=answered(GOOD)).outcome == "pass"
    assert judge(HealthyCommand(command="true"), answers=answered(CommandAnswer(0))).outcome == "pass"
    policy = HealthyCommand(command="openclaw status", contains="Facts Memory")
    assert judge(policy, answers=answered(CommandAnswer(0, b"| Facts Memory | on |"))).outcome == "pass"


@pytest.mark.parametrize(
    ("answer", "observed"),
    [
        (CommandAnswer(1, b"", b"no gateway\n"), "exit status 1: no gateway"),
        (CommandAnswer(-9), "exit status -9"),
        (CommandAnswer(0, b'{"ok": false}'), "ok = false"),
        (CommandAnswer(0, b"{}"), "output without ok"),
        (CommandAnswer(0, b"fine"), "the output is not valid JSON: Expecting value: line 1 column 1 (char 0): fine"),
        (CommandAnswer(None, problem="openclaw gave no answer within 10 s"), "openclaw gave no answer within 10 s"),
        (CommandAnswer(None, problem="openclaw wrote more than 1 MiB"), "openclaw wrote more than 1 MiB"),
        (CommandAnswer(None, problem="there is no program openclaw"), "there is no program openclaw"),
    ],
)
def test_a_bad_answer_fails(answer: CommandAnswer, observed: str) -> None:
    result = judge(POLICY, answers=answered(answer))
    assert result.outcome == "fail"
    [finding] = result.findings
    assert finding.observed == observed
    assert finding.remediation.startswith(f"{LINE} || true   # a look: ")
    assert finding.expected == "exit status 0, ok = true within 10s"


def test_missing_text_fails() -> None:
    policy = HealthyCommand(command="openclaw status", contains="Facts Memory", within="3s")
    [finding] = judge(policy, answers=answered(CommandAnswer(0, b"| Memory | off |"))).findings
    assert finding.observed == "output without 'Facts Memory': | Memory | off |"
    assert finding.expected == "exit status 0, 'Facts Memory' in its output within 3s"


def test_answers_must_be_good_as_often_as_configured() -> None:
    policy = POLICY.replaced(times=3)
    bad = CommandAnswer(1)
    assert judge(policy, answers=answered(GOOD, GOOD, GOOD)).outcome == "pass"
    [finding] = judge(policy, answers=answered(GOOD, GOOD)).findings
    assert finding.observed == "2 good answers in 10s, not 3 in a row"
    assert finding.expected.endswith("within 10s, 3 times in a row")
    assert judge(policy, answers=answered(GOOD, bad, GOOD)).findings[0].observed == "exit status 1"
    assert judge(POLICY, answers=answered()).outcome == "fail"


def test_how_often_is_told() -> None:
    [finding] = judge(POLICY.replaced(times=2), answers=answered(GOOD)).findings
    assert finding.observed == "1 good answers in 10s, not 2 in a row"
    assert finding.expected == "exit status 0, ok = true within 10s, 2 times in a row"


def test_a_value_that_is_a_secret_is_not_shown() -> None:
    policy = HealthyCommand(command="x", json={"auth.token": "hunter2"})
    result = judge(policy, answers=answered(CommandAnswer(0, b'{"auth": {"token": "hunter3"}}')))
    assert result.outcome == "fail"
    assert "hunter" not in str(result)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"json": {"ok": True}}, "of which command"),
        ({"contains": "x"}, "of which command"),
        ({"command": "a | b"}, "to a shell only"),
        ({"command": "a 'b"}, "No closing quotation"),
        ({"command": "a {b}"}, "stands for nothing"),
        ({"command": "a", "json": {"": 1}}, "not a dotted name"),
        ({"command": "a", "within": "soon"}, "not a duration"),
        ({"command": "a", "within": "2m"}, "at most 50s"),
        ({"command": "a", "times": 0}, "at least 1"),
        ({"command": "a", "times": 21}, "do not fit into 10s"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        HealthyCommand(**options)

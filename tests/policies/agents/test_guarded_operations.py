from __future__ import annotations

import pytest

from agent_calls import RULES, call, reads_again
from guardrails.calls import Action
from guardrails.testing import judge
from guardrails_policies.agents.guarded_operations import GuardedOperations

POLICY = GuardedOperations()


@pytest.mark.parametrize(
    "text",
    [
        "git reset --hard upstream/main",
        "git -C /srv/prod pull",
        "git stash clear",
        "systemctl --user restart gateway-prod",
        "launchctl bootout gui/501/gateway-prod",
    ],
)
def test_a_move_past_a_guarded_run_is_refused(text: str) -> None:
    result = judge(POLICY, call=call(text))
    assert result.outcome == "fail"
    for finding in result.findings:
        assert finding.remediation.startswith("guardrails run ")
        reads_again(finding.remediation)


@pytest.mark.parametrize(
    "text",
    [
        "git status",
        "git fetch upstream",
        "guardrails run update --env prod",
        "systemctl --user status gateway-prod",
        "git push",
    ],
)
def test_what_reads_or_is_guarded_passes(text: str) -> None:
    assert judge(POLICY, call=call(text)).outcome == "pass"


def test_what_cannot_be_told_is_undecided() -> None:
    result = judge(POLICY, call=call("git -C $X/prod reset --hard", folder="/"))
    assert (result.outcome, result.findings) == ("error", ())
    assert "the repository in which git works is computed" in (result.reason or "")


def test_what_is_certain_is_refused_whatever_else_cannot_be_told() -> None:
    certain = Action("moves-head", "prod", "repo", "/srv/prod", ("git", "pull"), "/srv/prod")
    facts = call("true").replaced(actions=(certain.replaced(why="its path is computed"), certain))
    assert judge(POLICY, call=facts).outcome == "fail"


def test_the_service_is_started_by_the_operation_that_is_named() -> None:
    [finding] = judge(GuardedOperations(service="restart"), call=call("systemctl restart gateway-prod")).findings
    assert finding.remediation == "guardrails run restart --env prod -- systemctl restart gateway-prod"


def test_a_service_without_an_operation_stops_the_configuration() -> None:
    with pytest.raises(ValueError, match="service is empty"):
        GuardedOperations(service="")


def test_without_operations_the_work_is_saved_and_a_person_asked() -> None:
    [finding] = judge(POLICY, call=call("git pull", rules=RULES.replaced(operations=()))).findings
    assert finding.remediation.startswith("guardrails rescue --env prod save   # ")


def test_a_program_of_another_environment_is_left_to_own_state() -> None:
    gateway = "OPENCLAW_STATE_DIR=/srv/prod-state openclaw gateway run"
    assert judge(POLICY, call=call(gateway, folder="/srv/dev")).outcome == "pass"
    assert judge(POLICY, call=call(gateway, folder="/srv/prod")).outcome == "fail"

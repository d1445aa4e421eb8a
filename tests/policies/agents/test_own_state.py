from __future__ import annotations

from agent_calls import call, reads_again
from guardrails.testing import judge
from guardrails_policies.agents.own_state import OwnState

POLICY = OwnState()
GATEWAY = "OPENCLAW_STATE_DIR=/srv/prod-state openclaw gateway run"


def test_a_program_of_another_environment_is_refused() -> None:
    [finding] = judge(POLICY, call=call(GATEWAY, folder="/srv/dev")).findings

    assert finding.message == "a program of dev would use the state of prod"
    assert finding.remediation == "cd /srv/dev && env OPENCLAW_STATE_DIR=/srv/dev-state openclaw gateway run"
    reads_again("OPENCLAW_STATE_DIR=/srv/dev-state openclaw gateway run", "prod", "/srv/dev")
    reads_again("OPENCLAW_STATE_DIR=/srv/dev-state openclaw gateway run", "dev", "/srv/dev")


def test_a_program_of_its_own_or_of_no_environment_passes() -> None:
    assert judge(POLICY, call=call(GATEWAY, folder="/srv/prod")).outcome == "pass"
    assert judge(POLICY, call=call(GATEWAY, folder="/srv/elsewhere")).outcome == "pass"


def test_a_state_that_cannot_be_told_is_undecided() -> None:
    doubtful = call(GATEWAY, folder="/srv/dev")
    doubtful = doubtful.replaced(
        actions=tuple(one.replaced(why="which state its variables name") for one in doubtful.actions)
    )
    assert judge(POLICY, call=doubtful).outcome == "error"

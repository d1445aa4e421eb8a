from __future__ import annotations

import pytest

from agent_calls import call, reads_again
from guardrails.testing import judge
from guardrails_policies.agents.guard_stays_on import GuardStaysOn

POLICY = GuardStaysOn()


@pytest.mark.parametrize(
    "text",
    [
        "git push --no-verify",
        "git commit -nm x",
        "git -c core.hooksPath=/dev/null commit",
        "git config core.hooksPath /tmp/none",
        "git config --global core.hooksPath /tmp/none",
        "guardrails hook uninstall claude-code",
        "guardrails waive clean-worktree --env prod --reason x --expires 2026-12-24",
        "guardrails signoff --role architect-2 --env prod --commit v1 --decision approved",
        "guardrails history accept v1 --env prod --reason x",
        "guardrails run update --env prod --config /tmp/empty.toml",
        "rm /home/ada/rules/guardrails.toml",
        "git update-ref -d refs/guardrails/audit",
    ],
)
def test_what_takes_a_guard_off_is_refused(text: str) -> None:
    result = judge(POLICY, call=call(text))
    assert result.outcome == "fail"
    for finding in result.findings:
        reads_again(finding.remediation)


@pytest.mark.parametrize(
    "text",
    [
        "git push",
        "git push -n",
        "git config core.hooksPath",
        "guardrails explain waive",
        "guardrails check --env prod",
        "guardrails run update --env prod --config /home/ada/rules/guardrails.toml",
        "cat /home/ada/rules/guardrails.toml",
    ],
)
def test_what_leaves_it_on_passes(text: str) -> None:
    assert judge(POLICY, call=call(text)).outcome == "pass"


def test_what_an_agent_may_do_after_all_is_an_option() -> None:
    policy = GuardStaysOn(allow=("signoff --role architect-2 *", "git commit --no-verify *"))
    signoff = "guardrails signoff --role {} --env prod --commit v1 --decision approved"
    assert judge(policy, call=call(signoff.format("architect-2"))).outcome == "pass"
    assert judge(policy, call=call(signoff.format("architect-1"))).outcome == "fail"
    assert judge(policy, call=call("git commit --no-verify -m x")).outcome == "pass"
    assert judge(policy, call=call("git push --no-verify")).outcome == "fail"


def test_what_cannot_be_told_is_undecided() -> None:
    named = call("eval x /home/ada/rules/guardrails.toml", folder="/srv/elsewhere")
    assert judge(POLICY, call=named).outcome == "error"

from __future__ import annotations

import pytest

from agent_calls import call, reads_again
from guardrails.testing import judge
from guardrails_policies.agents.untouched_places import UntouchedPlaces

POLICY = UntouchedPlaces()


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("rm -rf dist", "prod"),
        ("sed -i s/a/b/ src/a.ts", "prod"),
        ("git add -A", "prod"),
        ("git stash", "prod"),
        ("pnpm install", "prod"),
        ("echo x > /srv/prod-state/a", "prod"),
        ("rm /srv/dev-state/a.db", "dev"),
        ("rm -rf /srv", "dev"),
        ("cp /tmp/a /home/ada/.config/systemd/user/gateway-prod.service", "prod"),
    ],
)
def test_a_write_or_a_removal_is_refused(text: str, environment: str) -> None:
    result = judge(POLICY, call=call(text, environment=environment))
    assert result.outcome == "fail"
    for finding in result.findings:
        reads_again(finding.remediation, environment)


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("cat a", "prod"),
        ("cp a /tmp/a", "prod"),
        ("rm -rf /srv/dev/dist", "dev"),
        ("sqlite3 -readonly /srv/prod-state/a", "prod"),
    ],
)
def test_what_reads_or_lies_in_development_passes(text: str, environment: str) -> None:
    assert judge(POLICY, call=call(text, environment=environment)).outcome == "pass"


def test_which_repositories_are_not_written_is_an_option() -> None:
    assert (
        judge(UntouchedPlaces(repos=("dev",)), call=call("rm a", folder="/srv/dev", environment="dev")).outcome
        == "fail"
    )
    assert judge(UntouchedPlaces(repos=()), call=call("rm a")).outcome == "pass"


def test_what_is_free_may_be_written() -> None:
    free = UntouchedPlaces(free=("{state_dir}/workspace*",))
    assert judge(free, call=call("rm /srv/prod-state/workspace/a")).outcome == "pass"
    assert judge(free, call=call("eval x", folder="/srv/prod-state/workspace")).outcome == "pass"
    assert judge(free, call=call("rm /srv/prod-state/a")).outcome == "fail"
    assert judge(free, call=call("eval x", folder="/srv/prod-state")).outcome == "error"


def test_what_cannot_be_told_is_undecided() -> None:
    result = judge(POLICY, call=call("eval x"))
    assert result.outcome == "error"
    assert "cannot tell what `eval x` does" in (result.reason or "")
    in_dev = call("eval x", folder="/srv/dev", environment="dev")
    assert judge(POLICY, call=in_dev).outcome == "pass"


def test_a_build_is_an_operation() -> None:
    [finding] = judge(POLICY, call=call("pnpm build")).findings
    assert finding.remediation.startswith("guardrails run update --env prod")
    [finding] = judge(POLICY, call=call("rm a")).findings
    assert finding.remediation.startswith("git -C /srv/dev status   # a look: ")


def test_a_repository_of_an_environment_that_there_is_not_is_undecided() -> None:
    result = judge(UntouchedPlaces(repos=("prod", "prd")), call=call("ls", environment="prod"))
    assert (result.outcome, result.reason) == ("error", "repos names prd, which is no environment of the configuration")

"""no-direct-edits: commits of nobody's release, now or once, and a reflog that cannot tell."""

from typing import Any

import pytest

from guardrails import Guardrails, LocalCommits
from guardrails.facts.git.commits import Commit
from guardrails.model import PolicyResult
from guardrails.testing import judge
from guardrails_policies.repository.no_direct_edits import NoDirectEdits

HEAD = "a" * 40
HOTFIX = Commit(HEAD, "hotfix")
AGAIN = Guardrails(
    environment="prod", operations=(("clean", "recover"), ("previous", "rollback"), ("upstream", "update"))
)


def concluded(upstream: str | None = "upstream/main", **seen: Any) -> PolicyResult:
    return judge(
        NoDirectEdits(), local=LocalCommits("/srv/prod", HEAD, upstream, environment="prod", guardrails=AGAIN, **seen)
    )


def test_nothing_of_its_own_passes() -> None:
    assert concluded().outcome == "pass"


def test_without_an_upstream_it_does_not_apply() -> None:
    assert (concluded(None).outcome, concluded(None).reason) == ("skip", "no upstream is configured")


def test_a_commit_that_is_there_fails() -> None:
    [finding] = concluded(present=(HOTFIX,)).findings

    assert finding.observed == f"{'a' * 12} hotfix"
    assert finding.expected == "commits of upstream/main and of approved releases alone"
    assert finding.remediation.startswith("guardrails run recover --env prod   # ")
    [finding] = concluded(present=(HOTFIX,), release=True).findings
    assert finding.remediation.startswith("guardrails run rollback --env prod   # ")


@pytest.mark.parametrize(("release", "operations"), [(False, ()), (True, (("clean", "recover"),))])
def test_where_no_operation_takes_it_away_the_commits_are_to_be_looked_at(release: bool, operations: Any) -> None:
    words = Guardrails(environment="prod", operations=operations)
    local = LocalCommits(
        "/srv/prod", HEAD, "upstream/main", present=(HOTFIX,), environment="prod", guardrails=words, release=release
    )
    [finding] = judge(NoDirectEdits(), local=local).findings
    assert finding.remediation.startswith("git -C /srv/prod log --oneline -1   # a look: take them to dev")


def test_without_the_upstream_ref_no_commit_is_called_local() -> None:
    [finding] = concluded(remedy="git -C /srv/prod fetch upstream").findings

    assert (finding.observed, finding.remediation) == ("no upstream/main", "git -C /srv/prod fetch upstream")


def test_a_commit_that_was_there_fails() -> None:
    [finding] = concluded(past=(HOTFIX,)).findings

    assert "taken back" in finding.message
    assert finding.remediation.startswith("guardrails rescue --env prod save   # ")


def test_many_commits_are_counted() -> None:
    [finding] = concluded(present=tuple(Commit(f"{number:040d}", "more") for number in range(7))).findings

    assert finding.message.endswith(": 7")
    assert finding.observed.endswith("and 2 more")


@pytest.mark.parametrize(("reflog", "says"), [("missing", "has no reflog"), ("cut", "has moved without its reflog")])
def test_a_reflog_that_cannot_tell_fails(reflog: str, says: str) -> None:
    [finding] = concluded(reflog=reflog).findings

    assert finding.observed == f"HEAD {says}"
    assert "update-ref --create-reflog HEAD HEAD" in finding.remediation

"""expected-head: after an operation HEAD is exactly where it leads."""

import pytest

from guardrails import ExpectedCommit
from guardrails.testing import judge
from guardrails_policies.repository.expected_head import ExpectedHead

HEAD, OTHER = "a" * 40, "b" * 40


def test_head_at_that_commit_passes() -> None:
    assert judge(ExpectedHead(), expected=ExpectedCommit("/srv/prod", HEAD, "candidate", HEAD)).outcome == "pass"


def test_before_an_operation_it_does_not_apply() -> None:
    assert judge(ExpectedHead(), expected=ExpectedCommit("/srv/prod", HEAD)).outcome == "skip"


@pytest.mark.parametrize("what", ["candidate", "upstream", "previous"])
def test_another_head_fails(what: str) -> None:
    [finding] = judge(ExpectedHead(), expected=ExpectedCommit("/srv/prod", HEAD, what, OTHER)).findings

    assert finding.message == f"HEAD is not the {what} commit"
    assert (finding.observed, finding.expected) == (f"HEAD at {HEAD}", f"HEAD at {OTHER}")
    assert finding.remediation.startswith("git -C /srv/prod reflog")


def test_nowhere_to_be_fails() -> None:
    [finding] = judge(ExpectedHead(), expected=ExpectedCommit("/srv/prod", HEAD, "previous", None)).findings

    assert finding.message == "there is no previous commit"
    assert finding.remediation.startswith("git -C /srv/prod for-each-ref refs/guardrails ")

"""expected-branch: the configured branch passes; another one, none, and a bisect do not."""

import pytest

from guardrails import BranchInUse, Guardrails
from guardrails.model import PolicyResult
from guardrails.testing import judge
from guardrails_policies.repository.expected_branch import ExpectedBranch

HEAD = "a" * 40


def concluded(
    branch: str | None, expected: str | None = "main", *, bisecting: bool = False, applying: str = ""
) -> PolicyResult:
    use = BranchInUse("/srv/my prod", expected, branch, HEAD, bisecting, applying=applying)
    return judge(ExpectedBranch(), use=use)


def test_the_configured_branch_passes() -> None:
    assert concluded("main").outcome == "pass"


def test_without_a_configured_branch_it_does_not_apply() -> None:
    assert (concluded("main", None).outcome, concluded("main", None).reason) == ("skip", "no branch is configured")


@pytest.mark.parametrize(
    ("branch", "observed"), [("try-something", "the branch try-something"), (None, f"a detached HEAD at {HEAD}")]
)
def test_another_branch_and_none_fail(branch: str | None, observed: str) -> None:
    [finding] = concluded(branch).findings

    assert finding.message == f"{branch or 'no branch'} is checked out instead of main"
    assert (finding.observed, finding.expected) == (observed, "the branch main")
    assert finding.remediation == "git -C '/srv/my prod' switch main"


@pytest.mark.parametrize("branch", ["main", None])
def test_a_bisect_fails_on_any_branch(branch: str | None) -> None:
    [finding] = concluded(branch, bisecting=True).findings

    assert finding.observed == f"BISECT_LOG, with {branch or 'no branch'} checked out"
    assert finding.remediation == "git -C '/srv/my prod' bisect reset"


@pytest.mark.parametrize(("branch", "bisecting"), [("other", False), (None, False), (None, True), ("main", True)])
def test_where_something_brings_it_back_that_is_named(branch: str | None, bisecting: bool) -> None:
    words = Guardrails(environment="my prod", operations=(("clean", "recover"),))
    use = BranchInUse("/srv/my prod", "main", branch, HEAD, bisecting, guardrails=words)
    [finding] = judge(ExpectedBranch(), use=use).findings

    assert finding.remediation.startswith("guardrails run recover --env 'my prod'   #")


@pytest.mark.parametrize("applying", ["rebase", "am"])
def test_what_keeps_git_from_switching_is_ended_first(applying: str) -> None:
    [finding] = concluded(None, applying=applying).findings

    assert finding.remediation == f"git -C '/srv/my prod' {applying} --abort"


def test_a_branch_of_almost_that_name_fails() -> None:
    assert concluded("Main").outcome == "fail"

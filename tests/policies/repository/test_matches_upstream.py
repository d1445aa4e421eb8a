"""matches-upstream: where HEAD must be before and after each operation, whose remote it is, and how old its ref."""

from typing import Any

import pytest

from guardrails import Guardrails, MomentInQuestion, Upstream
from guardrails.facts.git.commits import Commit
from guardrails.model import PolicyResult
from guardrails.testing import judge
from guardrails_policies.repository.matches_upstream import MatchesUpstream

HEAD, TIP = "a" * 40, "b" * 40
NOW = 1_800_000_000.0
URL = "https://example.org/openclaw.git"
OURS, THEIRS = (Commit(HEAD, "hotfix"),), (Commit(TIP, "fix the gateway"),)
AGAIN = Guardrails(
    environment="prod", operations=(("clean", "recover"), ("previous", "rollback"), ("upstream", "update"))
)


def concluded(
    operation: str | None = "promote", *, after: bool = False, options: Any = None, **seen: Any
) -> PolicyResult:
    usual: dict[str, Any] = {"commit": HEAD, "url": URL, "effective_url": URL}
    upstream = Upstream("/srv/prod", "upstream/main", HEAD, NOW, **{**usual, **seen})
    leads = {"promote": "candidate", "update": "upstream", "deploy": "candidate", "follow": "upstream"}
    moment = MomentInQuestion("prod", operation, after, NOW, leads.get(operation or ""), guardrails=AGAIN)
    return judge(MatchesUpstream(**(options or {})), upstream=upstream, moment=moment)


def test_the_same_commit_passes_and_says_that_its_age_was_not_asked() -> None:
    result = concluded()

    assert result.outcome == "pass"
    assert "how old upstream/main is was not asked" in (result.reason or "")


def test_between_operations_it_does_not_apply() -> None:
    assert concluded(None).outcome == "skip"


@pytest.mark.parametrize(
    ("operation", "after", "ahead", "behind", "outcome"),
    [
        ("promote", False, OURS, (), "fail"),
        ("promote", False, (), THEIRS, "fail"),
        ("promote", False, OURS, THEIRS, "fail"),
        ("promote", True, OURS, (), "pass"),
        ("promote", True, (), THEIRS, "fail"),
        ("promote", True, OURS, THEIRS, "fail"),
        ("update", False, OURS, (), "fail"),
        ("update", False, (), THEIRS, "pass"),
        ("update", False, OURS, THEIRS, "fail"),
        ("follow", False, (), THEIRS, "pass"),
        ("deploy", False, (), THEIRS, "fail"),
    ],
)
def test_ahead_behind_and_diverged(operation: str, after: bool, ahead: Any, behind: Any, outcome: str) -> None:
    assert concluded(operation, after=after, commit=TIP, ahead=ahead, behind=behind).outcome == outcome


@pytest.mark.parametrize(
    ("seen", "after", "message", "expected"),
    [
        ({"ahead": OURS}, False, "lacks commits that HEAD has", f"HEAD at {TIP}, or a recorded release"),
        ({"behind": THEIRS}, False, "has commits that HEAD lacks", f"HEAD at {TIP}"),
        ({"behind": THEIRS}, True, "has commits that HEAD lacks", f"HEAD containing {TIP}"),
    ],
)
def test_a_finding_says_which_side_lacks_what(seen: Any, after: bool, message: str, expected: str) -> None:
    [finding] = concluded(after=after, commit=TIP, **seen).findings
    assert (finding.message, finding.expected) == (f"upstream/main {message}", expected)


def test_what_was_judged_before_head_moved_is_not_judged_again() -> None:
    arrived = MomentInQuestion("prod", "promote", False, NOW, "candidate", arrived=True, guardrails=AGAIN)
    upstream = Upstream("/srv/prod", "upstream/main", HEAD, NOW, TIP, ahead=OURS)
    result = judge(MatchesUpstream(), upstream=upstream, moment=arrived)
    assert (result.outcome, "judged before it moved" in str(result.reason)) == ("skip", True)


def test_a_finding_names_the_commits() -> None:
    ahead, behind = concluded(commit=TIP, ahead=OURS, behind=THEIRS).findings

    assert ahead.message == behind.message == "upstream/main and HEAD have diverged"
    assert (ahead.observed, ahead.expected) == (
        f"only in HEAD: {'a' * 12} hotfix",
        f"HEAD at {TIP}, or a recorded release",
    )
    assert behind.observed == f"only in upstream/main: {'b' * 12} fix the gateway"
    assert ahead.remediation.startswith("git -C /srv/prod log --oneline upstream/main..HEAD   # a look: ")
    assert behind.remediation == "guardrails run update --env prod"


@pytest.mark.parametrize("behind", [(), THEIRS])
def test_a_recorded_release_may_be_followed_by_the_next(behind: Any) -> None:
    assert concluded(commit=TIP, ahead=OURS, behind=behind, release=True).outcome == "pass"
    assert concluded("update", commit=TIP, ahead=OURS, behind=behind).outcome == "fail"
    assert concluded(after=True, commit=TIP, ahead=OURS, behind=behind).outcome == ("fail" if behind else "pass")


def test_a_candidate_that_lacks_upstream_commits_fails() -> None:
    merge = "git -C /srv/dev pull --no-rebase --no-edit /srv/prod refs/remotes/upstream/main"
    [finding] = concluded(commit=TIP, ahead=OURS, behind=THEIRS, release=True, lacking=THEIRS, merge=merge).findings

    assert finding.message == "upstream/main has commits that the candidate lacks"
    assert finding.remediation == merge


def test_what_an_update_brings_is_an_effect() -> None:
    [effect] = concluded("update", commit=TIP, behind=THEIRS).effects

    assert (effect.kind, effect.what, effect.detail) == ("arrives", TIP, "fix the gateway")


@pytest.mark.parametrize("after", [False, True])
def test_no_common_history_fails(after: bool) -> None:
    [finding] = concluded(after=after, commit=TIP, ahead=OURS, behind=THEIRS, related=False).findings

    assert "share no history" in finding.message


def test_a_missing_ref_fails() -> None:
    [finding] = concluded(commit=None, remedy="git -C /srv/prod fetch upstream").findings

    assert (finding.observed, finding.expected) == ("no upstream/main", "the ref upstream/main")
    assert finding.remediation == "git -C /srv/prod fetch upstream"


@pytest.mark.parametrize(
    ("seen", "options", "says"),
    [
        ({"effective_url": "https://mirror.example.net/"}, {}, "is rewritten to another address"),
        ({}, {"url": "https://example.org/other.git"}, "is configured as another address"),
        ({"url": None, "effective_url": None}, {"url": URL}, "is configured as another address"),
    ],
)
def test_another_address_fails(seen: dict[str, Any], options: dict[str, Any], says: str) -> None:
    [finding] = concluded(options=options, **seen).findings

    assert finding.message == f"the remote upstream {says}"
    assert "config --show-origin" in finding.remediation


def test_the_configured_address_passes() -> None:
    assert concluded(options={"url": URL}).outcome == "pass"


@pytest.mark.parametrize(
    ("fetched_at", "outcome"), [(NOW - 3600, "pass"), (NOW - 3601, "fail"), (NOW + 60, "pass"), (None, "fail")]
)
def test_a_ref_older_than_max_age_fails(fetched_at: float | None, outcome: str) -> None:
    assert concluded(options={"max_age": "1h"}, fetched_at=fetched_at).outcome == outcome


def test_a_stale_ref_says_how_old_it_is() -> None:
    [finding] = concluded(options={"max_age": "1h"}, fetched_at=NOW - 7200).findings

    assert finding.message == "upstream/main is stale: it was fetched 2 hours ago"
    assert (finding.observed, finding.expected) == ("fetched at 2027-01-15T06:00:00Z", "a fetch within 1h")
    assert finding.remediation.startswith("git -C /srv/prod fetch upstream   # ")


def test_the_remote_itself_settles_the_age() -> None:
    assert concluded(options={"max_age": "1h"}, online=HEAD).outcome == "pass"
    [finding] = concluded(online=TIP).findings
    assert finding.message == "upstream/main is not what the remote has now"
    assert TIP in finding.expected


def test_an_age_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="soon"):
        MatchesUpstream(max_age="soon")

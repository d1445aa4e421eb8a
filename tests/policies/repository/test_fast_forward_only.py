"""fast-forward-only: the same commit or a descendant passes; everything else says what it is."""

import pytest

from guardrails import Ancestry, Candidate, Descent
from guardrails.model import PolicyResult
from guardrails.testing import judge
from guardrails_policies.repository.fast_forward_only import FastForwardOnly

HEAD, CANDIDATE, BASE = "a" * 40, "b" * 40, "c" * 40


def concluded(relation: str, base: str | None = None) -> PolicyResult:
    candidate = Candidate("release/memory-v1", HEAD if relation == "same" else CANDIDATE)
    ancestry = Ancestry("/srv/prod", HEAD, candidate, relation, base)
    return judge(FastForwardOnly(), descent=Descent("HEAD", (ancestry,)))


def test_a_descendant_passes() -> None:
    assert concluded("descendant").outcome == "pass"


def test_the_same_commit_passes_and_says_that_there_is_nothing_to_do() -> None:
    assert (concluded("same").outcome, concluded("same").reason) == (
        "pass",
        "release/memory-v1 is what is already there",
    )


@pytest.mark.parametrize(
    ("relation", "says", "command"),
    [
        ("ancestor", "is older than what is there", f"git -C /srv/prod log --oneline {CANDIDATE}..{HEAD}"),
        (
            "diverged",
            "and what is there have diverged since cccccccccccc",
            f"git -C /srv/prod log --oneline {BASE}..{HEAD}",
        ),
        ("unrelated", "shares no history", "git -C /srv/prod remote -v"),
    ],
)
def test_anything_else_fails(relation: str, says: str, command: str) -> None:
    result = concluded(relation, BASE if relation == "diverged" else None)

    assert result.outcome == "fail"
    assert says in result.findings[0].message
    assert command in result.findings[0].remediation
    assert (CANDIDATE in result.findings[0].observed, HEAD in result.findings[0].expected) == (True, True)


def test_where_they_parted_is_told_in_short() -> None:
    [finding] = concluded("diverged", BASE).findings
    assert finding.message.endswith(f" since {BASE[:12]}")


def test_a_push_that_moves_nothing_of_it_passes_and_that_is_said() -> None:
    result = judge(FastForwardOnly(), descent=Descent("the remote's", ()))
    assert (result.outcome, result.reason) == ("pass", "nothing is pushed that must descend from what is there")


def test_no_refs_at_all_stop_the_configuration() -> None:
    with pytest.raises(ValueError, match="no push would be judged"):
        FastForwardOnly(refs=())


def test_each_update_of_a_push_is_judged() -> None:
    pushed = [Ancestry("/srv/prod", HEAD, Candidate(f"refs/heads/{one}", CANDIDATE), one) for one in RELATIONS]
    result = judge(FastForwardOnly(), descent=Descent("the remote's", tuple(pushed)))

    assert [finding.ref for finding in result.findings] == [f"refs/heads/{one}" for one in RELATIONS[1:]]
    assert f"descends from the remote's {HEAD}" in result.findings[0].expected


RELATIONS = ("descendant", "ancestor", "diverged", "unrelated")

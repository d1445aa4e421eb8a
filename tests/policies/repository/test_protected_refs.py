"""protected-refs: what a push may do to a ref under protection, and what it may do to any other."""

from typing import Any

import pytest

from guardrails import Push, Pushes
from guardrails.model import PolicyResult
from guardrails.testing import judge
from guardrails_policies.repository.protected_refs import ProtectedRefs

OLD, NEW = "a" * 40, "b" * 40


def concluded(*pushes: Push, **options: tuple[str, ...]) -> PolicyResult:
    return judge(ProtectedRefs(**options), pushes=Pushes("/srv/dev", pushes))


def push(relation: str, ref: str = "refs/heads/main", **rest: Any) -> Push:
    return Push(ref, OLD, NEW, "HEAD", relation, **rest)


@pytest.mark.parametrize("relation", ["descendant", "same", "created"])
def test_what_is_new_on_top_passes(relation: str) -> None:
    assert concluded(push(relation)).outcome == "pass"


@pytest.mark.parametrize(
    ("relation", "says", "command"),
    [
        ("deleted", "would be deleted", "push it without the colon"),
        ("ancestor", "would be rewound", "git revert"),
        ("diverged", "would lose commits", "git pull --rebase"),
        ("unrelated", "would get another history", "is this the repository"),
    ],
)
@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/heads/release/memory-v1"])
def test_what_takes_something_away_fails(ref: str, relation: str, says: str, command: str) -> None:
    [finding] = concluded(push(relation, ref)).findings

    assert finding.message == f"{ref} {says}"
    assert (OLD in finding.observed, NEW in finding.observed) == (True, True)
    look = "git -C /srv/dev log --oneline --graph --all --max-count=20   # a look: "
    assert finding.remediation.startswith(look + command)
    assert finding.ref == ref


def test_a_tag_that_moves_fails_and_a_new_one_passes() -> None:
    assert concluded(push("moved", "refs/tags/v1")).outcome == "fail"
    assert concluded(push("created", "refs/tags/v2")).outcome == "pass"


def test_an_old_commit_under_a_new_protected_name_fails() -> None:
    created = push("created", "refs/heads/release/v2", known_at=("refs/remotes/upstream/main",))
    [finding] = concluded(created).findings

    assert "left behind" in finding.message


@pytest.mark.parametrize("relation", ["deleted", "ancestor", "diverged", "unrelated"])
@pytest.mark.parametrize("ref", ["refs/heads/feature", "refs/heads/mainline", "refs/heads/releases/v1"])
def test_other_refs_are_free(ref: str, relation: str) -> None:
    result = concluded(push(relation, ref))

    assert (result.outcome, result.reason) == ("pass", "1 refs are pushed, none of them protected")


def test_every_update_is_judged() -> None:
    result = concluded(push("descendant"), push("deleted", "refs/heads/release/v1"), push("moved", "refs/tags/v1"))

    assert [finding.ref for finding in result.findings] == ["refs/heads/release/v1", "refs/tags/v1"]


def test_which_refs_are_protected_is_an_option() -> None:
    assert concluded(push("deleted"), refs=("refs/heads/prod",)).outcome == "pass"
    assert concluded(push("deleted", "refs/heads/prod"), refs=("refs/heads/prod",)).outcome == "fail"


@pytest.mark.parametrize(
    "ref", ["refs/signoffs/c/architect-1/1", "refs/attestations/t/test/1", "refs/rescue/1", "refs/guardrails/audit"]
)
def test_records_are_written_once_whatever_the_options_say(ref: str) -> None:
    assert concluded(push("created", ref), refs=()).outcome == "pass"
    for relation in ("deleted", "moved", "ancestor", "diverged"):
        [finding] = concluded(push(relation, ref), refs=()).findings
        assert finding.ref == ref


def test_a_push_is_judged_under_every_name_of_what_it_moves() -> None:
    names = ("refs/heads/trunk", "refs/heads/main", "refs/heads/alias")
    [finding] = concluded(push("ancestor", "refs/heads/alias", names=names)).findings

    assert (finding.message, finding.ref) == ("refs/heads/main would be rewound", "refs/heads/main")
    assert f"refs/heads/alias from {OLD} to {NEW} (HEAD, which moves refs/heads/main)" in finding.observed
    assert concluded(push("ancestor", "refs/heads/alias", names=names[::2])).outcome == "pass"


@pytest.mark.parametrize("ref", ["refs/heads/release/v2", "refs/tags/v2"])
def test_a_new_name_for_a_history_of_its_own_fails(ref: str) -> None:
    [finding] = concluded(push("created", ref, connected=False)).findings

    assert "shares no history" in finding.message
    assert concluded(push("created", "refs/heads/pages", connected=False)).outcome == "pass"
    assert concluded(push("created", "refs/rescue/1", connected=False)).outcome == "pass", (
        "a record may be about anything"
    )


def test_what_the_remote_has_must_be_known_of_a_protected_ref() -> None:
    assert concluded(push("unknown"), push("descendant")).outcome == "error"
    assert concluded(push("unknown"), push("deleted")).outcome == "fail"
    assert concluded(push("unknown", "refs/heads/feature")).outcome == "pass"

"""rollback-ready: a commit to go back to that is another one and whole, and a written procedure."""

from typing import Any

import pytest

from guardrails import WayBack
from guardrails.model import PolicyResult
from guardrails.testing import judge
from guardrails_policies.repository.rollback_ready import RollbackReady

BEFORE, RELEASE = "a" * 40, "b" * 40


def concluded(**seen: Any) -> PolicyResult:
    usual = {"repo": "/srv/prod", "operation": "promote", "target": BEFORE, "leaves": RELEASE}
    return judge(RollbackReady(), way=WayBack(**{**usual, "document_exists": True, "documented": True, **seen}))


def test_a_whole_commit_to_return_to_passes() -> None:
    assert concluded().outcome == "pass"


def test_a_document_is_asked_for_only_where_one_is_named() -> None:
    unwritten = WayBack(repo="/srv/prod", operation="promote", target=BEFORE, leaves=RELEASE)
    assert judge(RollbackReady(), way=unwritten).outcome == "fail"
    result = judge(RollbackReady(document=""), way=unwritten)
    assert (result.outcome, result.reason) == ("pass", "no written procedure is asked for (option document)")


def test_in_other_operations_it_does_not_apply() -> None:
    assert concluded(operation=None).outcome == "skip"


@pytest.mark.parametrize(
    ("seen", "message", "command"),
    [
        (
            {"target": None, "problem": "nobody approved it", "remedy": "git -C /srv/prod log"},
            "nobody approved it",
            "git -C /srv/prod log",
        ),
        ({"target": RELEASE}, "going back would lead to where it starts", "git -C /srv/prod log --oneline -5"),
        ({"missing": "missing blob cc"}, "objects of the commit to go back to are missing", "git -C /srv/prod fsck"),
    ],
)
def test_no_way_back_fails(seen: dict[str, Any], message: str, command: str) -> None:
    [finding] = concluded(**seen).findings

    assert finding.message == message
    assert finding.remediation.startswith(command)


@pytest.mark.parametrize(
    ("exists", "observed"), [(True, "no heading that names a rollback"), (False, "no file docs/DEPLOYMENT.md")]
)
def test_no_procedure_fails(exists: bool, observed: str) -> None:
    [finding] = concluded(document_exists=exists, documented=False).findings

    assert (finding.observed, finding.path) == (observed, "docs/DEPLOYMENT.md")


def test_both_are_told() -> None:
    assert len(concluded(target=None, documented=False).findings) == 2

"""What is issued is bound to what was judged: HEAD, and the commit that the operation would bring."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.config.settings import Settings
from guardrails.engine.gate import weigh
from guardrails.errors import CannotKnow
from guardrails.facts.approval.statements import STATEMENT_TYPE
from guardrails.facts.approval.verdicts import VERDICT, Revision, parse_verdict
from guardrails.model import Outcome, Report, Subject
from guardrails.operations.evidence.issue_verdict import Targets, issue
from guardrails.policy import World
from guardrails.testing import gather
from reports import decision
from worlds.carried import payload_in
from worlds.two_repositories import RELEASE, Repositories, head

STARTED = 1_790_000_000.75


@pytest.fixture
def repos(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def report(repos: Repositories, outcome: Outcome = Outcome.PASS, **changes: str | None) -> Report:
    subject = Subject(
        repo=str(repos.prod), commit=head(repos.prod), tree=git(repos.prod, "rev-parse", "HEAD^{tree}")
    ).replaced(**changes)
    about = {"environment": "prod", "started": STARTED, "subject": subject}
    return weigh([decision("clean-worktree", outcome)], **about)  # type: ignore[arg-type]


def settings(world: World) -> Settings:
    return Settings("a test", "sha256:0", world.environments, {}, ())


def issued(repos: Repositories, made: Report, world: World, moment: str = "standing") -> bytes:
    return issue(made, settings(world), world, moment=moment, key=None)


def targets(world: World) -> dict[str, str]:
    return {name: one.commit for name, one in gather(Targets, world).revisions.items()}


def test_the_statement(repos: Repositories) -> None:
    said = payload_in(issued(repos, report(repos), repos.world()))
    digest = {"gitCommit": head(repos.prod), "gitTree": git(repos.prod, "rev-parse", "HEAD^{tree}")}
    assert (said["_type"], said["predicateType"]) == (STATEMENT_TYPE, VERDICT)
    assert said["subject"] == [{"name": "HEAD", "digest": digest}]
    predicate = said["predicate"]
    assert (predicate["verificationResult"], predicate["verifiedLevels"]) == ("PASSED", ["GUARDRAILS_ALLOW"])
    assert (predicate["timeVerified"], predicate["guardrails"]["expires"]) == (
        "2026-09-21T14:13:20Z",
        "2026-09-21T14:28:20Z",
    )
    assert predicate["guardrails"]["outcomes"] == {"clean-worktree": "pass"}


def test_two_verdicts_are_two(repos: Repositories) -> None:
    one, other = (parse_verdict(issued(repos, report(repos), repos.world()), "x") for _ in range(2))
    assert one.nonce != other.nonce
    assert one.policies == other.policies


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.ERROR])
def test_what_is_not_allowed_has_failed(repos: Repositories, outcome: Outcome) -> None:
    assert parse_verdict(issued(repos, report(repos, outcome), repos.world()), "x").result == "FAILED"


@pytest.mark.parametrize("changes", [{"commit": "a" * 40}, {"tree": "a" * 40}, {"commit": None, "tree": None}])
def test_what_is_not_there_any_more_is_not_allowed(repos: Repositories, changes: dict[str, str | None]) -> None:
    with pytest.raises(CannotKnow, match="moved while it was judged"):
        issued(repos, report(repos, Outcome.PASS, **changes), repos.world())
    assert issued(repos, report(repos, Outcome.FAIL, **changes), repos.world()) == b""


def test_a_candidate_that_moved(repos: Repositories) -> None:
    world = repos.world("promote", candidate=RELEASE)
    made = report(repos, candidate=repos.release)
    assert parse_verdict(issued(repos, made, world, "promote"), "x").subjects["candidate"] == Revision(
        repos.release, git(repos.dev, "rev-parse", f"{repos.release}^{{tree}}")
    )
    repos.commit(repos.dev, "release two")
    with pytest.raises(CannotKnow, match="the candidate moved"):
        issued(repos, made, world, "promote")


def test_a_promotion_brings_the_candidate(repos: Repositories) -> None:
    assert targets(repos.world("promote", candidate=RELEASE)) == {"candidate": repos.release}
    assert targets(repos.world("promote", candidate=RELEASE, after=True)) == {"candidate": repos.release}


def test_an_update_brings_upstream(repos: Repositories) -> None:
    """A verdict for one state of upstream is none for the next."""
    assert targets(repos.world("update")) == {"upstream": repos.second}
    third = repos.commit(repos.upstream, "third")
    git(repos.prod, "fetch", "-q", "upstream")
    assert targets(repos.world("update")) == {"upstream": third}
    assert targets(repos.world("update", after=True)) == {}


def test_a_rollback_brings_what_ran_before(repos: Repositories) -> None:
    with pytest.raises(CannotKnow, match="no earlier deployment"):
        targets(repos.world("rollback"))
    repos.promote()
    repos.record()
    assert targets(repos.world("rollback")) == {"previous": repos.second}


def test_what_moves_nothing_brings_nothing(repos: Repositories) -> None:
    assert targets(repos.world("start")) == targets(repos.world()) == {}

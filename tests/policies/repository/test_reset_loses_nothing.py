"""reset-loses-nothing: each kind of loss, what a rescue changes, and a release that would no longer run."""

from typing import Any

import pytest

from guardrails import Guardrails, Losses
from guardrails.facts.git.commits import Commit
from guardrails.model import PolicyResult
from guardrails.testing import judge
from guardrails_policies.repository.reset_loses_nothing import ResetLosesNothing

TARGET = "b" * 40
HOTFIX, RELEASE = Commit("a" * 40, "hotfix"), Commit("c" * 40, "release one")
AGAIN = Guardrails(
    environment="prod", operations=(("clean", "recover"), ("previous", "rollback"), ("upstream", "update"))
)


def concluded(operation: str = "update", target: str | None = TARGET, **seen: Any) -> PolicyResult:
    return judge(
        ResetLosesNothing(), losses=Losses("/srv/prod", operation, target, environment="prod", guardrails=AGAIN, **seen)
    )


def test_no_loss_passes() -> None:
    assert concluded().outcome == "pass"


@pytest.mark.parametrize(
    ("seen", "message", "observed"),
    [
        ({"orphans": (HOTFIX,)}, "local commits (1) would be lost", "aaaaaaaaaaaa hotfix"),
        ({"loses": ("src/a.ts", "src/b.ts")}, "changes in files (2) would be lost", "src/a.ts, src/b.ts"),
        ({"overwrites": (".env",)}, "files that git does not know (1) would be lost", ".env"),
        ({"sweeps": ("notes",)}, "files that git clean removes (1) would be lost", "notes"),
    ],
)
def test_each_loss_fails_until_a_rescue_holds_it(seen: dict[str, Any], message: str, observed: str) -> None:
    [finding] = concluded(**seen).findings

    assert (finding.message, finding.observed) == (message, observed)
    assert finding.remediation == "guardrails rescue --env prod save --ignored"
    rescued = concluded(rescue="refs/rescue/20260201", **seen)
    assert (rescued.outcome, rescued.reason) == ("pass", "refs/rescue/20260201 holds what the reset would destroy")


def test_what_a_run_is_about_to_save_is_no_loss_but_a_release_still_is() -> None:
    result = concluded("recover", loses=("a",), saves=True, saving=True)
    assert (result.outcome, "is saved before anything is reset" in (result.reason or "")) == ("pass", True)
    [finding] = concluded("recover", loses=("a",), undeploys=(RELEASE,), saving=True).findings
    assert finding.message == "a promoted release would be un-deployed"


def test_where_a_run_saves_first_the_finding_says_so() -> None:
    [finding] = concluded("recover", loses=("a",), saves=True).findings

    assert finding.remediation == (
        "guardrails rescue --env prod save --ignored   # guardrails run recover --env prod saves by itself"
    )


def test_a_release_may_go_with_a_rollback_and_not_with_an_update() -> None:
    seen: dict[str, Any] = {"drops": (RELEASE,), "undeploys": (RELEASE,)}
    [finding] = concluded(recorded=True, **seen).findings
    rolled_back = concluded("undo", leads_back=True, **seen)

    assert finding.message == "a promoted release would be un-deployed"
    assert finding.observed == "cccccccccccc release one"
    assert finding.remediation.startswith("guardrails run rollback --env prod ")
    [by_hand] = concluded(**seen).findings
    assert by_hand.remediation.startswith(f"git -C /srv/prod log --oneline {TARGET}..HEAD   # a look: ")
    assert concluded("rollback", **seen).outcome == "fail", "a name alone takes nothing out of use"
    assert (rolled_back.outcome, rolled_back.reason) == ("pass", "this takes out of use: cccccccccccc release one")


def test_a_rescue_is_no_leave_to_undeploy() -> None:
    assert concluded(undeploys=(RELEASE,), loses=("a",), rescue="refs/rescue/1").outcome == "fail"


def test_nowhere_to_go_fails() -> None:
    [finding] = concluded("rollback", None, problem="nothing is recorded", remedy="git -C /srv/prod reflog").findings

    assert (finding.message, finding.observed) == ("there is nothing to reset to", "nothing is recorded")
    assert finding.remediation == "git -C /srv/prod reflog"


def test_stashes_are_named() -> None:
    assert (concluded(stashes=2).outcome, concluded(stashes=2).reason) == ("pass", "2 stashes stay where they are")


def test_everything_that_would_go_is_an_effect() -> None:
    result = concluded(drops=(HOTFIX, RELEASE), undeploys=(RELEASE,), loses=("a",), overwrites=("b",), sweeps=("c",))

    assert [(effect.kind, effect.what) for effect in result.effects] == [
        ("drops", HOTFIX.id),
        ("drops", RELEASE.id),
        ("undeploys", RELEASE.id),
        ("loses", "a"),
        ("loses", "c"),
        ("overwrites", "b"),
    ]


def test_what_no_rescue_holds_has_a_remedy_of_its_own() -> None:
    result = concluded("tool-call", branches=(HOTFIX,), elsewhere=("/srv/linked tree",))

    branch, linked = result.findings
    assert (result.outcome, branch.observed) == ("fail", "aaaaaaaaaaaa hotfix")
    assert branch.remediation == f"git -C /srv/prod tag saved/{'a' * 12} {'a' * 40}"
    assert linked.remediation == "git -C '/srv/linked tree' stash push --include-untracked"

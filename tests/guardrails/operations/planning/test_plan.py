"""A plan: the check of the moment, the steps foretold, and what the policies foresee, each effect once."""

from pathlib import Path

import pytest

from dirty.dirty import snapshot
from guardrails.config.settings import PolicySetting, Settings
from guardrails.model import Verdict
from guardrails.operations.planning.plan import Plan, foresee, undecided_plan
from worlds.two_repositories import RELEASE, Repositories

STEPS = ("git merge --ff-only --no-overwrite-ignore {candidate}", "pnpm install")


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def setting(name: str, module: str, policy: str) -> PolicySetting:
    return PolicySetting(
        name=name,
        use=name,
        location=f"guardrails_policies.{module}:{policy}",
        title=name,
        source="a test",
        severity="high",
        when={"prod": ("promote", "update")},
        enforcement={"prod": "hard-mandatory"},
        options={},
    )


POLICIES = (
    setting("fast-forward-only", "repository.fast_forward_only", "FastForwardOnly"),
    setting("reset-loses-nothing", "repository.reset_loses_nothing", "ResetLosesNothing"),
)


def planned(repositories: Repositories, operation: str = "promote", *names: str, **rest: object) -> Plan:
    world = repositories.world(operation, **{"steps": STEPS, "candidate": RELEASE, **rest})
    chosen = tuple(one for one in POLICIES if one.name in names)
    settings = Settings("a test", "sha256:0", {"prod": world.environment}, {}, chosen)
    before = snapshot(repositories.folder)
    plan = foresee(chosen, world, settings, jobs=2)
    assert snapshot(repositories.folder) == before
    return plan


def test_what_a_promotion_would_do(repositories: Repositories) -> None:
    plan = planned(repositories, "promote", "fast-forward-only")

    assert (plan.report.verdict, plan.report.exit_code, plan.errors) == (Verdict.ALLOW, 0, ())
    assert [step.outcome for step in plan.steps] == ["moves", "stays"]
    assert [effect.detail for effect in plan.effects["arrives"]] == ["release one"]
    assert (plan.missing, plan.present) == ((), ("fast-forward-only",))


def test_the_forecast_weighs_in_no_verdict_and_is_in_no_report(repositories: Repositories) -> None:
    plan = planned(repositories, "promote", "fast-forward-only")

    assert [one.result.policy for one in plan.report.decisions] == ["fast-forward-only"]


def test_what_stands_in_the_way_is_missing(repositories: Repositories) -> None:
    repositories.commit(repositories.prod, "hotfix")
    plan = planned(repositories, "promote", "fast-forward-only")

    assert (plan.report.exit_code, plan.missing, plan.present) == (1, ("fast-forward-only",), ())
    assert plan.steps[0].outcome == "refused"


def test_a_loss_that_two_of_them_see_is_told_once(repositories: Repositories) -> None:
    (repositories.prod / "first.txt").write_text("changed\n")
    steps = ("git reset --hard {upstream}",)
    plan = planned(repositories, "update", "reset-loses-nothing", steps=steps, candidate=None)

    assert [effect.what for effect in plan.effects["loses"]] == ["first.txt"]


def test_a_simulation_that_cannot_be_had_leaves_the_verdict_and_says_so(repositories: Repositories) -> None:
    plan = planned(repositories, "promote", "fast-forward-only", steps=("git merge 'unfinished",))

    assert (plan.report.exit_code, plan.steps) == (0, ())
    assert "cannot be read" in plan.errors[0]


def test_without_a_policy_nothing_is_allowed(repositories: Repositories) -> None:
    plan = planned(repositories)

    assert (plan.report.verdict, plan.report.exit_code) == (Verdict.DENY, 2)


def test_a_question_that_makes_no_sense() -> None:
    plan = undecided_plan("no such operation", "promte", None)

    assert (plan.report.exit_code, plan.errors, plan.steps) == (2, ("no such operation",), ())

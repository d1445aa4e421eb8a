from __future__ import annotations

from guardrails import InstalledHook, InstalledHooks
from guardrails.testing import judge
from guardrails_policies.repository.guards_installed import GuardsInstalled

SOUND = InstalledHook("pre-push", "/srv/dev", "/srv/dev/.git/hooks/pre-push")
GONE = SOUND.replaced(problem="there is nothing", remedy="guardrails hook install pre-push --env dev")


def test_hooks_that_git_runs_pass() -> None:
    assert judge(GuardsInstalled(), installed=InstalledHooks("dev", (SOUND, SOUND))).outcome == "pass"


def test_each_hook_that_does_not_guard_is_a_finding() -> None:
    elsewhere = GONE.replaced(folder="/srv/linked", path="/srv/hooks/pre-push")
    result = judge(GuardsInstalled(), installed=InstalledHooks("dev", (SOUND, GONE, elsewhere)))
    assert result.outcome == "fail"
    assert [finding.path for finding in result.findings] == [GONE.path, elsewhere.path]
    assert result.findings[0].observed == GONE.problem
    assert result.findings[0].remediation == GONE.remedy


def test_what_pre_commit_runs_first_is_said() -> None:
    result = judge(GuardsInstalled(), installed=InstalledHooks("dev", (SOUND.replaced(kept_by_pre_commit=True),)))
    assert (result.outcome, result.reason) == ("pass", "pre-commit runs pre-push before its own hooks")


def test_who_never_named_or_installed_any_is_not_asked_for_one() -> None:
    result = judge(GuardsInstalled(), installed=InstalledHooks("dev", ()))
    assert (result.outcome, result.reason) == ("skip", "[guards] names no hook of dev, and none was installed")

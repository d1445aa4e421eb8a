"""clean-worktree: every kind of change is a finding with a command to type, unless it is expected."""

import pytest

from guardrails import Guardrails, Worktree
from guardrails.facts.worktree.change import Change
from guardrails.model import PolicyResult
from guardrails.testing import judge
from guardrails_policies.repository.clean_worktree import BLIND_SPOTS, KINDS, CleanWorktree


def concluded(*changes: Change, policy: CleanWorktree | None = None, depth: str = "full") -> PolicyResult:
    return judge(policy or CleanWorktree(), worktree=Worktree("/srv/prod", depth, changes))


def test_no_change_passes_and_the_full_probe_has_no_blind_spots() -> None:
    assert (concluded().outcome, concluded().reason) == ("pass", None)


def test_a_pass_of_the_fast_probe_names_its_blind_spots() -> None:
    assert (concluded(depth="fast").outcome, concluded(depth="fast").reason) == ("pass", BLIND_SPOTS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_change_fails_with_a_command(kind: str) -> None:
    (finding,) = concluded(Change(kind, "src/x.ts", "changed")).findings

    assert (finding.message, finding.observed) == ("src/x.ts is not as HEAD says", f"{kind}: changed")
    assert finding.path == "src/x.ts"
    assert "{" not in finding.remediation


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_where_something_makes_it_clean_that_is_named_for_what_it_cleans(kind: str) -> None:
    words = Guardrails(environment="my prod", operations=(("clean", "recover"),))
    changes = (Change(kind, "src/x.ts", "changed"), Change(kind, "inner/", "a repository"))
    one, repository = judge(CleanWorktree(), worktree=Worktree("/srv/prod", "full", changes, words)).findings

    apart = ("hidden", "submodule", "lock", "replaced", "sparse", "elsewhere", "special")  # which it leaves as they are
    assert one.remediation.startswith("guardrails run recover --env 'my prod'   #") == (kind not in apart)
    assert "recover" not in repository.remediation


def test_hostile_names_are_quoted_in_commands() -> None:
    (finding,) = concluded(Change("modified", "$(rm -rf ~)", "changed")).findings

    assert "'$(rm -rf ~)'" in finding.remediation


def test_expected_dirt_is_no_finding() -> None:
    policy = CleanWorktree(expected_dirt=("dist/control-ui/", "*.log"))
    changes = [Change("untracked", path, "new") for path in ("dist/control-ui/index.html", "a.log", "dist/other.js")]

    assert [finding.path for finding in concluded(*changes, policy=policy).findings] == ["dist/other.js"]


def test_expected_dirt_is_a_prefix_only_with_a_slash() -> None:
    policy = CleanWorktree(expected_dirt=("dist",))

    assert concluded(Change("untracked", "dist/x", "new"), policy=policy).outcome == "fail"


def test_changes_that_are_all_expected_still_leave_the_blind_spots_named() -> None:
    policy = CleanWorktree(expected_dirt=("x",))

    assert concluded(Change("untracked", "x", "new"), policy=policy, depth="fast").reason == BLIND_SPOTS


def test_an_unknown_depth_is_refused() -> None:
    with pytest.raises(ValueError, match="must be auto, fast or full"):
        CleanWorktree(depth="deep")


def test_thousands_of_one_kind_hide_no_other() -> None:
    many = [Change(kind, f"{kind}-{number}", "") for kind in ("staged", "untracked") for number in range(5000)]
    result = judge(CleanWorktree(), worktree=Worktree("/srv/prod", "full", (*many, Change("lock", "index.lock", ""))))

    assert {finding.observed.partition(":")[0] for finding in result.findings} == {"staged", "untracked", "lock"}
    assert result.reason == "10001 findings, of which the first 1000 are kept"


def test_a_hundred_of_each_kind_come_before_more_of_any() -> None:
    many = [Change("modified", f"{number:03}.ts", "changed") for number in range(201)]
    findings = concluded(*many, Change("untracked", "notes.md", "new")).findings
    assert [finding.path for finding in findings].index("notes.md") == 100
    assert [finding.path for finding in findings][101:] == [change.path for change in many[100:]]

"""release-branch: the candidate is the tip of one release branch, with everything committed."""

from typing import Any

import pytest

from guardrails import ReleaseSource
from guardrails.model import PolicyResult
from guardrails.testing import judge
from guardrails_policies.repository.release_branch import ReleaseBranch

TIP, OTHER, BRANCH = "a" * 40, "b" * 40, "release/memory-v1"


def concluded(options: Any = None, **seen: Any) -> PolicyResult:
    usual = {"repo": "/srv/dev", "branch": BRANCH, "commit": TIP, "name": BRANCH, "candidate": TIP}
    whole = {**usual, "tips": ((BRANCH, TIP),), "tagged": False, "dirt": (), **seen}
    return judge(ReleaseBranch(**(options or {})), source=ReleaseSource(**whole))


def test_the_clean_tip_of_a_release_branch_passes() -> None:
    assert concluded().outcome == "pass"


def test_a_candidate_given_by_its_id_passes_when_it_is_such_a_tip() -> None:
    assert concluded(name=TIP).outcome == "pass"


@pytest.mark.parametrize(
    ("seen", "observed"),
    [
        ({"name": "main", "branch": "main", "tips": (("main", TIP),)}, "main"),
        ({"name": "", "branch": None, "tips": ()}, "a detached HEAD"),
        ({"name": TIP, "tips": ()}, f"{TIP}, the tip of no release branch"),
        ({"name": "releases", "tips": (("releases", TIP),)}, "releases"),
    ],
)
def test_another_branch_and_none_fail(seen: dict[str, Any], observed: str) -> None:
    [finding] = concluded(**seen).findings

    assert finding.observed == observed
    assert finding.ref == (seen["name"] or None)
    assert finding.expected == "a branch of /srv/dev that matches release/*"
    assert finding.remediation.startswith("git -C /srv/dev branch --list --all 'release/*'   # a look: ")


def test_a_tag_of_the_same_name_fails() -> None:
    [finding] = concluded(tagged=True).findings

    assert finding.observed == f"refs/heads/{BRANCH} and refs/tags/{BRANCH}"
    assert f"tag --delete {BRANCH}" in finding.remediation
    assert concluded(tagged=True, name=TIP).outcome == "pass", "an id is no name of anything else"


def test_a_candidate_that_is_not_the_tip_fails() -> None:
    [finding] = concluded(candidate=OTHER).findings

    assert (finding.observed, finding.expected) == (f"candidate {OTHER}, {BRANCH} at {TIP}", f"the tip of {BRANCH}")


def test_of_several_branches_at_the_candidate_the_release_is_judged() -> None:
    assert concluded(tips=(("main", OTHER), (BRANCH, TIP))).outcome == "pass"
    [finding] = concluded(tips=(("main", TIP), (BRANCH, OTHER))).findings
    assert finding.message == f"the candidate is not the tip of {BRANCH}"


def test_dirt_on_the_branch_fails() -> None:
    [finding] = concluded(dirt=("src/new file.ts", "b", "c", "d", "e", "f")).findings

    assert finding.observed == "src/new file.ts, b, c, d, e and 1 more"
    assert finding.path == "src/new file.ts"
    assert "add --all" in finding.remediation


def test_dirt_while_another_branch_is_checked_out_is_not_the_releases() -> None:
    assert concluded(branch="feature", dirt=("src/new.ts",)).outcome == "pass"


def test_which_branches_are_for_releases_is_an_option() -> None:
    assert concluded({"branches": ("hotfix/*",)}).outcome == "fail"
    assert concluded({"branches": ("hotfix/*", "release/*")}).outcome == "pass"
    with pytest.raises(ValueError, match="branches is empty"):
        ReleaseBranch(branches=())

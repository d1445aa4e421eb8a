"""One release after another, upstream in between, and what each printed line makes of it when it is run as printed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, try_git
from worlds.guarded_world import PROMOTE, REFUSED, GuardedWorld
from worlds.small_world import RELEASE, outcomes, write

UPDATE, RECOVER = ("update", "--env", "prod"), ("recover", "--env", "prod")


@pytest.fixture
def world(tmp_path: Path) -> GuardedWorld:
    return GuardedWorld(tmp_path)


def commit(repo: Path, name: str) -> str:
    write(repo / f"src/{name}.ts", f"export const {name} = 1;\n")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", name)
    return git(repo, "rev-parse", "HEAD")


def upstream_moves(world: GuardedWorld) -> str:
    made = commit(world.upstream, "theirs")
    git(world.prod, "fetch", "-q", "upstream")
    return made


def findings(world: GuardedWorld, policy: str, *arguments: str) -> list[dict[str, Any]]:
    report = world.world.report("--env", "prod", *arguments)
    [result] = [one for one in report["results"] if one["policy"] == policy]
    found: list[dict[str, Any]] = result["findings"]
    return found


def run_printed(world: GuardedWorld, line: str) -> subprocess.CompletedProcess[str]:
    """Run a remedy as it is printed; git's from any folder, ours where the configuration is."""
    words = line.replace("guardrails ", f"{world.programs}/guardrails ", 1)
    if not (world.programs / "guardrails").exists():
        write(world.programs / "guardrails", f'#!/bin/sh\nexec "{sys.executable}" -m guardrails "$@"\n').chmod(0o755)
    variables = {name: value for name, value in world.environment().items() if value is not None}
    return subprocess.run(
        ["sh", "-euc", words],
        cwd=world.world.folder if line.startswith("guardrails") else "/",
        env={**world.world.environment(**variables), **_IDENTITY},
        capture_output=True,
        text=True,
        check=False,
    )


_IDENTITY = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def test_two_releases_with_upstream_in_between(world: GuardedWorld) -> None:
    assert world.run(*PROMOTE).returncode == 0
    first, theirs = world.head(), upstream_moves(world)
    git(world.dev, "checkout", "-q", "-b", "release/two")
    second = commit(world.dev, "two")
    world.world.approve()
    promote = ("promote", "--env", "prod", "--candidate", "release/two")
    assert (world.run(*promote).returncode, world.head()) == (REFUSED, first)
    [finding] = findings(world, "matches-upstream", "--op", *promote)
    assert finding["message"] == "upstream/main has commits that the candidate lacks"

    git(world.dev, "checkout", "-q", RELEASE)
    [finding] = findings(world, "matches-upstream", "--op", *promote)
    done = run_printed(world, finding["remediation"])
    assert done.returncode == 0, done.stderr
    assert git(world.dev, "rev-list", "--parents", "-1", "release/two").split()[1:] == [second, theirs]
    time.sleep(1.1)  # an approval is dated a second ago, and must not be older than what it approves
    world.world.approve()
    done = world.run(*promote)
    assert done.returncode == 0, done.stderr
    merged = world.head()
    assert git(world.dev, "rev-parse", "release/two") == merged
    assert (world.run("rollback", "--env", "prod").returncode, world.head()) == (0, first)
    assert (world.run(*promote).returncode, world.head()) == (0, merged), "the first release goes on being one"


def test_a_production_behind_upstream_is_updated_first(world: GuardedWorld) -> None:
    upstream_moves(world)
    behind, lacking = findings(world, "matches-upstream", "--op", *PROMOTE)

    assert lacking["message"] == "upstream/main has commits that the candidate lacks"
    done = run_printed(world, behind["remediation"])
    assert done.returncode == 0, done.stderr
    assert findings(world, "matches-upstream", "--op", *PROMOTE) == []
    assert len(findings(world, "fast-forward-only", "--op", *PROMOTE)) == 1, (
        "which speaks of HEAD, and that is upstream"
    )
    assert run_printed(world, lacking["remediation"]).returncode == 0
    assert findings(world, "fast-forward-only", "--op", *PROMOTE) == []


def test_a_commit_on_top_of_a_recorded_release_is_no_release(world: GuardedWorld) -> None:
    assert world.run(*PROMOTE).returncode == 0
    commit(world.prod, "hotfix")
    git(world.dev, "pull", "-q", world.prod, "main")
    world.world.approve()
    refused = world.run(*PROMOTE)

    assert refused.returncode == REFUSED
    [finding] = findings(world, "matches-upstream", "--op", *PROMOTE)
    assert "hotfix" in finding["observed"]
    assert run_printed(world, finding["remediation"]).stdout.count("\n") == 2


def test_an_upstream_that_is_not_there_is_fetched(world: GuardedWorld) -> None:
    git(world.prod, "update-ref", "-d", "refs/remotes/upstream/main")
    for policy, arguments in {
        "matches-upstream": ("--op", "update"),
        "reset-loses-nothing": ("--op", "update"),
        "no-direct-edits": (),
    }.items():
        [finding] = findings(world, policy, *arguments)
        assert finding["remediation"] == f"git -C {world.prod} fetch upstream"
        assert "hotfix" not in finding["observed"]
    done = run_printed(world, finding["remediation"])
    assert done.returncode == 0, done.stderr + done.stdout
    assert findings(world, "no-direct-edits") == []


@pytest.mark.parametrize("back_to", ["upstream/main", "HEAD~1"])
def test_a_commit_that_was_reset_away_by_hand_is_kept_and_settled(world: GuardedWorld, back_to: str) -> None:
    hotfix = commit(world.prod, "hotfix")
    git(world.prod, "reset", "-q", "--hard", back_to)
    [finding] = findings(world, "no-direct-edits")
    done = run_printed(world, finding["remediation"])

    assert done.returncode == 0, done.stderr
    assert outcomes(world.world.report("--env", "prod"))["no-direct-edits"] == "pass"
    git(world.prod, "reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    git(world.prod, "gc", "-q", "--prune=now")
    assert git(world.prod, "cat-file", "-t", hotfix) == "commit"
    assert world.run(*PROMOTE).returncode == 0, "and production goes on"


def test_the_same_on_top_of_a_release(world: GuardedWorld) -> None:
    assert world.run(*PROMOTE).returncode == 0
    commit(world.prod, "hotfix")
    git(world.prod, "reset", "-q", "--hard", world.release)
    [finding] = findings(world, "no-direct-edits")

    done = run_printed(world, finding["remediation"])
    assert done.returncode == 0, done.stderr + done.stdout
    assert findings(world, "no-direct-edits") == []
    assert world.head() == world.release


def test_a_commit_of_another_branch_is_settled_too(world: GuardedWorld) -> None:
    git(world.prod, "checkout", "-q", "-b", "try")
    commit(world.prod, "trial")
    git(world.prod, "checkout", "-q", "main")
    [finding] = findings(world, "no-direct-edits")

    done = run_printed(world, finding["remediation"])
    assert done.returncode == 0, done.stderr + done.stdout
    assert findings(world, "no-direct-edits") == []


def test_a_ref_that_is_no_rescue_settles_nothing(world: GuardedWorld) -> None:
    hotfix = commit(world.prod, "hotfix")
    git(world.prod, "update-ref", "refs/rescue/mine", hotfix)
    git(world.prod, "reset", "-q", "--hard", "upstream/main")

    assert len(findings(world, "no-direct-edits")) == 1


@pytest.mark.parametrize("released", [False, True])
def test_a_commit_in_production_goes_by_the_printed_line(world: GuardedWorld, released: bool) -> None:
    if released:
        assert world.run(*PROMOTE).returncode == 0
    hotfix = commit(world.prod, "hotfix")
    [finding] = findings(world, "no-direct-edits")
    done = run_printed(world, finding["remediation"])

    assert done.returncode == 0, done.stderr
    assert findings(world, "no-direct-edits") == []
    assert git(world.prod, "for-each-ref", "--contains", hotfix, "refs/rescue"), "nothing is lost"


@pytest.mark.parametrize("state", ["missing", "cut"])
def test_a_reflog_begins_anew_by_the_printed_line(world: GuardedWorld, state: str) -> None:
    log = world.prod / ".git/logs/HEAD"
    if state == "cut":
        upstream_moves(world)
        git(world.prod, "merge", "-q", "upstream/main")
        log.write_text(log.read_text().splitlines(keepends=True)[0])
    else:
        log.unlink()
        git(world.prod, "config", "core.logAllRefUpdates", "false")
    [finding] = findings(world, "no-direct-edits")
    done = run_printed(world, finding["remediation"])

    assert done.returncode == 0, done.stderr
    assert findings(world, "no-direct-edits") == []


@pytest.mark.parametrize("operation", [UPDATE, RECOVER])
@pytest.mark.parametrize("goes_on", [False, True], ids=["at its tip", "behind its tip"])
def test_a_release_that_was_merged_by_hand_is_not_undeployed(
    world: GuardedWorld, operation: tuple[str, ...], goes_on: bool
) -> None:
    git(world.prod, "fetch", "-q", world.dev, RELEASE)
    git(world.prod, "merge", "-q", "--ff-only", world.release)
    if goes_on:
        commit(world.dev, "later")
    refused = world.run(*operation)

    assert (refused.returncode, world.head()) == (REFUSED, world.release)
    assert "a promoted release would be un-deployed" in refused.stderr
    found = findings(world, "reset-loses-nothing", "--op", operation[0])
    [finding] = [one for one in found if "un-deployed" in one["message"]]
    assert "release: memory system" in finding["observed"]
    assert run_printed(world, finding["remediation"]).stdout.count("\n") == 1
    plan = world.world.run("plan", operation[0], "--env", "prod", "--format", "json").stdout
    assert f'"commit": "{world.release}"' in plan[plan.index('"undeploys"') :]


def test_a_branch_that_is_none_for_releases_is_not_undeployed(world: GuardedWorld) -> None:
    git(world.prod, "fetch", "-q", world.dev, RELEASE)
    git(world.prod, "merge", "-q", "--ff-only", world.release)
    git(world.dev, "branch", "-q", "-m", "feature")

    assert (world.run(*RECOVER).returncode, world.head()) == (0, world.before)


def test_a_rebase_under_way_is_ended_by_the_printed_line(world: GuardedWorld) -> None:
    git(world.prod, "checkout", "-q", "-b", "try")
    commit(world.prod, "gateway")
    git(world.prod, "checkout", "-q", "main")
    write(world.prod / "src/gateway.ts", "export const other = 2;\n")
    git(world.prod, "commit", "-qam", "in conflict")
    assert try_git(world.prod, "rebase", "try").returncode == 1
    [finding] = findings(world, "expected-branch")

    done = run_printed(world, finding["remediation"])
    assert done.returncode == 0, done.stderr + done.stdout
    assert findings(world, "expected-branch") == []


def test_a_tag_that_has_the_name_of_the_release_is_called_otherwise(world: GuardedWorld) -> None:
    git(world.dev, "tag", "-a", "-m", "a tag", RELEASE, "main")
    tag = git(world.dev, "rev-parse", f"refs/tags/{RELEASE}")
    promote = ("promote", "--env", "prod", "--candidate", f"refs/heads/{RELEASE}")
    [finding] = findings(world, "release-branch", "--op", *promote)

    done = run_printed(world, finding["remediation"])
    assert done.returncode == 0, done.stderr + done.stdout
    assert findings(world, "release-branch", "--op", *promote) == []
    assert git(world.dev, "rev-parse", f"refs/tags/{RELEASE}.tag") == tag

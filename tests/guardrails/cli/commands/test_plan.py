"""`guardrails plan` from outside, on a deployment: it says what would happen, changes nothing, and exits as a check."""

import json
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from worlds.small_world import DIGEST, RELEASE, SmallWorld, small_world

PROMOTE = ("promote", "--env", "prod", "--candidate", RELEASE)


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return small_world(tmp_path)


def planned(world: SmallWorld, *arguments: str) -> dict[str, Any]:
    before = snapshot(world.folder)
    done = world.run("plan", *arguments, "--format", "json")
    assert snapshot(world.folder) == before
    plan: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == plan["exit_code"], done.stderr
    return plan


def test_the_exit_code_is_that_of_the_check(world: SmallWorld) -> None:
    plan = planned(world, *PROMOTE)
    check = world.report("--env", "prod", "--op", "promote", "--candidate", RELEASE)

    assert plan["exit_code"] == check["exit_code"]
    assert plan["missing"] == [result["policy"] for result in check["results"] if result["blocks"]]
    assert [commit["subject"] for commit in plan["arrives"]] == ["release: memory system"]
    assert plan["candidate"] == git(world.dev, "rev-parse", RELEASE)
    assert [step["outcome"] for step in plan["steps"]] == ["moves", "stays", "stays"]
    assert {"required-signoffs", "tested-commit"} <= set(plan["present"])


def test_evidence_and_sign_offs_that_are_missing(world: SmallWorld) -> None:
    git(world.dev, "commit", "-q", "--allow-empty", "-m", "one more thing")
    assert planned(world, *PROMOTE)["missing"] == ["required-signoffs"], "the tree is the one that was tested"
    (world.dev / "src/more.ts").write_text("export const more = true;\n")
    git(world.dev, "add", "-A")
    git(world.dev, "commit", "-qm", "and another")
    assert planned(world, *PROMOTE)["missing"] == ["required-signoffs", "tested-commit"]


def test_what_an_update_would_destroy(world: SmallWorld) -> None:
    (world.prod / "src/gateway.ts").write_text("export const port = 1;\n")
    (world.prod / "hotfix.ts").write_text("fixed\n")
    git(world.prod, "add", "hotfix.ts")
    plan = planned(world, "update", "--env", "prod")

    assert sorted(plan["loses"]) == ["hotfix.ts", "src/gateway.ts"]
    assert {"clean-worktree", "reset-loses-nothing"} <= set(plan["missing"])


def test_jobs_that_fire_and_the_next_allowed_time(world: SmallWorld) -> None:
    jobs = world.prod_state / "cron/jobs.json"
    jobs.write_text(jobs.read_text().replace(DIGEST["expr"], "0 7 * * *"))
    window = '{ days = ["sun"], from = "22:00", to = "23:00", zone = "UTC" }'
    world.configure(f"[policies.release-window]\nwindows = [{window}]\n")
    plan = planned(world, *PROMOTE, "--at", "2026-02-02T06:45:00Z")

    assert plan["fires"] == [{"job": "daily digest", "at": "2026-02-02T07:00:00Z"}]
    assert plan["next_allowed"] == "2026-02-08T22:00:00Z"
    assert {"quiet-cron", "release-window"} <= set(plan["missing"])


def test_the_digest_is_of_the_steps_as_they_are_configured_and_of_no_time_or_place(world: SmallWorld) -> None:
    commit = git(world.dev, "rev-parse", RELEASE)
    digest = planned(world, *PROMOTE)["digest"]
    assert digest == world.plan(commit)
    assert planned(world, *PROMOTE[:-1], commit, "--at", "2026-02-02T06:45:00Z")["digest"] == digest
    git(world.prod, "commit", "-q", "--allow-empty", "-m", "prod is elsewhere")
    assert planned(world, *PROMOTE)["digest"] == digest
    moved = world.folder.rename(world.folder.parent / "another machine")
    world.folder, world.prod, world.dev = moved, moved / "prod", moved / "dev"
    assert planned(world, *PROMOTE)["digest"] == digest
    assert planned(world, "update", "--env", "prod")["digest"] is None


def test_for_people(world: SmallWorld) -> None:
    done = world.run("plan", *PROMOTE)

    assert "plan of promote in prod" in done.stdout
    assert "commits that would arrive: 1" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(("ALLOW", "DENY"))


@pytest.mark.parametrize(
    "arguments",
    [("promte", "--env", "prod"), ("update", "--env", "nowhere"), ("update",), ("promote", "--env", "dev")],
)
def test_a_question_that_makes_no_sense(world: SmallWorld, arguments: tuple[str, ...]) -> None:
    done = world.run("plan", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("guardrails: ")
    assert done.stderr.count("\n") == 1


def test_a_question_that_makes_no_sense_has_json_too(world: SmallWorld) -> None:
    plan = planned(world, "promte", "--env", "prod")

    assert (plan["verdict"], plan["exit_code"]) == ("deny", 2)
    assert "promte" in plan["errors"][0]


def test_without_an_operation_there_is_nothing_to_plan(world: SmallWorld) -> None:
    done = world.run("plan", "--env", "prod")

    assert (done.returncode, done.stdout) == (2, "")

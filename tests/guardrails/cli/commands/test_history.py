"""Every move of production has a record, a guarded run's or a person's, or `guardrails history` says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.facts.approval.deployments import RECORDS
from worlds.guarded_world import PROMOTE, REFUSED, UNVERIFIED, GuardedWorld
from worlds.small_world import outcomes

PROD = ("--env", "prod")
WHY = ("--reason", "it was Friday")


@pytest.fixture
def world(tmp_path: Path) -> GuardedWorld:
    """A world of one policy of promotions, in which guarding has begun."""
    guarded = GuardedWorld(tmp_path)
    guarded.only("release-branch")
    guarded.world.configure('[policies.no-direct-edits]\nwhen = ["standing"]\n')
    assert guarded.world.check(*PROD).returncode == 0
    return guarded


def history(world: GuardedWorld, *arguments: str) -> dict[str, Any]:
    done = world.world.run("history", *PROD, "--format", "json", *arguments)
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == found["exit_code"], done
    return found


def promoted(world: GuardedWorld) -> GuardedWorld:
    assert world.run(*PROMOTE).returncode == 0
    return world


def commit(world: GuardedWorld, name: str) -> str:
    (world.prod / name).write_text(f"{name}\n")
    git(world.prod, "add", name)
    git(world.prod, "commit", "-qm", name)
    return world.head()


def reset(world: GuardedWorld, to: str) -> None:
    git(world.prod, "reset", "-q", "--hard", to)


def accept(world: GuardedWorld, name: str) -> None:
    done = world.world.run("history", "accept", name, *PROD, *WHY)
    assert done.returncode == 0, done


def ends(found: dict[str, Any], **which: Any) -> list[tuple[str, str]]:
    """From which commit to which, of the moves that are so."""
    return [
        (one["old"], one["new"])
        for one in found["moves"]
        if all(bool(one[name]) == wanted for name, wanted in which.items())
    ]


def test_a_promotion_has_its_record_and_looking_changes_nothing(world: GuardedWorld) -> None:
    promoted(world)
    log = json.loads(world.world.run("log", "show", *PROD, "--format", "json").stdout)
    before = snapshot(world.world.folder), snapshot(world.world.home / ".local")
    [move] = (found := history(world))["moves"]

    assert (found["exit_code"], found["gaps"], found["environment"]) == (0, [], "prod")
    assert list(found) == ["schema_version", "tool", "environment", "moves", "gaps", "errors", "exit_code"]
    assert list(move) == ["at", "old", "new", "by", "verdict", "record", "accepted"]
    assert (move["old"], move["new"]) == (world.before, world.release)
    assert (move["verdict"], move["accepted"]) == ("allow", None)
    assert move["record"] == git(world.prod, "rev-parse", RECORDS)
    assert move["by"].endswith(f"@{log[0]['host']}")
    assert (snapshot(world.world.folder), snapshot(world.world.home / ".local")) == before


def test_a_commit_and_a_reset_by_hand_are_found_whatever_they_call_themselves(world: GuardedWorld) -> None:
    promoted(world)
    forged = {"GIT_REFLOG_ACTION": "guardrails run promote", "GIT_COMMITTER_NAME": "guardrails"}
    (world.prod / "hotfix").write_text("now\n")
    git(world.prod, "add", "-A")
    git(world.prod, "commit", "-qm", "hotfix", env=forged)
    hotfix = world.head()
    git(world.prod, "reset", "-q", "--hard", world.release, env=forged)
    found = history(world)

    assert (found["exit_code"], found["gaps"]) == (1, [])
    assert ends(found, by=True) == [(world.before, world.release)]
    assert ends(found, by=False) == [(world.release, hotfix), (hotfix, world.release)]
    assert {one["verdict"] for one in found["moves"][1:]} == {None}


def test_what_was_before_the_first_record_is_not_asked_about(tmp_path: Path) -> None:
    guarded = GuardedWorld(tmp_path)
    guarded.only("release-branch")
    hotfix = commit(guarded, "hotfix")
    reset(guarded, guarded.before)
    guarded.world.check(*PROD)
    assert (history(guarded)["exit_code"], history(guarded)["moves"]) == (0, [])

    reset(guarded, hotfix)
    reset(guarded, guarded.before)
    found = history(guarded)
    assert (found["exit_code"], len(found["moves"])) == (1, 2), "equal to those before, in the same second"


def test_accept_settles_the_moves_of_one_commit_until_it_comes_back(world: GuardedWorld) -> None:
    one = commit(world, "one")
    reset(world, world.before)
    two = commit(world, "two")
    reset(world, world.before)
    denied = world.world.report(*PROD)
    assert outcomes(denied)["no-direct-edits"] == "fail"
    accept(world, one)
    found = history(world)

    assert ends(found, accepted=True) == [(world.before, one), (one, world.before)]
    assert ends(found, accepted=False) == [(world.before, two), (two, world.before)]
    assert found["moves"][0]["accepted"]["reason"] == "it was Friday"
    [finding] = next(one for one in world.world.report(*PROD)["results"] if one["policy"] == "no-direct-edits")[
        "findings"
    ]
    assert finding["observed"] == f"{two[:12]} two"

    accept(world, two[:10])
    assert history(world)["exit_code"] == 0
    assert outcomes(world.world.report(*PROD))["no-direct-edits"] == "pass"
    earlier = world.world.report(*PROD, "--at", "2026-02-01T10:00:00Z")
    assert outcomes(earlier)["no-direct-edits"] == "fail", "nothing is accepted as of an earlier time"
    reset(world, one)
    assert outcomes(world.world.report(*PROD))["no-direct-edits"] == "fail"
    reset(world, world.before)
    found = history(world)
    assert (found["exit_code"], len(found["moves"])) == (1, 6)
    assert ends(found, accepted=False) == [(world.before, one), (one, world.before)]
    assert outcomes(world.world.report(*PROD))["no-direct-edits"] == "fail", "it has come back since"


def test_what_accept_does_not_take(world: GuardedWorld) -> None:
    promoted(world)
    for words, says in (
        ((world.release, *PROD, *WHY), "no move of prod to or from"),
        (("gone", *PROD, *WHY), "gone is no commit of"),
        ((world.release, *PROD, "--reason", " "), "it is empty"),
        ((world.release, *WHY), "accept needs --env"),
        ((*PROD, *WHY), "accept needs COMMIT"),
        ((world.release, *PROD, *WHY, "--format", "json"), "accept takes neither"),
    ):
        done = world.world.run("history", "accept", *words, env={"GUARDRAILS_ENV": "prod"})
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
        assert says in done.stderr


def test_a_run_whose_check_afterwards_failed_has_not_allowed(world: GuardedWorld) -> None:
    world.world.configure('[policies.required-files]\nwhen = ["after promote"]\nfiles = ["gone.txt"]\n')
    assert world.run(*PROMOTE).returncode == UNVERIFIED
    [move] = (found := history(world))["moves"]
    assert (found["exit_code"], move["verdict"], bool(move["by"])) == (1, "deny", True)

    accept(world, world.release)
    assert history(world)["exit_code"] == 0


def test_what_was_refused_and_then_done_by_hand(world: GuardedWorld) -> None:
    world.world.configure('[policies.required-files]\nwhen = ["promote"]\nfiles = ["gone.txt"]\n')
    assert world.run(*PROMOTE).returncode == REFUSED
    assert (history(world)["exit_code"], history(world)["moves"]) == (0, [])
    world.world.promote()
    assert history(world)["exit_code"] == 1


def log_of(world: GuardedWorld) -> Path:
    return world.world.home / ".local/state/guardrails/prod/audit.jsonl"


def _cut_the_log(world: GuardedWorld) -> None:
    log_of(world).write_bytes(b"".join(log_of(world).read_bytes().splitlines(keepends=True)[:2]))


def _take_a_record_away(world: GuardedWorld) -> None:
    git(world.prod, "update-ref", "-d", RECORDS)


def _expire_the_reflogs(world: GuardedWorld) -> None:
    git(world.prod, "reflog", "expire", "--expire=now", "--all")


@pytest.mark.parametrize("spoil", [_cut_the_log, _take_a_record_away, _expire_the_reflogs])
def test_what_cannot_be_told(world: GuardedWorld, spoil: Callable[[GuardedWorld], None]) -> None:
    promoted(world)
    spoil(world)
    done = world.world.run("history", *PROD)

    assert (done.returncode, done.stdout.splitlines()[-1].split("  ")[0], done.stderr) == (2, "CANNOT TELL", "")
    assert "\n! " in done.stdout


def test_since_a_time_and_a_commit(world: GuardedWorld) -> None:
    promoted(world)
    hotfix = commit(world, "hotfix")

    assert len(history(world, "--since", "1h")["moves"]) == 2
    assert len(history(world, "--since", "2026-02-01")["moves"]) == 2
    assert ends(history(world, "--since", world.release)) == [(world.release, hotfix)]
    assert ends(history(world, "--since", "HEAD")) == []
    world.world.check(*PROD)
    assert ends(history(world, "--since", "1ms")) == []
    to_come = world.world.run("history", *PROD, "--since", "2999-01-01")
    assert (to_come.returncode, to_come.stdout, "still to come" in to_come.stderr) == (2, "", True)
    unknown = {"yesteryear": "is no commit", "2026-13-01": "not a day", "2026-02-01T10:00": "not a time of RFC 3339"}
    for text, says in unknown.items():
        done = world.world.run("history", *PROD, "--since", text)
        assert (done.returncode, done.stderr.count("\n"), says in done.stderr) == (2, 1, True), done


def test_reports_go_to_files_and_one_that_cannot_be_written_is_no_answer(world: GuardedWorld, tmp_path: Path) -> None:
    promoted(world)
    into = (tmp_path / "history.json", tmp_path / "history.txt")
    done = world.world.run("history", *PROD, "--output", f"json:{into[0]}", "--output", f"text:{into[1]}")
    assert (done.returncode, done.stdout) == (0, into[1].read_text())
    assert json.loads(into[0].read_text()) == history(world)
    page = tmp_path / "history.html"
    assert world.world.run("history", *PROD, "--output", f"html:{page}").returncode == 0
    assert "<h1>Guarded</h1>" in page.read_text()
    assert "nobody guarded it" not in page.read_text()

    done = world.world.run("history", *PROD, "--output", f"json:{into[0]}", "--output", "text:/dev/full")
    assert (done.returncode, json.loads(into[0].read_text())["exit_code"]) == (2, 2)
    assert "--output /dev/full cannot be written" in done.stderr
    commit(world, "hotfix")
    assert world.world.run("history", *PROD, "--output", "text:/dev/full").returncode == 2
    assert done.stdout.splitlines()[-1].startswith("CANNOT TELL")


def test_what_is_wrong_is_one_line_and_an_object(world: GuardedWorld) -> None:
    done = world.world.run("history", "--env", "staging")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    done = world.world.run("history", "--env", "staging", "--format", "json")
    assert (done.returncode, len(json.loads(done.stdout)["errors"])) == (2, 1)
    done = world.world.run("history", *PROD, "--output", "junit:x")
    assert (done.returncode, "junit:x is not FORMAT:PATH" in done.stderr) == (2, True)


def test_the_log_shows_who_accepted_what(world: GuardedWorld) -> None:
    hotfix = commit(world, "hotfix")
    reset(world, world.before)
    accept(world, hotfix)
    last = world.world.run("log", "show", *PROD, "--last", "1").stdout

    assert "acceptance" in last
    assert "accepted  " in last
    assert hotfix[:12] in last
    assert "it was Friday" in last
    assert world.world.run("log", "verify", *PROD).returncode == 0

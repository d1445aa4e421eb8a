"""The record of deployments, held true: no way back leads where nothing ran, to what was taken out, or forward."""

from __future__ import annotations

import json
import random
import shlex
import subprocess
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.approval.deployments import RECORDS
from worlds.guarded_world import PROMOTE, REFUSED, GuardedWorld
from worlds.small_world import outcomes
from worlds.two_repositories import record

ROLLBACK = ("rollback", "--env", "prod")
_PLACES = """\
[environments.prod]
repo = "{world}/prod"
branch = "main"
upstream = "upstream/main"

[environments.dev]
repo = "{world}/dev"
"""
_LEADS = {"promote": "candidate", "update": "upstream", "recover": "upstream", "back": "previous", "undo": "previous"}
_POLICIES = {
    "matches-upstream": ["promote", "update"],
    "fast-forward-only": ["promote"],
    "release-branch": ["promote"],
    "reset-loses-nothing": ["update", "recover", "back", "undo"],
    "no-direct-edits": ["standing"],
}


def quickly(world: GuardedWorld) -> str:
    """A configuration of few policies and steps, with two operations that lead back under names of their own."""
    tables = [_PLACES.format(world=world.world.folder)]
    for name, leads in _LEADS.items():
        step = "merge -q --ff-only" if leads == "candidate" else "reset -q --hard"
        more = 'candidate_from = "dev"' if leads == "candidate" else "rescue = true"
        carries = 'carry_to = "dev"' if name == "recover" else ""
        steps = f'steps = ["git {step} {{{leads}}}"]'
        lines = [f"[operations.{name}]", 'environment = "prod"', f'moves_head_to = "{leads}"', more, carries, steps]
        tables.append("\n".join([*lines, ""]))
    tables += [f"[policies.{name}]\nwhen = {json.dumps(when)}\n" for name, when in _POLICIES.items()]
    return "\n".join(tables)


@pytest.fixture
def world(tmp_path: Path) -> GuardedWorld:
    return GuardedWorld(tmp_path)


@pytest.fixture
def quick(world: GuardedWorld) -> GuardedWorld:
    """Few policies and steps, and an operation that leads back under each of two names."""
    world.world.configuration.write_text(quickly(world))
    return world


def newest(world: GuardedWorld) -> str:
    return git(world.prod, "rev-parse", RECORDS)


def local_commit(world: GuardedWorld, name: str) -> str:
    (world.prod / name).write_text(f"{name}\n")
    git(world.prod, "add", name)
    git(world.prod, "commit", "-qm", name)
    return world.head()


def release(world: GuardedWorld, name: str) -> str:
    """A release branch on top of what dev has, with all of upstream; gives its tip."""
    git(world.dev, "checkout", "-q", "-B", f"release/{name}")
    git(world.dev, "pull", "-q", "--no-rebase", "--no-edit", world.upstream, "main")
    (world.dev / f"{name}.ts").write_text(f"{name}\n")
    git(world.dev, "add", "-A")
    git(world.dev, "commit", "-qm", name)
    return git(world.dev, "rev-parse", "HEAD")


def upstream_moves(world: GuardedWorld, name: str) -> str:
    (world.upstream / name).write_text(f"{name}\n")
    git(world.upstream, "add", "-A")
    git(world.upstream, "commit", "-qm", name)
    git(world.prod, "fetch", "-q", "upstream")
    return git(world.upstream, "rev-parse", "HEAD")


def run_printed(world: GuardedWorld, text: str) -> None:
    """Run the command that a message ends in, as it is printed, from another folder."""
    subprocess.run(["sh", "-euc", text[text.index("git -C") :].splitlines()[0]], cwd="/", check=True)


def two_releases(world: GuardedWorld) -> tuple[str, str]:
    one = release(world, "one")
    assert world.run("promote", "--env", "prod", "--candidate", "release/one").returncode == 0
    two = release(world, "two")
    done = world.run("promote", "--env", "prod", "--candidate", "release/two")
    assert done.returncode == 0, done.stderr
    return one, two


def test_a_record_ref_that_was_moved_back_is_refused_until_it_is_mended(quick: GuardedWorld) -> None:
    one, two = two_releases(quick)
    git(quick.prod, "update-ref", RECORDS, f"{RECORDS}^")
    refused = quick.run("back", "--env", "prod")

    assert (refused.returncode, quick.head()) == (REFUSED, two)
    assert "was moved by hand" in refused.stderr
    run_printed(quick, refused.stderr)
    assert (quick.run("back", "--env", "prod").returncode, quick.head()) == (0, one)


def test_a_record_ref_that_was_deleted_is_refused_until_it_is_mended(quick: GuardedWorld) -> None:
    one, _ = two_releases(quick)
    git(quick.prod, "update-ref", "-d", RECORDS)
    refused = quick.run("back", "--env", "prod")

    assert (refused.returncode, "was moved by hand" in refused.stderr) == (REFUSED, True)
    run_printed(quick, refused.stderr)
    assert (quick.run("back", "--env", "prod").returncode, quick.head()) == (0, one)


@pytest.mark.parametrize("before", [False, True], ids=["alone", "after true ones"])
@pytest.mark.parametrize("log", ["kept", "lost"])
def test_a_record_made_by_hand_is_refused(quick: GuardedWorld, log: str, before: bool) -> None:
    if before:
        two_releases(quick)
    head = quick.head()
    evil = git(quick.prod, "commit-tree", "-m", "evil", "-p", head, "HEAD^{tree}")
    record(quick.prod, {**said(head, evil), "operation": "back", "moves": "previous"})
    forged = record(quick.prod, {**said(head, evil), "operation": "promote", "moves": "candidate"})
    if log == "lost":
        for path in (quick.world.home / ".local/state/guardrails").rglob("*.jsonl"):
            path.unlink()
    refused = quick.run("back", "--env", "prod")

    assert (refused.returncode, quick.head(), newest(quick)) == (REFUSED, head, forged)
    assert "by hand" in refused.stderr
    assert quick.world.run("plan", "back", "--env", "prod").returncode == 2
    run_printed(quick, refused.stderr)
    assert "by hand" not in quick.run("back", "--env", "prod").stderr


def said(commit: str, previous: str) -> dict[str, str]:
    return {"environment": "prod", "commit": commit, "previous": previous, "at": "2026-02-01T10:00:00Z"}


def test_a_new_clone_begins_a_record_of_its_own(quick: GuardedWorld) -> None:
    two_releases(quick)
    quick.prod.rename(quick.folder / "old")
    git(quick.world.folder, "clone", "-q", "-o", "upstream", quick.upstream, quick.prod)
    before, three = quick.head(), release(quick, "three")

    assert quick.run("back", "--env", "prod").returncode == REFUSED
    done = quick.run("promote", "--env", "prod", "--candidate", "release/three")
    assert (done.returncode, quick.head()) == (0, three), done.stderr
    assert (quick.run("back", "--env", "prod").returncode, quick.head()) == (0, before)


def test_records_of_the_version_before_are_usable(quick: GuardedWorld) -> None:
    """Version 0.3.0 wrote no kind of move and logged no record: HEAD's reflog tells that they are true."""
    one, two = two_releases(quick)
    git(quick.prod, "update-ref", "-d", RECORDS)
    (log,) = (quick.world.home / ".local/state/guardrails").rglob("*.jsonl")
    log.unlink()
    old = {"operation": "promote", "environment": "prod", "at": "2026-02-01T10:00:00Z"}
    record(quick.prod, {**old, "commit": one, "previous": quick.before})
    first = newest(quick)
    record(quick.prod, {**old, "commit": two, "previous": one})
    second = newest(quick)

    git(quick.prod, "update-ref", RECORDS, first)
    refused = quick.run("back", "--env", "prod")
    assert (refused.returncode, f"record 1 led to {one}" in refused.stderr) == (REFUSED, True), refused.stderr
    git(quick.prod, "update-ref", RECORDS, second)
    assert (quick.run("back", "--env", "prod").returncode, quick.head()) == (0, one)
    assert (quick.run("undo", "--env", "prod").returncode, quick.head()) == (0, quick.before)


@pytest.mark.parametrize("names", [("back", "undo"), ("undo", "undo"), ("undo", "back")])
@pytest.mark.sample(3)
def test_each_time_goes_one_further_back_whatever_it_is_called(quick: GuardedWorld, names: tuple[str, str]) -> None:
    one, _ = two_releases(quick)

    for name, expected in zip(names, (one, quick.before), strict=True):
        done = quick.run(name, "--env", "prod")
        assert (done.returncode, quick.head()) == (0, expected), done.stderr
    again = quick.run(names[0], "--env", "prod")
    assert (again.returncode, quick.head()) == (REFUSED, quick.before)
    assert "no deployment before this one is recorded" in again.stderr


def test_what_leads_back_and_is_not_finished_is_no_start_for_another(quick: GuardedWorld) -> None:
    one, _ = two_releases(quick)
    text = quick.world.configuration.read_text().replace('hard {previous}"]', 'hard {previous}", "false"]')
    quick.world.configuration.write_text(text)
    stopped = quick.run("undo", "--env", "prod")
    assert (stopped.returncode, quick.head(), "or go back" in stopped.stderr) == (1, one, False)

    refused = quick.run("back", "--env", "prod")
    assert (refused.returncode, quick.head()) == (REFUSED, one)
    assert "undo is not finished (1 of 2 steps are done)" in refused.stderr


def test_where_somebody_has_moved_head_the_way_back_ends(quick: GuardedWorld) -> None:
    one, two = two_releases(quick)
    git(quick.prod, "reset", "-q", "--hard", quick.before)
    refused = quick.run("back", "--env", "prod")
    assert (refused.returncode, quick.head()) == (REFUSED, quick.before), "the first release would be forward"
    assert "it was moved by hand since" in refused.stderr

    assert quick.run("promote", "--env", "prod", "--candidate", "release/two").returncode == 0
    assert (quick.run("back", "--env", "prod").returncode, quick.head()) == (0, quick.before)
    assert quick.run("back", "--env", "prod").returncode == REFUSED
    assert quick.head() == quick.before
    assert one != two


def test_a_commit_on_top_of_a_release_is_saved_and_gone_back_from(quick: GuardedWorld) -> None:
    one, _ = two_releases(quick)
    hotfix = local_commit(quick, "hotfix")
    done = quick.run("back", "--env", "prod")

    assert (done.returncode, quick.head()) == (0, one), done.stderr
    assert git(quick.prod, "for-each-ref", "--contains", hotfix, "refs/rescue")


def test_what_a_recovery_took_out_never_comes_back_by_a_way_back(world: GuardedWorld) -> None:
    hotfix = local_commit(world, "hotfix")
    assert world.run("recover", "--env", "prod").returncode == 0
    assert outcomes(world.world.report("--env", "prod"))["no-direct-edits"] == "pass"

    for _ in range(2):
        refused = world.run(*ROLLBACK)
        assert (refused.returncode, world.head()) == (REFUSED, world.before)
        assert f"holds commits that nobody approved: {hotfix[:12]} hotfix" in refused.stderr
    report = world.world.report("--env", "prod", "--op", "rollback")
    assert (outcomes(report)["rollback-ready"], outcomes(report)["reset-loses-nothing"]) == ("fail", "fail")
    assert world.run(*PROMOTE).returncode == 0
    assert world.run(*ROLLBACK).returncode == 0
    assert world.head() == world.before
    assert world.run(*ROLLBACK).returncode == REFUSED
    git(world.prod, "reset", "-q", "--hard", hotfix)
    assert outcomes(world.world.report("--env", "prod"))["no-direct-edits"] == "fail"


def test_what_was_recovered_and_then_approved_is_a_commit_like_others(quick: GuardedWorld) -> None:
    hotfix = local_commit(quick, "hotfix")
    assert quick.run("recover", "--env", "prod").returncode == 0
    assert quick.run("back", "--env", "prod").returncode == REFUSED
    git(quick.dev, "fetch", "-q", quick.prod, hotfix)
    git(quick.dev, "branch", "release/hotfix", hotfix)

    assert (quick.run("back", "--env", "prod").returncode, quick.head()) == (0, hotfix)


def test_what_a_person_has_accepted_is_approved_by_nobody_and_comes_back_by_no_way_back(quick: GuardedWorld) -> None:
    quick.world.check("--env", "prod")
    hotfix = local_commit(quick, "hotfix")
    assert quick.run("recover", "--env", "prod").returncode == 0
    accepted = quick.world.run("history", "accept", hotfix, "--env", "prod", "--reason", "known")
    assert accepted.returncode == 0, accepted.stderr
    assert quick.world.run("history", "--env", "prod").returncode == 0
    refused = quick.run("back", "--env", "prod")

    assert (refused.returncode, quick.head()) == (REFUSED, quick.before)
    assert f"holds commits that nobody approved: {hotfix[:12]} hotfix" in refused.stderr


def test_a_release_that_was_merged_by_hand_and_accepted_is_gone_on_from(quick: GuardedWorld) -> None:
    quick.world.check("--env", "prod")
    one = release(quick, "one")
    git(quick.prod, "pull", "-q", "--ff-only", quick.dev, "release/one")
    two = release(quick, "two")
    promote = ("promote", "--env", "prod", "--candidate", "release/two")
    assert (quick.run(*promote).returncode, quick.head()) == (REFUSED, one)
    assert quick.world.run("history", "accept", one, "--env", "prod", "--reason", "at night").returncode == 0

    done = quick.run(*promote)
    assert (done.returncode, quick.head()) == (0, two), done.stderr
    assert (quick.run("back", "--env", "prod").returncode, quick.head()) == (0, one)
    assert quick.world.run("history", "--env", "prod").returncode == 0


def test_a_commit_by_hand_that_is_accepted_is_no_release_to_go_on_from(quick: GuardedWorld) -> None:
    quick.world.check("--env", "prod")
    hotfix = local_commit(quick, "hotfix")
    git(quick.dev, "checkout", "-q", "-b", "topic", "upstream/main")
    git(quick.dev, "pull", "-q", "--ff-only", quick.prod, "main")
    git(quick.dev, "commit", "-q", "--allow-empty", "-m", "on top")
    assert quick.world.run("history", "accept", hotfix, "--env", "prod", "--reason", "known").returncode == 0

    done = quick.run("promote", "--env", "prod", "--candidate", "topic")
    assert (done.returncode, quick.head()) == (REFUSED, hotfix)
    assert "fail   matches-upstream" in done.stderr


def test_a_record_that_cannot_be_believed_stops_a_promotion_before_it_begins(quick: GuardedWorld) -> None:
    two_releases(quick)
    git(quick.prod, "update-ref", RECORDS, f"{RECORDS}^")
    head, _ = quick.head(), release(quick, "three")
    refused = quick.run("promote", "--env", "prod", "--candidate", "release/three")

    assert (refused.returncode, quick.head()) == (REFUSED, head)


def test_the_log_tells_of_each_record(quick: GuardedWorld) -> None:
    two_releases(quick)
    log = json.loads(quick.world.run("log", "show", "--env", "prod", "--format", "json").stdout)

    assert [(one["number"], one["record"]) for one in log if one["kind"] == "deployment"][-1][1] == newest(quick)
    assert quick.world.run("log", "verify", "--env", "prod").returncode == 0


class Player:
    """Plays moves at random and remembers what a guarded run has led production to."""

    def __init__(self, world: GuardedWorld, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.number = 0
        self.approved = {world.head()}
        self.ran = [world.head()]  # where guarded runs began and ended, in order
        self.at = 0  # where in that HEAD is
        self.told: list[str] = []

    def play(self, steps: int) -> None:
        moves = [
            *(self.promote,) * 4, *(self.back,) * 6, self.update, *(self.recover,) * 2, self.upstream,
            self.commit_by_hand, self.reset_by_hand, self.move_the_ref, self.forge,
        ]  # fmt: skip
        for _ in range(steps):
            self.random.choice(moves)()

    def name(self) -> str:
        self.number += 1
        return f"n{self.number}"

    def guarded(self, *words: str) -> bool:
        before = self.world.head()
        done = self.world.run(*words)
        after = self.world.head()
        self.told.append(f"{shlex.join(words)}: {done.returncode} {before[:8]} -> {after[:8]}")
        assert done.returncode in (0, REFUSED), (self.told, done.stderr)
        assert done.returncode == 0 or after == before, self.told
        return bool(done.returncode == 0 and after != before)

    def leads_on(self, *words: str) -> None:
        before = self.world.head()
        if self.guarded(*words):
            self.ran = [*self.ran[: self.at + 1], before, self.world.head()]
            self.at = len(self.ran) - 1

    def promote(self) -> None:
        self.approved.add(release(self.world, name := self.name()))
        self.leads_on("promote", "--env", "prod", "--candidate", f"release/{name}")

    def update(self) -> None:
        self.leads_on("update", "--env", "prod")

    def recover(self) -> None:
        self.leads_on("recover", "--env", "prod")

    def upstream(self) -> None:
        self.approved.add(upstream_moves(self.world, self.name()))

    def back(self) -> None:
        if self.guarded(self.random.choice(["back", "undo"]), "--env", "prod"):
            now = self.world.head()
            earlier = [place for place in range(self.at) if self.ran[place] == now]
            assert earlier, ("it led to what had not run before, or forward", self.told, self.ran, self.at)
            assert now in self.approved, ("it led to what nobody approved", self.told)
            self.at = earlier[-1]

    def commit_by_hand(self) -> None:
        self.told.append(f"by hand {local_commit(self.world, self.name())[:8]}")

    def reset_by_hand(self) -> None:
        git(self.world.prod, "reset", "-q", "--hard", self.random.choice([*self.ran, "upstream/main"]))
        self.told.append(f"reset by hand to {self.world.head()[:8]}")

    def move_the_ref(self) -> None:
        if git(self.world.prod, "for-each-ref", RECORDS):
            true = newest(self.world)
            number = json.loads(git(self.world.prod, "log", "-1", "--format=%B", true))["number"]
            if number > 1:
                git(self.world.prod, "update-ref", RECORDS, f"{true}~{self.random.randrange(1, number)}")
                self.refused_until(true)

    def forge(self) -> None:
        true = git(self.world.prod, "for-each-ref", "--format=%(objectname)", RECORDS)
        ever = git(self.world.prod, "log", "-g", "--format=%H", "HEAD").split()
        kind = self.random.choice([{"operation": "promote", "moves": "candidate"}, {"operation": "x"}])
        evil = git(self.world.prod, "commit-tree", "-m", self.name(), "HEAD^{tree}")
        previous = self.random.choice([evil, *ever] if true else [evil])
        record(self.world.prod, {**said(self.world.head(), previous), **kind})
        self.refused_until(true)

    def refused_until(self, true: str) -> None:
        before = self.world.head()
        assert self.world.run("undo", "--env", "prod").returncode == REFUSED
        assert self.world.head() == before, self.told
        git(self.world.prod, "update-ref", *([RECORDS, true] if true else ["-d", RECORDS]))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.sample(3)
def test_no_sequence_leads_forward_or_to_what_nobody_approved(quick: GuardedWorld, seed: int) -> None:
    Player(quick, seed).play(20)

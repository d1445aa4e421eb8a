"""Policies shared out between two workers: the verdict is the one that a single worker would have given."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from guardrails import Checkout, Fact, Finding, Note, Policy, World
from guardrails.config.settings import PolicySetting
from guardrails.engine import shares
from guardrails.engine.worker import Observation, Run
from guardrails.model import Outcome, Severity
from guardrails.safety.supervisor import Worker
from guardrails.testing import world


class Look(Fact):
    """What is in a file of the world; which process looked is noted in another."""

    process: int
    text: str

    @classmethod
    async def gather(cls, world: World, *options: Any) -> Look:
        """Look at HEAD, and then at the file."""
        await world.fact(Checkout)
        repo = Path(world.environment.repo)
        with (repo / "looked").open("a") as file:
            file.write(f"{os.getpid()}\n")
        return cls(os.getpid(), (repo / "text").read_text())


class Says(Policy):
    """A policy that says what it saw, and in which process."""

    id = "says"
    title = "It says"
    source = "a test"
    severity = Severity.LOW

    def evaluate(self, look: Look) -> Iterator[Finding | Note]:
        """Say it."""
        yield Note(f"{os.getpid()} {look.process} {look.text}")


class Slow(Says):
    """A policy that takes its time."""

    def evaluate(self, look: Look) -> Iterator[Finding | Note]:
        """Wait."""
        time.sleep(0.7)
        yield Note("slow")


class Moving(Fact):
    """A look that moves the world once, after the other worker has looked."""

    text: str

    @classmethod
    async def gather(cls, world: World, *options: Any) -> Moving:
        """Replace HEAD before it is read here, and change what the other worker has read."""
        repo = Path(world.environment.repo)
        if not (repo / "moved").exists():
            while not (repo / "looked").exists():
                time.sleep(0.001)
            (repo / "moved").touch()
            (repo / "text").write_text("after")
            new = repo / ".git/HEAD.new"
            new.write_bytes((repo / ".git/HEAD").read_bytes())
            new.replace(repo / ".git/HEAD")
        await world.fact(Checkout)
        return cls((repo / "text").read_text())


class Moves(Policy):
    """A policy whose fact moves the world."""

    id = "moves"
    title = "It moves"
    source = "a test"

    def evaluate(self, moving: Moving) -> Iterator[Finding | Note]:
        """Say what was there."""
        yield Note(moving.text)


class Ends(Says):
    """A policy that ends its process."""

    def evaluate(self, look: Look) -> Iterator[Finding | Note]:
        """End."""
        os._exit(0)


for _policy, _facts in (
    (Says, {"look": Look}),
    (Slow, {"look": Look}),
    (Ends, {"look": Look}),
    (Moves, {"moving": Moving}),
):
    _policy.evaluate.__annotations__.update(_facts)  # real types, as modules of policies have them


def setting(package: str, name: str, policy: str = "Says") -> PolicySetting:
    """A policy of this module, as configured in a package."""
    sys.modules.setdefault(f"{package}.policies", sys.modules[__name__])
    location = f"{package}.policies:{policy}"
    return PolicySetting(name, name, location, "t", "s", "low", {"prod": ("standing",)}, {"prod": "hard-mandatory"}, {})


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, on a machine with processors for two workers."""
    monkeypatch.setattr(os, "cpu_count", lambda: shares.PROCESSORS)
    git(tmp_path, "init", "-q", "-b", "main", "--template=")
    git(tmp_path, "commit", "-qm", "First", "--allow-empty")
    (tmp_path / "text").write_text("before")
    time.sleep(0.05)  # so that a look does not take it for one that moves
    return tmp_path


def observed(repo: Path, *settings: PolicySetting, jobs: int = 4, **rest: Any) -> Observation:
    """Run policies as a check does."""
    with Run(settings, world(repo, **rest), jobs=jobs) as run:
        return run.observe(lambda result: None)


def said(observation: Observation) -> dict[str, list[str]]:
    """The words of each policy's note."""
    assert {result.outcome for result in observation.results} == {Outcome.PASS}
    return {result.policy: (result.reason or "").split() for result in observation.results}


def test_packages_are_kept_together_and_the_order_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: shares.PROCESSORS)
    chosen = [setting(package, name) for package, name in ("dx", "ay", "bx", "az", "cx", "bw")]
    first, second = shares.share_out(chosen, jobs=2)
    assert [one.location[0] + one.name for one in first.left] == ["ay", "bx", "az", "bw"]
    assert [one.location[0] + one.name for one in second.left] == ["dx", "cx"]
    assert (first.is_main, second.is_main) == (True, False)


@pytest.mark.parametrize(
    ("packages", "jobs", "processors"), [("aab", 1, 2), ("aab", 2, 1), ("aab", 2, None), ("aaa", 2, 2), ("", 2, 2)]
)
def test_one_worker_judges_all_where_two_are_of_no_use(
    monkeypatch: pytest.MonkeyPatch, packages: str, jobs: int, processors: int | None
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    [alone] = shares.share_out([setting(package, package) for package in packages], jobs)
    assert [one.name for one in alone.left] == [*packages]


def test_each_share_has_a_process_that_gathers_once(repo: Path) -> None:
    notes = said(observed(repo, setting("a", "a1"), setting("b", "b1"), setting("b", "b2")))
    judging = {name: words[0] for name, words in notes.items()}
    assert judging["b1"] == judging["b2"] != judging["a1"]
    assert str(os.getpid()) not in judging.values()
    assert all(words[0] == words[1] for words in notes.values())  # its own fact
    assert sorted((repo / "looked").read_text().split()) == sorted({*judging.values()})


def test_one_subject_is_found_and_no_error_told_twice(repo: Path) -> None:
    both = setting("a", "a1"), setting("b", "b1")
    observation = observed(repo, *both)
    assert observation.subject.commit == git(repo, "rev-parse", "HEAD")
    assert observation.errors == ()
    lost = observed(repo, *both, operation="promote", candidate="nowhere")
    assert len(lost.errors) == 1


def test_when_the_world_moved_for_one_share_the_other_looks_again_too(repo: Path) -> None:
    notes = said(observed(repo, setting("a", "a1"), setting("b", "b1", "Moves")))
    assert notes["a1"][2] == notes["b1"][0] == "after"
    assert len((repo / "looked").read_text().split()) == 2


def test_a_policy_that_ends_its_process_costs_the_other_share_nothing(repo: Path) -> None:
    settings = [setting("a", "a1", "Ends"), setting("a", "a2"), setting("b", "b1"), setting("b", "b2", "Ends")]
    results = {result.policy: result.outcome.value for result in observed(repo, *settings).results}
    assert results == {"a1": "error", "a2": "pass", "b1": "pass", "b2": "error"}


def test_who_answered_in_time_is_not_late_because_the_other_share_was_heard_first(repo: Path) -> None:
    slow = [setting("a", f"a{number}", "Slow") for number in (1, 2)]
    quick = [setting("b", f"b{number}") for number in (1, 2)]
    assert set(said(observed(repo, *slow, *quick, timeout=1.0))) == {"a1", "a2", "b1", "b2"}


def test_nothing_is_left_of_a_share_when_the_next_cannot_be_started(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Worker] = []

    class Second(Worker):
        def __init__(self, work: Any) -> None:
            if started:
                raise BlockingIOError(11, "Resource temporarily unavailable")
            super().__init__(work)
            started.append(self)

    monkeypatch.setattr(shares, "Worker", Second)
    with pytest.raises(BlockingIOError):
        Run([setting("a", "a1"), setting("b", "b1")], world(repo), jobs=4)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)

"""Every policy broken in every way that leaves it looking well, and the drills that must notice."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from guardrails import Policy
from guardrails.drills import crew, worlds
from guardrails.drills.outcomes import Drilled, Outcome
from guardrails.drills.selection import Turn, every_turn
from guardrails.plugins import loader
from guardrails.plugins.drills import CHECK
from guardrails_policies.drills import DRILLS

POLICIES = loader.load().policies
INSTANCES = {
    "facts-memory-row": "healthy-command",
    "facts-memory-health": "healthy-command",
    "ui-answers": "reachable-page",
}
TURNS = [turn for turn in every_turn(DRILLS) if turn.drill.channel == CHECK and not turn.drill.command]
UNSEEN = {
    ("guarded-operations", "service"): "it is only what a finding suggests",
}


def of(policy: str) -> list[Turn]:
    """The turns in which a policy or an instance of it is asked in this process, which is broken here."""
    return [turn for turn in TURNS if INSTANCES.get(turn.drill.policy, turn.drill.policy) == policy]


def yields_nothing(policy: type[Policy], broken: pytest.MonkeyPatch) -> None:
    broken.setattr(policy, "evaluate", lambda self: iter(()))


def raises(policy: type[Policy], broken: pytest.MonkeyPatch) -> None:
    def evaluate(self: Policy) -> Iterator[Any]:
        raise RuntimeError("sabotage")
        yield

    broken.setattr(policy, "evaluate", evaluate)


def ignores(option: str) -> Callable[[type[Policy], pytest.MonkeyPatch], None]:
    def sabotage(policy: type[Policy], broken: pytest.MonkeyPatch) -> None:
        built = policy.from_options

        def left_alone(_: type[Policy], options: dict[str, Any]) -> Policy:
            made = built(options)
            made.__dict__[option] = getattr(policy, option)  # past the checks of options that belong together
            return made

        broken.setattr(policy, "from_options", classmethod(left_alone))

    return sabotage


@pytest.fixture(scope="module")
def scratch() -> Iterator[str]:
    folder = worlds.scratch()
    yield folder
    worlds.end_strays(folder)
    shutil.rmtree(folder)


class NoticedError(Exception):
    """A drill did not hold, which is what was to be seen."""


def named(policy: str, scratch: str, *, at_once: bool = False) -> set[str]:
    """The names of which a drill did not hold, where that is the policy's fault; `at_once`: the first one found."""
    failed: list[Outcome] = []

    def hear(outcome: Outcome) -> None:
        assert not outcome.observed.trouble, outcome.problem
        if not outcome.held:
            failed.append(outcome)
            if at_once:
                raise NoticedError

    with contextlib.suppress(NoticedError):
        crew.play_all(of(policy), scratch, hear, keep=False)
    assert not failed or Drilled(tuple(failed), ()).exit_code == 1
    return {outcome.turn.drill.policy for outcome in failed}


JUDGED = sorted({INSTANCES.get(turn.drill.policy, turn.drill.policy) for turn in TURNS})


@pytest.mark.sample(9)
@pytest.mark.parametrize("sabotage", [yields_nothing, raises])
@pytest.mark.parametrize("name", JUDGED)
def test_a_policy_that_finds_nothing_or_breaks_is_named(
    name: str, sabotage: Callable[..., None], scratch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sabotage(POLICIES[name], monkeypatch)
    assert named(name, scratch) == {turn.drill.policy for turn in of(name)}


OPTIONS = [(name, option) for name in JUDGED for option in POLICIES[name].__fields__ if (name, option) not in UNSEEN]


@pytest.mark.sample(9)
@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_an_option_that_is_ignored_is_noticed(
    name: str, option: str, scratch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignores(option)(POLICIES[name], monkeypatch)
    assert named(name, scratch, at_once=True)


def test_only_what_guardrails_itself_asks_is_judged_elsewhere() -> None:
    assert set(POLICIES) - set(JUDGED) == {"tightening-only"}

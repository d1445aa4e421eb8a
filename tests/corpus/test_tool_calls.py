"""Over a thousand tool calls as agents type them, each judged as `vet` and `hook run` do, and held to what is right.

The cases were composed from the contract (docs/contract.md, tool calls), not from what the judge answers. A group is
a family in one state of dev; `make test` judges a sample of each, `make test-corpora` all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tool_call_corpus import FAMILIES, Case, Judge, cases, disagreement, state_of
from worlds.agent_world import STATES, agent_world

SAMPLE = 20  # every so many cases of a group
GROUPS = [
    (family, state) for family in FAMILIES for state in STATES if any(state_of(c) == state for c in cases(family))
]
SIZES = {  # family: (cases, of which nothing is refused)
    "above-places": (58, 26),
    "accidents": (90, 0),
    "cannot-be-told": (60, 12),
    "development-losses": (105, 61),
    "development-trees": (40, 28),
    "development-work": (65, 65),
    "elsewhere": (150, 150),
    "everyday": (92, 92),
    "gateways": (30, 11),
    "git-options": (16, 0),
    "guard": (100, 58),
    "nested-shells": (54, 0),
    "only-said": (57, 57),
    "open": (15, 15),
    "production-files": (128, 2),
    "production-head": (70, 0),
    "production-reads": (138, 138),
    "production-trees": (24, 17),
    "pushes": (47, 17),
    "runners": (47, 29),
    "services": (42, 18),
    "spellings": (116, 1),
    "state-directories": (84, 40),
    "words": (18, 10),
    "wrappers": (50, 0),
    "written-files": (30, 15),
}

Judged = Callable[[str], Judge]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The judge in the world with dev in a state; each world is built once."""
    judges: dict[str, Judge] = {}

    def judge(state: str) -> Judge:
        if state not in judges:
            folder: Path = tmp_path_factory.mktemp(state) / "home"
            folder.mkdir()
            judges[state] = Judge(agent_world(folder, state))
        return judges[state]

    return judge


def group(family: str, state: str) -> list[Case]:
    return [case for case in cases(family) if state_of(case) == state]


def wrong(judge: Judge, chosen: list[Case]) -> list[str]:
    """What is not answered as expected."""
    return [said for case in chosen if (said := disagreement(case, *judge(case)))]


@pytest.mark.parametrize(("family", "state"), GROUPS)
def test_a_sample_of_each_group(judged: Judged, family: str, state: str) -> None:
    assert wrong(judged(state), group(family, state)[::SAMPLE]) == []


@pytest.mark.corpus
@pytest.mark.parametrize(("family", "state"), GROUPS)
def test_every_case(judged: Judged, family: str, state: str) -> None:
    assert wrong(judged(state), group(family, state)) == []


def test_the_corpus_is_as_large_as_it_was() -> None:
    sizes = {family: (len(cases(family)), passing(cases(family))) for family in FAMILIES}
    assert sizes == SIZES
    total, passed = (sum(numbers) for numbers in zip(*sizes.values(), strict=True))
    assert total >= 1200
    assert passed >= 0.4 * total


def passing(chosen: list[Case]) -> int:
    return sum(case["expect"] == "pass" for case in chosen)


def test_the_page_on_agents_shows_what_stays_open() -> None:
    lines = (Path(__file__).parents[2] / "docs/agents.md").read_text(encoding="utf-8").split("\n")
    assert [case["shell"] for case in cases("open") if case["shell"] not in lines] == []


def test_no_case_stands_twice() -> None:
    calls = [str({**case, "expect": "", "policy": ""}) for family in FAMILIES for case in cases(family)]
    assert [call for call, times in Counter(calls).items() if times > 1] == []


def test_an_answer_that_is_wrong_is_told() -> None:
    refused, passed = {"expect": "refuse", "policy": "own-state"}, {"expect": "pass"}
    assert [disagreement(passed, 0, set()), disagreement(refused, 1, {"own-state", "other"})] == ["", ""]
    assert all(
        (
            disagreement(passed, 1, {"own-state"}),
            disagreement(passed, 2, set()),
            disagreement(refused, 0, set()),
            disagreement(refused, 1, {"other"}),
            disagreement({"expect": "refuse-or-untold"}, 0, set()),
            disagreement({"expect": "untold"}, 1, {"own-state"}),
        )
    )

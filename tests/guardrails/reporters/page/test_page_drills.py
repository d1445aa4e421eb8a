"""A page about drills: what did not hold comes first, and says what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardrails.reporters.page.page import render_page
from guardrails.reporters.page.page_data import data_of_drills, read_data
from guardrails.reporters.page.page_drills import Proof, proofs_of


def drill(policy: str | None, kind: str, problem: str = "") -> dict[str, Any]:
    name = f"openclaw/{policy}/standing/{kind}"
    return {
        "id": name,
        "policy": policy,
        "channel": "check",
        "kind": kind,
        "held": not problem,
        "problem": problem or None,
    }


DRILLS = {
    "environment": None,
    "drills": [
        drill("clean-worktree", "detonation"),
        drill("clean-worktree", "detonation"),
        drill("clean-worktree", "twin"),
        drill("protected-refs", "detonation", "protected-refs did not refuse it: <b>exit code 0</b>"),
        drill("protected-refs", "twin"),
    ],
    "unproven": ["of-a-plugin"],
    "exit_code": 1,
}


def test_what_did_not_hold_comes_first() -> None:
    assert proofs_of(data_of_drills(DRILLS)) == (
        Proof("of-a-plugin", holds=False, said="has no drill, so nobody has seen it refuse"),
        Proof(
            "protected-refs",
            holds=False,
            said="0 of 1 detonations fired, 1 of 1 twins let through",
            problems=(
                ("openclaw/protected-refs/standing/detonation", "protected-refs did not refuse it: <b>exit code 0</b>"),
            ),
        ),
        Proof("clean-worktree", holds=True, said="2 of 2 detonations fired, 1 of 1 twins let through"),
    )


@pytest.mark.parametrize(
    ("code", "word", "sentence"),
    [
        (0, "Held", "each of 3 policies refuses what it must"),
        (1, "Not held", "2 of 3 policies did not"),
        (2, "Cannot tell", "not everything could be played"),
        (None, "Cannot tell", "not everything could be played"),
    ],
)
def test_the_headline_is_the_exit_code(code: int | None, word: str, sentence: str) -> None:
    page = render_page(data_of_drills({**DRILLS, "exit_code": code}))
    assert f"<h1>{word}</h1>" in page
    assert f"{sentence}." in page
    assert "&lt;b&gt;exit code 0&lt;/b&gt;" in page


def test_a_later_version_shows_it_anew() -> None:
    page = render_page(data_of_drills(DRILLS))
    assert proofs_of(read_data(page, "page.html")) == proofs_of(data_of_drills(DRILLS))
    assert proofs_of(read_data(json.dumps(DRILLS), "drills.json")) == proofs_of(data_of_drills(DRILLS))

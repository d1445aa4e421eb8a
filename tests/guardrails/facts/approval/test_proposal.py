"""The digest of a plan is of what is done with the commit, and of nothing else."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from guardrails.facts.approval.proposal import plan_digest
from guardrails.model import Operation

COMMIT = "c" * 40
STEPS = ("git merge --ff-only {candidate}", "echo 'Всё готово'")
PROMOTE = Operation("promote", moves_head_to="candidate", steps=("git merge --ff-only ccc",), configured=STEPS)


def test_it_is_of_canonical_json() -> None:
    text = (
        f'{{"commit":"{COMMIT}","environment":"prod","moves_head_to":"candidate","operation":"promote",'
        '"steps":[["git","merge","--ff-only","{candidate}"],["echo","Всё готово"]]}'
    )
    assert plan_digest(PROMOTE, "prod", COMMIT) == "sha256:" + sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "promotion"},
        {"moves_head_to": None},
        {"configured": STEPS[:1]},
        {"configured": STEPS[::-1]},
        {"configured": (" ".join(STEPS),)},
    ],
)
def test_whatever_else_is_done_has_another(changes: dict[str, Any]) -> None:
    assert plan_digest(PROMOTE.replaced(**changes), "prod", COMMIT) != plan_digest(PROMOTE, "prod", COMMIT)


def test_so_have_another_commit_and_another_environment() -> None:
    assert len({plan_digest(PROMOTE, name, commit) for name in ("prod", "dev") for commit in (COMMIT, "d" * 40)}) == 4


@pytest.mark.parametrize("changes", [{"steps": ()}, {"after": True}, {"candidate": "release/v1"}])
def test_what_the_commit_was_called_and_what_is_filled_in_have_no_part(changes: dict[str, Any]) -> None:
    assert plan_digest(PROMOTE.replaced(**changes), "prod", COMMIT) == plan_digest(PROMOTE, "prod", COMMIT)

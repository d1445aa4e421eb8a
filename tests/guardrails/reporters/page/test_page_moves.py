"""Moves with and without a record, what was accepted, deployments, and what a plan foresees."""

from __future__ import annotations

from guardrails.reporters.page.page_moves import deployments_of, gaps_of, moves_of, plan_of

GUARDED = {
    "at": "2026-01-31T10:00:00Z",
    "old": "a" * 40,
    "new": "b" * 40,
    "by": "anna",
    "verdict": "allow",
    "record": "3f786850e387550fdab836ed7e6dc881de23001b",
}
NOBODY = {"at": "2026-01-31T11:00:00Z", "old": "b" * 40, "new": "c" * 40, "by": None, "verdict": None, "record": None}
ACCEPTED = {**NOBODY, "accepted": {"at": "2026-02-01T10:00:00Z", "by": "bob", "reason": "taken back by hand"}}


def test_each_move_says_who_let_it_happen() -> None:
    moves = moves_of({"moves": {"moves": [GUARDED, NOBODY, ACCEPTED]}})
    assert [(move.state, move.said) for move in moves or ()] == [
        ("accepted", "bob, 2026-02-01T10:00:00Z, taken back by hand"),
        ("open", "nobody guarded it"),
        ("guarded", "anna, record 3f786850e387"),
    ]
    assert moves_of({}) is None


def test_a_move_whose_record_did_not_allow_it_is_open() -> None:
    for odd in ({"verdict": "deny"}, {"record": None}, {"verdict": None}, {"record": True}):
        (move,) = moves_of({"moves": {"moves": [{**GUARDED, **odd}]}}) or ()
        assert move.state == "open"
        assert move.said == ("record 3f786850e387 did not allow it" if "verdict" in odd else "nobody guarded it")


def test_gaps_and_errors_are_told() -> None:
    moves = {"gaps": [{"kind": "record", "text": "record 7 has no move", "at": None}], "errors": ["no reflog"]}
    assert gaps_of({"moves": moves}) == ("record 7 has no move", "no reflog")


def test_deployments_come_the_newest_first() -> None:
    log = {"deployments": [{"at": "1", "commit": "a"}, {"at": "2", "commit": "b"}]}
    assert [one["commit"] for one in deployments_of({"log": log})] == ["b", "a"]


def test_a_plan_shows_steps_and_effects() -> None:
    plan = plan_of(
        {
            "plan": {
                "steps": [{"command": "git reset", "outcome": "refused", "detail": "it would lose"}],
                "arrives": [{"commit": "a" * 40, "subject": "one"}],
                "loses": ["x.ts"],
                "fires": [{"job": "digest", "at": "10:00"}],
                "errors": ["cannot tell"],
            }
        }
    )
    assert plan
    assert [(step.command, step.outcome) for step in plan.steps] == [("git reset", "refused")]
    assert [(one.title[:5], one.harms, one.lines) for one in plan.effects] == [
        ("Commi", False, (("a" * 12, "one"),)),
        ("Files", True, (("x.ts", ""),)),
        ("Cron ", False, (("digest", "10:00"),)),
    ]
    assert plan.errors == ("cannot tell",)
    assert plan_of({"plan": None}) is None

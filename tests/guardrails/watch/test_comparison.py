"""New, gone, changed: by what was seen where, whatever its message says by now."""

from __future__ import annotations

from typing import Any

import pytest

from guardrails.engine.gate import find_comparable, findings_digest
from guardrails.model import Finding, Outcome, Report
from guardrails.watch.comparison import Difference, Seen, Standing, compare, stand
from reports import ALLOWED, FAILED, FINDING, MISTAKEN, UNDECIDED, WAIVED, decision, weighed

EDIT = Seen("clean-worktree", "a1", "src/x.ts", "src/x.ts is edited", blocks=True)
OTHER = EDIT.replaced(mark="b2", place="src/y.ts")
NOWHERE = EDIT.replaced(place="")
ELSE = NOWHERE.replaced(mark="b2")


def standing(*seen: Seen, cut: tuple[str, ...] = ()) -> Standing:
    return Standing("deny", 0.0, seen, cut)


def stand_of(report: Report) -> Standing:
    found = find_comparable(report)
    return stand(report.exit_code, found, report.errors, at=1.0, digest=findings_digest(report))


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ((EDIT,), (EDIT,), Difference()),
        ((), (EDIT,), Difference(new=(EDIT,))),
        ((EDIT,), (), Difference(gone=(EDIT,))),
        ((EDIT,), (OTHER,), Difference(new=(OTHER,), gone=(EDIT,))),
        ((EDIT,), (EDIT.replaced(message="it is older now"),), Difference()),
        ((EDIT,), (EDIT.replaced(mark="c3"),), Difference(changed=((EDIT, EDIT.replaced(mark="c3")),))),
        ((EDIT,), (EDIT.replaced(blocks=False),), Difference(changed=((EDIT, EDIT.replaced(blocks=False)),))),
        ((EDIT,), (EDIT.replaced(policy="other"),), Difference(new=(EDIT.replaced(policy="other"),), gone=(EDIT,))),
        ((NOWHERE,), (ELSE,), Difference(new=(ELSE,), gone=(NOWHERE,))),
    ],
)
def test_how_two_checks_differ(before: tuple[Seen, ...], now: tuple[Seen, ...], found: Difference) -> None:
    assert compare(standing(*before), standing(*now)) == found
    assert bool(found) == (found != Difference())


def test_what_was_cut_is_neither_new_nor_gone() -> None:
    assert compare(standing(EDIT, cut=("clean-worktree",)), standing(EDIT, OTHER)) == Difference()
    assert compare(standing(EDIT, OTHER), standing(EDIT, cut=("clean-worktree",))) == Difference()
    assert compare(standing(EDIT, cut=("another",)), standing(EDIT, OTHER)).new == (OTHER,)


@pytest.mark.parametrize(
    ("found", "begins"),
    [
        (Difference(new=(EDIT,)), True),
        (Difference(new=(EDIT.replaced(blocks=False),)), False),
        (Difference(gone=(EDIT,)), False),
        (Difference(changed=((EDIT, EDIT.replaced(mark="c3")),)), False),
        (Difference(changed=((EDIT.replaced(blocks=False), EDIT),)), True),
        (Difference(changed=((EDIT, EDIT.replaced(mark="c3", message="src/x.ts is gone")),)), True),
        (Difference(changed=((EDIT, EDIT.replaced(mark="c3", message="src/x.ts is gone", blocks=False)),)), False),
    ],
)
def test_what_begins_to_block(found: Difference, begins: bool) -> None:
    assert found.begins_to_block is begins


def test_a_report_as_it_stands() -> None:
    assert (stand_of(ALLOWED).verdict, stand_of(ALLOWED).seen) == ("allow", ())
    (failed,) = stand_of(FAILED).seen
    assert (failed.policy, failed.place, failed.message, failed.blocks) == (
        "clean-worktree",
        "src/x.ts",
        "src/x.ts is not as HEAD says",
        True,
    )
    assert [one.blocks for one in stand_of(WAIVED).seen] == [False]
    assert stand_of(UNDECIDED) == stand_of(UNDECIDED).replaced(verdict="undecided", seen=stand_of(UNDECIDED).blocking)
    assert [(one.policy, one.mark) for one in stand_of(UNDECIDED).seen] == [("clean-worktree", "")]
    assert [(one.policy, one.message) for one in stand_of(MISTAKEN).blocking] == [("", "unknown environment")]


def test_a_record_keeps_the_blocking_ones_of_very_many() -> None:
    many = [FINDING.replaced(path=f"{number}") for number in range(150)]
    loud = decision("a-style", Outcome.FAIL, *many, level="advisory")
    report = weighed(loud, decision("b-blocks", Outcome.FAIL, FINDING.replaced(message="m" * 1000)))
    rows: dict[str, Any] = {str(row["policy"]): row for row in find_comparable(report)}
    assert (len(rows["b-blocks"]["findings"]), rows["b-blocks"]["more"]) == (1, 0)
    assert (len(rows["a-style"]["findings"]), rows["a-style"]["more"]) == (99, 51)
    assert len(rows["b-blocks"]["findings"][0]["message"]) == 200
    assert stand_of(report).cut == ("a-style",)


@pytest.mark.parametrize("found", [[{}], [{"policy": "x"}], ["x"], [{"policy": "x", "outcome": "fail", "blocks": 1}]])
def test_a_record_of_another_shape_is_none(found: Any) -> None:
    with pytest.raises((KeyError, TypeError, AttributeError)):
        stand(0, found, [], at=0.0, digest="")


def test_the_digest_is_of_what_was_seen_and_not_of_when() -> None:
    older = FAILED.replaced(started_at=9.0, duration_ms=5)
    assert findings_digest(older) == findings_digest(FAILED)
    told = weighed(
        decision("clean-worktree", Outcome.FAIL, FINDING.replaced(message="3 hours ago")), *FAILED.decisions[1:]
    )
    assert findings_digest(told) == findings_digest(FAILED)
    others = [ALLOWED, UNDECIDED, weighed(*FAILED.decisions, environment="dev"), weighed(*FAILED.decisions[:1])]
    seen = weighed(decision("clean-worktree", Outcome.FAIL, FINDING, Finding("x", "y", "z")), *FAILED.decisions[1:])
    assert len({findings_digest(one) for one in (FAILED, seen, *others)}) == 6

"""Told are changes, not states; what else is different is in the next message; nobody's secret is."""

from __future__ import annotations

from typing import Any

import pytest

from guardrails.model import Waiver
from guardrails.watch.comparison import Seen, Standing, compare
from guardrails.watch.history import History
from guardrails.watch.messages import Now, compose, difference_lines, see_now, told_before
from guardrails.watch.told import State, Told
from reports import HOSTILE

HOUR = 3600.0
EDIT = Seen("clean-worktree", "a1", "src/x.ts", "src/x.ts is edited", blocks=True)
STYLE = Seen("style", "s1", "", "a line is long", blocks=False)
ALLOW = Standing("allow", 0.0)
DENY = Standing("deny", 0.0, (EDIT,))
UNDECIDED = Standing("undecided", 0.0, (Seen("", "", "", "the index is locked", blocks=True),))
WAIVER = Waiver("links", "prod", "peter", "later", HOUR, "w.toml:1", created=-HOUR)


def now(standing: Standing, *waivers: Waiver, history: History | None = None) -> Now:
    code = {"allow": 0, "deny": 1}.get(standing.verdict, 2)
    return see_now("prod", code, standing, history or History(), waivers)


def event(before: Standing, after: Standing, remind: float | None = None, **rest: Any) -> str | None:
    message = compose(now(after, **rest), Told(before.at, before), remind=remind)
    return message["event"] if message else None


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (ALLOW, ALLOW, None),
        (DENY, DENY, None),
        (UNDECIDED, UNDECIDED, None),
        (ALLOW, DENY, "change"),
        (DENY, ALLOW, "change"),
        (ALLOW, UNDECIDED, "change"),
        (DENY, UNDECIDED, "change"),
        (DENY, DENY.replaced(seen=(EDIT, EDIT.replaced(mark="b2", place="y"))), "change"),
        (DENY.replaced(seen=(EDIT, EDIT.replaced(mark="b2", place="y"))), DENY, None),
        (DENY, DENY.replaced(seen=(EDIT.replaced(mark="b2"),)), None),
        (DENY, DENY.replaced(seen=(EDIT.replaced(mark="b2", message="src/x.ts is gone"),)), "change"),
        (DENY.replaced(cut=("clean-worktree",)), DENY, None),
        (DENY.replaced(cut=("clean-worktree",)), DENY.replaced(seen=(EDIT.replaced(mark="b2", place="y"),)), "change"),
        (ALLOW, ALLOW.replaced(seen=(STYLE,)), None),
        (ALLOW.replaced(seen=(STYLE,)), DENY.replaced(seen=(EDIT, STYLE.replaced(blocks=True))), "change"),
        (DENY.replaced(seen=(EDIT, STYLE)), DENY.replaced(seen=(EDIT, STYLE.replaced(blocks=True))), "change"),
        (Standing("", 0.0), ALLOW, "change"),
    ],
)
def test_changes_are_told_and_states_are_not(before: Standing, after: Standing, told: str | None) -> None:
    assert event(before, after) == told


@pytest.mark.parametrize(
    ("passed", "standing", "told"),
    [
        (23 * HOUR, DENY, None),
        (24 * HOUR, DENY, "reminder"),
        (24 * HOUR, UNDECIDED, "reminder"),
        (24 * HOUR, ALLOW, None),
        (-30.0, DENY, None),
        (-9000 * HOUR, DENY, "reminder"),
    ],
)
def test_what_still_blocks_is_repeated(passed: float, standing: Standing, told: str | None) -> None:
    later = standing.replaced(at=passed)
    assert event(standing, later, remind=24 * HOUR) == told
    assert event(standing, later) is None


def test_a_reminder_names_what_still_blocks() -> None:
    message = compose(now(DENY.replaced(at=24 * HOUR)), Told(0.0, DENY), remind=HOUR)
    assert message
    assert message["title"] == "prod: still deny, since 1970-01-02T00:00:00Z"
    assert "= blocks   clean-worktree: src/x.ts is edited" in message["text"]


def test_a_waiver_that_runs_out_is_told_once() -> None:
    standing = now(ALLOW, WAIVER, WAIVER.replaced(expires=90_000.0), WAIVER.replaced(environment="dev"))
    message = compose(standing, Told(0.0, ALLOW), remind=None)
    assert message
    assert [one["expires"] for one in message["waivers"]] == ["1970-01-01T01:00:00Z"]
    assert "links: runs out in 60 minutes, at 1970-01-01T01:00:00Z" in message["text"]
    from guardrails.watch.messages import waiver_id

    assert compose(standing, Told(0.0, ALLOW, (waiver_id(WAIVER),)), remind=None) is None


def test_what_else_differs_is_in_the_next_message() -> None:
    silent = Standing("deny", 60.0, (EDIT, STYLE))
    assert event(DENY, silent) is None
    message = compose(now(Standing("allow", 120.0, (STYLE,))), Told(0.0, DENY), remind=None)
    assert message
    assert [[one["policy"] for one in message[key]] for key in ("new", "gone", "changed")] == [
        ["style"], ["clean-worktree"], [],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "history", "verdict"),
    [
        (State(), History(), "allow"),
        (State(), History(last=DENY), "deny"),
        (State(), History(last=ALLOW), "allow"),
        (State(lost=True), History(last=ALLOW), ""),
        (State(told={"c": Told(5.0, UNDECIDED)}), History(last=ALLOW), "undecided"),
    ],
)
def test_what_a_channel_knows(state: State, history: History, verdict: str) -> None:
    assert told_before(state, "c", history, 9.0).standing.verdict == verdict


def test_a_first_message_tells_what_was_denied_before_anybody_was_told() -> None:
    knows = told_before(State(), "c", History(last=DENY), 0.0)
    assert compose(now(DENY, history=History(last=DENY)), knows, remind=None)


def test_since_when_goes_on_from_the_log() -> None:
    history = History(last=DENY, since={EDIT.key: 0.0}, verdict_since=0.0)
    shown = compose(now(Standing("deny", HOUR, (EDIT,)), history=history), Told(0.0, ALLOW), remind=None)
    assert shown
    assert (shown["verdict_since"], shown["new"][0]["since"]) == ("1970-01-01T00:00:00Z",) * 2
    assert shown["text"].endswith("src/x.ts is edited (since 1970-01-01T00:00:00Z)")


def test_a_clock_that_was_put_back_makes_nothing_since_a_time_to_come() -> None:
    history = History(last=DENY, since={EDIT.key: 9 * HOUR}, verdict_since=9 * HOUR)
    found = now(Standing("deny", HOUR, (EDIT,)), history=history)
    assert (found.verdict_since, found.since[EDIT.key]) == (HOUR, HOUR)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_on_its_line(text: str) -> None:
    one = Seen(text or "x", "m", text, text, blocks=True)
    message = compose(now(Standing("deny", 0.0, (one,))), Told(0.0, ALLOW), remind=None)
    assert message
    lines = message["text"].split("\n")
    assert (len(lines), message["text"].replace("\n", "").isprintable()) == (2, True)


def test_no_secret_is_told() -> None:
    secret = "ghp_" + "a1B2" * 9
    one = Seen("clean-worktree", "m", f"x/{secret}", f"the token {secret}", blocks=True)
    message = compose(now(Standing("deny", 0.0, (one,))), Told(0.0, ALLOW), remind=None)
    assert message
    assert secret not in str(message)


def test_very_many_are_counted() -> None:
    seen = tuple(EDIT.replaced(mark=str(number), place=str(number)) for number in range(12))
    lines = difference_lines(compare(ALLOW, DENY.replaced(seen=seen)), now(DENY))
    assert (len(lines), lines[-1]) == (11, "+ new      2 more")

"""What is said of a tool call: first what is refused and what to type instead."""

from __future__ import annotations

from guardrails.calls import Action
from guardrails.model import Finding, Outcome, Report
from guardrails.reporters.call_report import refusal, render
from guardrails.reporters.text_report import TextReport
from reports import HOSTILE, decision, weighed

RESET = Action("loses-work", "dev", "repo", "/srv/dev", ("git", "reset", "--hard"), "/srv/dev")
LOST = Finding(message="work would be lost", observed="a.txt", expected="none", remediation="guardrails rescue save")


def report(*decisions: object, actions: tuple[Action, ...] = (RESET,), **rest: object) -> Report:
    placed = [one.replaced(environment="dev") for one in decisions]  # type: ignore[attr-defined]
    return weighed(*placed, **{"environment": "dev", "operation": "tool-call", **rest}).replaced(actions=actions)


def test_a_refusal_is_a_few_lines_with_the_way_out() -> None:
    refused = report(decision("reset-loses-nothing", Outcome.FAIL, LOST), decision("fine", Outcome.PASS))

    assert refusal(refused) == (
        "guardrails refused this: git reset --hard (dev)\n"
        "reset-loses-nothing: work would be lost: a.txt\n"
        "instead: guardrails rescue save"
    )
    assert render(refused, TextReport()).startswith(f"{refusal(refused)}\n\nwould: loses-work  dev  repo  /srv/dev\n\n")
    assert render(refused, TextReport()).split("\n")[-2].startswith("DENY")


def test_what_cannot_be_told_says_why() -> None:
    undecided = report(decision("a", Outcome.ERROR, reason="$X is not known"), errors=["no log"])

    assert (refusal(undecided) or "").split("\n")[1:] == ["a: cannot be told: $X is not known", "no log"]


def test_what_is_no_refusal_never_says_allow() -> None:
    passes, nothing = report(decision("a", Outcome.PASS)), report(actions=()).replaced(exit_code=0)

    assert (refusal(passes), refusal(nothing)) == (None, None)
    for one in (passes, nothing):
        assert "ALLOW" not in render(one, TextReport())
        assert "NO OPINION" in render(one, TextReport()).split("\n")[-2]


def test_many_findings_are_cut() -> None:
    many = [
        decision(f"p{number}", Outcome.FAIL, *[LOST.replaced(observed=f"{number} {n}") for n in range(9)])
        for number in range(9)
    ]
    lines = (refusal(report(*many)) or "").split("\n")

    assert len(lines) == 12
    assert lines[-1].endswith("guardrails vet shows all")


def test_text_from_the_world_is_shown_and_breaks_no_line() -> None:
    for text in HOSTILE:
        finding = Finding(message=text, observed=text, expected=text, remediation=text)
        action = RESET.replaced(words=("git", text), path=text)
        told = refusal(report(decision("a", Outcome.FAIL, finding), actions=(action,))) or ""
        assert len(told.split("\n")) == 3
        assert "\x1b" not in told
        assert "\r" not in told

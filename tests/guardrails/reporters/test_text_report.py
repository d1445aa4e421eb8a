"""The text report, whole: calm, aligned, failures last, the verdict in the last line."""

from __future__ import annotations

import re
from typing import Any

import pytest

from guardrails.engine.gate import weigh
from guardrails.model import Decision, Enforcement, Finding, Outcome, PolicyResult, Report, Subject
from guardrails.reporters.text_report import TextReport, render
from guardrails.version import VERSION

FINDING = Finding(
    message="src/x.ts is not as HEAD says",
    observed="modified: changed in the work tree",
    expected="a work tree with exactly the bytes of HEAD",
    remediation="git -C /srv/prod diff -- src/x.ts",
    remark="keep it in dev, then: git -C /srv/prod restore -- src/x.ts",
)


def decision(policy: str, outcome: Outcome, *findings: Finding, reason: str | None = None, level: str = "") -> Decision:
    enforcement = Enforcement(level or "hard-mandatory")
    return Decision(
        result=PolicyResult(policy=policy, outcome=outcome, findings=findings, reason=reason, duration_ms=31),
        title=f"The title of {policy}",
        source="§1",
        severity="high",
        enforcement=enforcement,
        blocks=outcome in (Outcome.FAIL, Outcome.ERROR) and enforcement is not Enforcement.ADVISORY,
    )


def report(*decisions: Decision, **rest: Any) -> Report:
    subject = Subject(repo="/srv/prod", branch="main", commit="c" * 40, candidate=rest.pop("candidate", None))
    return weigh(decisions, **{"environment": "prod", "subject": subject, "started": 0.0, **rest})


MIXED = report(
    decision("clean-worktree", Outcome.FAIL, FINDING),
    decision("fast-forward-only", Outcome.PASS, reason="a note"),
    decision("isolated", Outcome.ERROR, reason="the store is locked"),
    decision("links", Outcome.SKIP, reason="no pages are listed"),
    decision("style", Outcome.FAIL, level="advisory"),
    operation="promote",
    candidate="d" * 40,
    left_out=("expected-cron-jobs",),
)


def test_the_whole_report() -> None:
    assert render(MIXED) == (
        f"guardrails {VERSION}  prod promote\n"
        "/srv/prod  main  cccccccccccc\n"
        f"candidate {'d' * 40}\n"
        "narrowed: 1 left out (expected-cron-jobs)\n"
        "\n"
        "✓ pass   fast-forward-only  The title of fast-forward-only\n"
        "            note      a note\n"
        "– skip   links              The title of links\n"
        "            because   no pages are listed\n"
        "! error  isolated           The title of isolated\n"
        "            because   the store is locked\n"
        "✗ fail   clean-worktree     The title of clean-worktree\n"
        "          src/x.ts is not as HEAD says\n"
        "            observed  modified: changed in the work tree\n"
        "            expected  a work tree with exactly the bytes of HEAD\n"
        "            do        git -C /srv/prod diff -- src/x.ts\n"
        "            note      keep it in dev, then: git -C /srv/prod restore -- src/x.ts\n"
        "✗ fail   style              The title of style  (advisory)\n"
        "\n"
        "DENY  2 of 5 block: 1 pass, 1 fail, 1 error, 1 skip, 1 advisory\n"
    )


def words(text: str) -> list[str]:
    """What a report says, in whatever order and lines."""
    return sorted(word.rstrip(":") for word in text.split())


@pytest.mark.parametrize("width", [40, 80, 120])
def test_on_a_terminal_no_line_is_wider_than_it(width: int) -> None:
    lines = TextReport(width=width).render(MIXED).splitlines()

    fitting = [line for line in lines if line.split()[:1] != ["do"] and len(line.split()) > 1]
    assert max(map(len, fitting)) <= width
    assert words(" ".join(lines)) == words(render(MIXED))


def test_on_a_narrow_terminal_less_is_indented_and_the_counts_stand_above_the_verdict() -> None:
    assert TextReport(width=40).render(MIXED.replaced(source="/srv/guardrails.toml")) == (
        f"guardrails {VERSION}  prod promote\n"
        "/srv/prod  main  cccccccccccc\n"
        "candidate\n"
        f"  {'d' * 40}\n"
        "configuration /srv/guardrails.toml\n"
        "narrowed: 1 left out\n"
        "  (expected-cron-jobs)\n"
        "\n"
        "✓ pass   fast-forward-only\n"
        "         The title of fast-forward-only\n"
        "      note      a note\n"
        "– skip   links\n"
        "         The title of links\n"
        "      because   no pages are listed\n"
        "! error  isolated\n"
        "         The title of isolated\n"
        "      because   the store is locked\n"
        "✗ fail   clean-worktree\n"
        "         The title of clean-worktree\n"
        "    src/x.ts is not as HEAD says\n"
        "      observed  modified: changed in the\n"
        "                work tree\n"
        "      expected  a work tree with exactly\n"
        "                the bytes of HEAD\n"
        "      do        git -C /srv/prod diff -- src/x.ts\n"
        "      note      keep it in dev, then:\n"
        "                git -C /srv/prod restore\n"
        "                -- src/x.ts\n"
        "✗ fail   style\n"
        "         The title of style  (advisory)\n"
        "\n"
        "1 pass, 1 fail, 1 error, 1 skip, 1\n"
        "  advisory\n"
        "DENY  2 of 5 block\n"
    )


def test_a_word_that_is_wider_than_the_terminal_is_left_whole() -> None:
    path = "/srv/" + "x" * 200
    long = report(decision("a", Outcome.FAIL, FINDING.replaced(remediation=f"rm {path}")))

    assert path in TextReport(width=80).render(long)


def test_quiet_is_the_verdict_alone() -> None:
    assert TextReport(quiet=True).render(report(decision("a", Outcome.PASS))) == "ALLOW  1 pass\n"


def test_verbose_adds_durations_and_every_finding() -> None:
    many = report(decision("a", Outcome.FAIL, *([FINDING] * 12)))

    assert render(many).count("observed") == 10
    assert "and 2 more; --verbose or --format json shows all" in render(many)
    assert TextReport(verbose=True).render(many).count("observed") == 12
    assert "31 ms, hard-mandatory" in TextReport(verbose=True).render(many)


def test_colour_only_when_asked_for() -> None:
    coloured = TextReport(colour=True).render(MIXED)

    assert "\x1b" not in render(MIXED)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(MIXED)
    assert coloured.splitlines()[-1].startswith("\x1b[1;31mDENY\x1b[0m")


@pytest.mark.parametrize(
    ("shown", "decisions", "errors"),
    [
        ("ALLOW  1 pass", [decision("a", Outcome.PASS)], []),
        ("ALLOW  1 advisory", [decision("a", Outcome.FAIL, level="advisory")], []),
        ("DENY  1 of 1 blocks: 1 fail", [decision("a", Outcome.FAIL, FINDING)], []),
        ("DENY  could not decide: 1 error", [decision("a", Outcome.ERROR, reason="x")], []),
        ("DENY  could not decide", [], ["nothing applies"]),
    ],
)
def test_the_last_line_is_the_verdict(shown: str, decisions: list[Decision], errors: list[str]) -> None:
    assert render(report(*decisions, errors=errors)).splitlines()[-1] == shown


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "a\nALLOW  9 pass", "\u202egnp", "\r", "\x9b31m", "[bold]x[/bold]", "::error::x"]
)
def test_hostile_text_cannot_leave_its_line(text: str) -> None:
    finding = FINDING.replaced(message=text, observed=text, remediation=text, path=text)
    printed = render(report(decision("a", Outcome.FAIL, finding), decision(text, Outcome.PASS), errors=[text]))

    assert all(line.isprintable() for line in printed.splitlines())
    assert printed.splitlines()[-1] == "DENY  1 of 2 blocks: 1 pass, 1 fail"
    assert len([line for line in printed.splitlines() if line.startswith(("ALLOW", "DENY"))]) == 1

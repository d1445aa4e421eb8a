"""Reports for the tests of reporters: one of each kind, and one whose every text comes from an enemy."""

from __future__ import annotations

from typing import Any

from guardrails.engine.gate import weigh
from guardrails.model import Decision, Enforcement, Finding, Outcome, PolicyResult, Report, Subject, Waiver, WaiverUse

SUBJECT = Subject(repo="/srv/prod", branch="main", commit="c" * 40, tree="b" * 40)
FINDING = Finding(
    message="src/x.ts is not as HEAD says",
    observed="modified in the work tree",
    expected="the bytes of HEAD",
    remediation="git -C /srv/prod restore -- src/x.ts",
    path="src/x.ts",
    line=3,
)
HOSTILE = (
    "::error::forged",
    "##[error]forged",
    "##[stop-commands]forged",
    "a\r\n::set-output name=x::y",
    "%0A::error::forged",
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;http://evil.example\x07link",
    "\u202egnp.exe",
    "\u2066hidden\u2069",
    "\x00\x08\x0b\x7f\x85",
    "\ufffe\uffff",
    "]]>",
    "<![CDATA[<script>alert(1)</script>",
    "</failure><testcase name='forged'/>",
    '"><img src=x onerror=alert(1)>',
    "&amp;&lt;&#0;",
    "| a | b |\n|---|---|",
    "back\\|slash\\",
    "`",
    "``` \n# heading",
    "```",
    "````",
    "[link](http://evil.example)",
    "![image](http://evil.example/x.png)",
    "[bold]rich[/bold]",
    "@everyone #1 http://evil.example www.evil.example a@evil.example",
    "<!-- hidden",
    "section_start:1:x\r\x1b[0K",
    "{0} {{1}} ${{ secrets.X }} $(id) `id`",
    "Ж漢😀 é",
    "caf\\xe9",
    " ",
    "-",
    "../../etc/passwd",
    "C:\\x,y=z:1",
)


def decision(
    policy: str, outcome: Outcome, *findings: Finding, reason: str | None = None, level: str = "", **rest: str
) -> Decision:
    enforcement = Enforcement(level or "hard-mandatory")
    if outcome in (Outcome.ERROR, Outcome.SKIP):
        reason = reason or "because"
    return Decision(
        result=PolicyResult(policy=policy, outcome=outcome, findings=findings, reason=reason, duration_ms=31),
        title=rest.get("title", f"the title of {policy}"),
        source="§1",
        severity=rest.get("severity", "high"),
        enforcement=enforcement,
        blocks=outcome in (Outcome.FAIL, Outcome.ERROR) and enforcement is not Enforcement.ADVISORY,
    )


def waived(
    policy: str, *findings: Finding, only: tuple[int, ...] | None = None, text: str = "until Monday"
) -> Decision:
    """A decision whose findings are waived, or only those at some positions."""
    covered = tuple(range(len(findings))) if only is None else only
    waiver = Waiver(
        policy, "prod", owner=text, reason=text, expires=1770000000.0, place="w.toml:1", created=1769900000.0
    )
    failed = decision(policy, Outcome.FAIL, *findings, reason=f"waived: {text}", level="soft-mandatory")
    whole = len(covered) == len(findings)
    return failed.replaced(blocks=not whole, waived=whole, waivers=(WaiverUse(waiver, "used", covered),))


def weighed(*decisions: Decision, **rest: Any) -> Report:
    given = {"environment": "prod", "subject": SUBJECT, "started": 1769940000.0, **rest}
    return weigh(decisions, **given).replaced(duration_ms=1234)


def hostile(text: str) -> Report:
    """A failing, an undecided, an advisory and a skipped policy, an error of the run, and the text in all of them."""
    finding = Finding(observed=text, expected=text, remediation=text, message=text, path=text, line=1, ref=text)
    return weighed(
        decision("failing", Outcome.FAIL, finding, finding.replaced(path="src/x.ts"), title=text),
        decision("undecided", Outcome.ERROR, reason=text),
        decision("advised", Outcome.FAIL, finding, level="advisory"),
        decision("skipped", Outcome.SKIP, reason=text),
        waived("waived", finding, text=text),
        decision("noted", Outcome.PASS, reason=text),
        errors=[text],
        operation=text,
        subject=SUBJECT.replaced(branch=text, candidate=text),
        left_out=(text,),
    )


ALLOWED = weighed(decision("clean-worktree", Outcome.PASS), decision("links", Outcome.SKIP))
FAILED = weighed(decision("clean-worktree", Outcome.FAIL, FINDING), decision("links", Outcome.PASS))
UNDECIDED = weighed(decision("clean-worktree", Outcome.ERROR, reason="the index is locked"))
ADVISED = weighed(decision("style", Outcome.FAIL, FINDING, level="advisory"))
WAIVED = weighed(waived("clean-worktree", FINDING), decision("links", Outcome.PASS))
MISTAKEN = weighed(errors=["unknown environment"], environment=None, subject=None)
NOTHING = weighed()
EVERY = {
    "allowed": ALLOWED,
    "failed": FAILED,
    "undecided": UNDECIDED,
    "advised": ADVISED,
    "waived": WAIVED,
    "mistaken": MISTAKEN,
    "nothing": NOTHING,
    **{f"hostile-{number}": hostile(text) for number, text in enumerate(HOSTILE)},
}

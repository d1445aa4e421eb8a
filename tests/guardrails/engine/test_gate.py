"""Results and enforcement -> decisions, summary, verdict and exit code."""

from __future__ import annotations

import time
from typing import Any

import pytest

from guardrails.config.settings import PolicySetting, Settings
from guardrails.engine.gate import decide, fingerprint, report_on, summary, weigh
from guardrails.model import (
    Decision,
    Effect,
    Enforcement,
    Environment,
    Finding,
    Operation,
    Outcome,
    PolicyResult,
    Report,
    Verdict,
)
from guardrails.policy import World

TABLE = [
    ("pass", "advisory", False, 0),
    ("pass", "soft-mandatory", False, 0),
    ("pass", "hard-mandatory", False, 0),
    ("skip", "advisory", False, 0),
    ("skip", "soft-mandatory", False, 0),
    ("skip", "hard-mandatory", False, 0),
    ("fail", "advisory", False, 0),
    ("fail", "soft-mandatory", True, 1),
    ("fail", "hard-mandatory", True, 1),
    ("error", "advisory", False, 0),
    ("error", "soft-mandatory", True, 2),
    ("error", "hard-mandatory", True, 2),
]
FINDING = Finding(observed="seen", expected="wanted", remediation="do", path="a", line=3, ref="b")


PROD = Environment(name="prod", repo="/srv/prod")
SETTINGS = Settings("/srv/guardrails.toml", "sha256:0", {"prod": PROD}, {}, ())
SETTING = PolicySetting(
    name="a-policy",
    use="a-policy",
    location="m:C",
    title="It holds",
    source="rules §1",
    severity="high",
    when={"prod": ("standing",)},
    enforcement={"prod": "hard-mandatory", "dev": "advisory"},
    options={},
)


def decision(outcome: str, enforcement: str = "hard-mandatory", *, name: str = "a-policy", **rest: object) -> Decision:
    """What the gate makes of one result."""
    setting = SETTING.replaced(name=name, enforcement={"prod": enforcement, "dev": "advisory"})
    result = PolicyResult(policy=name, outcome=Outcome(outcome), findings=(FINDING,) if outcome == "fail" else ())
    return decide(result.replaced(**rest), setting, "prod")


@pytest.mark.parametrize(("outcome", "enforcement", "blocks", "code"), TABLE)
def test_what_blocks(outcome: str, enforcement: str, blocks: bool, code: int) -> None:
    made = decision(outcome, enforcement)
    assert made.blocks is blocks
    assert made.enforcement == enforcement
    report = weigh([made], started=time.time())
    assert report.exit_code == code
    assert report.verdict == (Verdict.ALLOW if code == 0 else Verdict.DENY)


def test_the_table_is_whole() -> None:
    rows = {(outcome, enforcement) for outcome, enforcement, _, _ in TABLE}
    assert rows == {(outcome.value, level.value) for outcome in Outcome for level in Enforcement}


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["fail", "error"], 1),
        (["error", "fail"], 1),
        (["pass", "error"], 2),
        (["pass", "fail"], 1),
        (["pass", "skip"], 0),
        (["skip", "skip"], 0),
        ([], 2),
    ],
)
def test_a_failure_counts_before_an_error_and_nothing_is_no_answer(outcomes: list[str], code: int) -> None:
    made = [decision(outcome, name=f"policy-{number}") for number, outcome in enumerate(outcomes)]
    assert weigh(made, started=time.time()).exit_code == code


@pytest.mark.parametrize(("outcome", "code"), [("pass", 2), ("fail", 1)])
def test_an_error_of_the_run_is_no_answer_unless_something_failed(outcome: str, code: int) -> None:
    report = weigh([decision(outcome)], errors=["no candidate"], started=time.time())
    assert (report.exit_code, report.verdict) == (code, Verdict.DENY)


def test_the_enforcement_is_that_of_the_environment() -> None:
    setting = PolicySetting("n", "u", "m:C", "t", "s", "low", {}, {"prod": "hard-mandatory", "dev": "advisory"}, {})
    result = PolicyResult(policy="n", outcome=Outcome.FAIL)
    assert decide(result, setting, "prod").blocks
    assert not decide(result, setting, "dev").blocks
    with pytest.raises(KeyError):
        decide(result, setting, "stage")


def test_what_does_not_block_is_counted_apart() -> None:
    made = [
        decision("pass", name="a"),
        decision("pass", "advisory", name="b"),
        decision("skip", "advisory", name="c"),
        decision("fail", "advisory", name="d"),
        decision("error", "advisory", name="e"),
        decision("fail", "soft-mandatory", name="f"),
        decision("error", name="g"),
    ]
    report = weigh(made, started=time.time())
    assert summary(report) == {"pass": 2, "fail": 1, "error": 1, "skip": 1, "waived": 0, "advisory": 2}


def test_decisions_are_in_the_order_of_their_ids() -> None:
    made = [decision("pass", name=name) for name in ("b", "a-b", "a", "B")]
    names = [one.result.policy for one in weigh(made, started=time.time()).decisions]
    assert names == ["B", "a", "a-b", "b"]


def test_no_secret_gets_past_the_gate() -> None:
    secret = "ghp_0123456789abcdefghij"
    finding = Finding(secret, secret, secret, secret, secret, None, secret)
    made = decision("fail", findings=(finding,), reason=f"token={secret}")
    report = weigh([made], errors=[f"https://user:{secret}@example.org/"], started=time.time())
    assert secret not in repr(report)
    assert "***" in (report.decisions[0].result.reason or "")


@pytest.mark.parametrize(
    "where", [{"reason": "token=ghp_0123456789abcdefghij"}, {"effects": (Effect("loses", "ghp_0123456789abcdefghij"),)}]
)
def test_no_secret_of_a_pass_gets_past_the_gate(where: dict[str, Any]) -> None:
    assert "ghp_0123456789abcdefghij" not in repr(decision("pass", **where))


def test_what_to_do_is_kept() -> None:
    assert decision("fail").result.findings == (FINDING,)


def test_unpaired_surrogates_become_text_that_every_reader_takes() -> None:
    finding = Finding(observed="a\udcff", expected="\ud800", remediation="r", path="p\udcff")
    made = decision("fail", findings=(finding,))
    repr(made.result.findings).encode("utf-8")
    assert made.result.findings[0].path == "p\\udcff"


def test_a_clock_that_was_set_back_gives_no_negative_duration() -> None:
    assert weigh([decision("pass")], started=time.time() + 1000).duration_ms == 0


def test_a_duration_is_in_milliseconds() -> None:
    assert 1_000_000 <= weigh([decision("pass")], started=time.time() - 1000).duration_ms < 1_000_900


def reported(*policies: PolicySetting, operation: str | None = None) -> Report:
    """The report on policies that pass, at all times or before an operation."""
    return report_on(
        [PolicyResult(policy=policy.name, outcome=Outcome.PASS) for policy in policies],
        policies,
        World(PROD, {"prod": PROD}, at=0.0, home="/", operation=Operation(operation) if operation else None),
        SETTINGS,
        moment="standing",
        errors=(),
        subject=None,
        started=time.time(),
    )


def test_a_policy_that_is_listed_is_an_answer() -> None:
    report = reported(SETTING)
    assert (report.exit_code, report.errors, report.operation) == (0, (), None)
    assert reported(SETTING, operation="promote").operation == "promote"


def test_a_policy_that_is_always_on_stands_in_for_none_that_is_listed() -> None:
    always = SETTING.replaced(when={})
    for policies in ((), (always,)):
        report = reported(*policies)
        assert (report.exit_code, report.verdict) == (2, Verdict.DENY)
        assert report.errors == ("no policy applies to prod at this moment: standing",)
    assert reported(always, SETTING.replaced(name="another")).exit_code == 0


def test_a_fingerprint_is_that_of_the_place_and_not_of_the_words() -> None:
    same = fingerprint("p", "prod", FINDING)
    assert same == fingerprint("p", "prod", FINDING.replaced(message="m", expected="x", remediation="y"))
    others = {
        fingerprint("q", "prod", FINDING),
        fingerprint("p", "dev", FINDING),
        fingerprint("p", None, FINDING),
        fingerprint("p", "prod", FINDING.replaced(observed="other")),
        fingerprint("p", "prod", FINDING.replaced(path="b")),
        fingerprint("p", "prod", FINDING.replaced(line=4)),
        fingerprint("p", "prod", FINDING.replaced(ref="c")),
        fingerprint("p", "prod", FINDING.replaced(path="a\0003", line=None)),
    }
    assert len(others | {same}) == 9
    assert len(same) == 32
    fingerprint("p", "prod", FINDING.replaced(observed="\ud800"))

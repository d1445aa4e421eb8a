"""What a waiver covers: failures of a soft-mandatory policy, while it lasts, and nothing else."""

from __future__ import annotations

import pytest

from guardrails.config.settings import PolicySetting
from guardrails.engine.gate import decide, fingerprint, summary, weigh
from guardrails.model import FINDINGS_LIMIT, Decision, Finding, Outcome, PolicyResult, Waiver
from guardrails.waivers import EXPIRED, LATER, REFUSED, UNUSED, USED

ONE = Finding(observed="one", expected="x", remediation="y", path="a")
TWO = ONE.replaced(observed="two")
AT = 1_769_940_000.0
WAIVER = Waiver(
    policy="a-policy",
    environment="prod",
    owner="peter",
    reason="the page moves",
    created=AT - 100,
    expires=AT + 30 * 86_400 - 100,
    place="/srv/guardrails.waivers.toml:1",
)


def judged(
    *waivers: Waiver, outcome: str = "fail", level: str = "soft-mandatory", at: float = AT, **rest: object
) -> Decision:
    setting = PolicySetting(
        "a-policy", "a-policy", "m:C", "t", "s", "low", {}, {"prod": level, "dev": "soft-mandatory"}, {}
    )
    given = {"findings": (ONE, TWO) if outcome == "fail" else (), **rest}
    result = PolicyResult(policy="a-policy", outcome=Outcome(outcome)).replaced(**given)
    return decide(result, setting, "prod", waivers, at)


def only(finding: Finding) -> Waiver:
    return WAIVER.replaced(finding=fingerprint("a-policy", "prod", finding))


def states(decision: Decision) -> list[str]:
    return [use.state for use in decision.waivers]


def code(decision: Decision) -> int:
    return weigh([decision], started=AT).exit_code


def test_a_waived_failure_stays_a_failure_that_does_not_block() -> None:
    made = judged(WAIVER)

    assert (made.result.outcome, made.blocks, made.waived, code(made)) == ("fail", False, True, 0)
    assert made.result.findings == (ONE, TWO)
    assert made.result.reason == "waived until 2026-03-03T09:58:20Z (in 29 days), by peter: the page moves"
    counts = summary(weigh([made], started=AT))
    assert counts == {"pass": 0, "fail": 0, "error": 0, "skip": 0, "waived": 1, "advisory": 0}


TABLE = [
    # outcome, enforcement, state, exit code, what the report says
    ("fail", "soft-mandatory", USED, 0, "waived until"),
    ("fail", "hard-mandatory", REFUSED, 1, "hard-mandatory policy cannot be waived"),
    ("fail", "advisory", UNUSED, 0, "advisory and blocks nothing"),
    ("error", "soft-mandatory", UNUSED, 2, "what could not be decided cannot be waived"),
    ("error", "hard-mandatory", REFUSED, 2, "cannot be waived"),
    ("error", "advisory", UNUSED, 0, "advisory"),
    ("pass", "soft-mandatory", UNUSED, 0, "covers no finding"),
    ("pass", "hard-mandatory", REFUSED, 0, "cannot be waived"),
    ("pass", "advisory", UNUSED, 0, "advisory"),
    ("skip", "soft-mandatory", UNUSED, 0, "covers no finding"),
    ("skip", "hard-mandatory", REFUSED, 0, "cannot be waived"),
    ("skip", "advisory", UNUSED, 0, "advisory"),
]


@pytest.mark.parametrize(("outcome", "level", "state", "exit_code", "says"), TABLE)
def test_what_is_covered(outcome: str, level: str, state: str, exit_code: int, says: str) -> None:
    made = judged(WAIVER, outcome=outcome, level=level)

    assert (states(made), code(made)) == ([state], exit_code)
    assert made.waived is (state == USED)
    assert says in (made.result.reason or "")


@pytest.mark.parametrize(
    ("at", "state", "says"),
    [
        (AT - 101, LATER, "was written after the moment"),
        (AT - 100, USED, "waived until"),
        (WAIVER.expires - 1, USED, "waived until 2026-03-03T09:58:20Z (in 1 second), which is soon"),
        (
            WAIVER.expires,
            EXPIRED,
            "the waiver of peter (/srv/guardrails.waivers.toml:1) ran out at 2026-03-03T09:58:20Z (just now)",
        ),
        (WAIVER.expires + 1, EXPIRED, "ran out at"),
    ],
)
def test_it_counts_from_when_it_is_written_until_it_expires(at: float, state: str, says: str) -> None:
    made = judged(WAIVER, at=at)

    assert (states(made), made.blocks) == ([state], state != USED)
    assert says in (made.result.reason or "")


@pytest.mark.parametrize(("left", "soon"), [(3 * 86_400, True), (3 * 86_400 + 1, False)])
def test_one_that_runs_out_soon_says_so(left: float, soon: bool) -> None:
    made = judged(WAIVER, at=WAIVER.expires - left)

    assert made.waivers[0].soon is soon
    assert ("soon" in (made.result.reason or "")) is soon


@pytest.mark.parametrize(
    "other", [{"policy": "b-policy"}, {"environment": "dev"}, {"policy": "*"}, {"policy": "A-Policy"}]
)
def test_what_it_does_not_name_it_does_not_touch(other: dict[str, str]) -> None:
    made = judged(WAIVER.replaced(**other))

    assert (made.waivers, made.blocks, made.result.reason) == ((), True, None)


def test_one_whose_writing_is_not_known_counts_at_no_time() -> None:
    assert judged(WAIVER.replaced(created=None)).blocks


def test_without_waivers_or_a_time_nothing_is_waived() -> None:
    setting = PolicySetting("a-policy", "u", "m:C", "t", "s", "low", {}, {"prod": "soft-mandatory"}, {})
    result = PolicyResult(policy="a-policy", outcome=Outcome.FAIL, findings=(ONE,))
    assert decide(result, setting, "prod").blocks
    assert decide(result, setting, "prod", [WAIVER]).blocks


def test_one_that_is_of_another_moment_is_no_default() -> None:
    setting = PolicySetting("a-policy", "u", "m:C", "t", "s", "low", {}, {"prod": "soft-mandatory"}, {})
    result = PolicyResult(policy="a-policy", outcome=Outcome.FAIL, findings=(ONE,))
    assert decide(result, setting, "prod", [WAIVER.replaced(created=0.5)]).blocks


def test_a_failure_without_findings_is_waived_by_nobody() -> None:
    assert judged(findings=()).blocks
    assert judged(WAIVER, findings=()).blocks


def test_one_finding_is_not_the_other() -> None:
    made = judged(only(ONE))

    assert (states(made), made.waivers[0].findings, made.blocks, made.waived) == ([USED], (0,), True, False)
    assert summary(weigh([made], started=AT))["fail"] == 1
    assert code(made) == 1


def test_waivers_of_all_findings_are_enough_and_an_old_one_is_not() -> None:
    assert judged(only(ONE), only(TWO)).waived
    assert judged(only(ONE), only(TWO).replaced(expires=AT)).blocks
    assert judged(only(ONE).replaced(expires=AT), WAIVER).waived


def test_a_fingerprint_of_nothing_that_was_found_is_unused() -> None:
    made = judged(WAIVER.replaced(finding="0" * 32))

    assert (states(made), made.blocks) == ([UNUSED], True)


def test_findings_that_were_cut_are_not_covered_by_fingerprints() -> None:
    assert judged(only(ONE), findings=(ONE,) * (FINDINGS_LIMIT - 1)).waived
    assert judged(only(ONE), findings=(ONE,) * FINDINGS_LIMIT).blocks
    assert judged(WAIVER, findings=(ONE,) * FINDINGS_LIMIT).waived


def test_notes_of_the_policy_come_first() -> None:
    assert (judged(WAIVER, reason="a note").result.reason or "").startswith("a note; waived until")


def test_no_secret_gets_past_the_gate_in_a_waiver() -> None:
    secret = "ghp_0123456789abcdefghij"
    made = judged(WAIVER.replaced(owner=secret, reason=f"token={secret}"))

    assert made.waived
    assert secret not in repr(made)

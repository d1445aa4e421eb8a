"""A plan for people and for programs: everything is in the JSON, and names of the world are only text."""

import json

from guardrails.facts.operation.simulation import StepForecast
from guardrails.model import Effect
from guardrails.operations.planning.plan import Plan, undecided_plan
from guardrails.reporters.plan_report import SHOWN, TextPlan, as_json

STEP = StepForecast("git reset --hard abc", "refused", "a" * 40, "local changes would be overwritten: src/a.ts")


def plan(**effects: tuple[Effect, ...]) -> Plan:
    made = undecided_plan("nothing was asked", "update", "prod")
    given = {kind: effects.get(kind, ()) for kind in made.effects}
    return made.replaced(effects=given, steps=(STEP,), next_allowed="2026-02-01T22:00:00Z")


def text(made: Plan, *, colour: bool = False) -> str:
    return TextPlan(colour=colour).render(made)


def test_the_json_has_every_key_of_the_contract() -> None:
    made = plan(
        arrives=(Effect("arrives", "b" * 40, "new"),),
        loses=(Effect("loses", "src/a.ts"),),
        fires=(Effect("fires", "daily digest", "2026-02-01T07:00:00Z"),),
    )
    document = json.loads(as_json(made))

    assert (document["operation"], document["environment"], document["verdict"], document["exit_code"]) == (
        "update",
        "prod",
        "deny",
        2,
    )
    assert document["arrives"] == [{"commit": "b" * 40, "subject": "new"}]
    assert (document["drops"], document["undeploys"], document["overwrites"], document["missing"]) == ([], [], [], [])
    assert document["loses"] == ["src/a.ts"]
    assert document["fires"] == [{"job": "daily digest", "at": "2026-02-01T07:00:00Z"}]
    assert document["next_allowed"] == "2026-02-01T22:00:00Z"
    assert document["steps"][0]["outcome"] == "refused"
    assert document["errors"] == ["nothing was asked"]
    assert document["digest"] is None


def test_the_digest_is_told_where_a_commit_is_proposed() -> None:
    made = plan().replaced(digest="sha256:0a1b")

    assert json.loads(as_json(made))["digest"] == "sha256:0a1b"
    assert "plan      sha256:0a1b" in text(made).splitlines()
    assert "sha256:" not in text(plan())


def test_the_text_ends_with_the_verdict() -> None:
    lines = text(plan()).splitlines()

    assert lines[0].endswith("plan of update in prod")
    assert "  1 ✗ git reset --hard abc" in lines
    assert "next allowed  2026-02-01T22:00:00Z" in lines
    assert lines[-1] == "DENY  could not decide"


def test_harm_is_told_before_the_verdict_and_counted() -> None:
    many = tuple(Effect("loses", f"src/{number}.ts") for number in range(SHOWN + 3))
    shown = text(plan(loses=many))

    assert f"files whose changes would be lost: {SHOWN + 3}" in shown
    assert "  and 3 more; --format json shows all" in shown
    assert "src/14.ts" not in shown


def test_names_of_the_world_are_only_text() -> None:
    hostile = Effect("loses", "a\x1b[2Jb\nc")
    made = plan(loses=(hostile,))

    assert "\x1b" not in text(made)
    assert r"a\x1b[2Jb\nc" in text(made)
    assert json.loads(as_json(made))["loses"] == [hostile.what]


def test_colour_only_when_it_is_wanted() -> None:
    assert "\x1b[1;31mDENY" in text(plan(), colour=True)
    assert "\x1b" not in text(plan())

"""The forecast tells each step in order, then what all of them come to, and finds no fault."""

from guardrails.facts.git.commits import Commit
from guardrails.facts.operation.simulation import Simulation, StepForecast
from guardrails.operations.planning.forecast import Forecast
from guardrails.testing import judge

STEPS = (StepForecast("git status", "stays", "a" * 40, "only looks"), StepForecast("git gc", "unknown", None))


def test_everything_is_an_effect() -> None:
    simulation = Simulation(
        starts="a" * 40,
        ends="b" * 40,
        steps=STEPS,
        arrives=(Commit("b" * 40, "new"),),
        drops=(Commit("c" * 40, "old"),),
        undeploys=(Commit("d" * 40, "released"),),
        loses=("src/a.ts",),
        overwrites=(".env",),
    )
    result = judge(Forecast(), simulation=simulation)

    assert (result.outcome, result.findings) == ("pass", ())
    assert [(effect.kind, effect.what) for effect in result.effects] == [
        ("step", "git status"),
        ("step", "git gc"),
        ("arrives", "b" * 40),
        ("drops", "c" * 40),
        ("undeploys", "d" * 40),
        ("loses", "src/a.ts"),
        ("overwrites", ".env"),
    ]


def test_a_step_says_its_outcome_where_head_would_be_and_why() -> None:
    first, second = judge(Forecast(), simulation=Simulation("a" * 40, None, STEPS)).effects

    assert first.detail.split("\n") == ["stays", "a" * 40, "only looks"]
    assert second.detail.split("\n") == ["unknown", "", ""]

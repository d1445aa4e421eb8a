"""The simulation of an operation's steps, as a policy that finds no fault and only tells."""

from collections.abc import Iterator

from guardrails.facts.operation.simulation import Simulation
from guardrails.model import Effect
from guardrails.policy import Policy


class Forecast(Policy):
    """What the steps would do, as effects: each step in order, then the effect of all of them."""

    id = "forecast"
    title = "What the steps would do"
    source = "the steps of the operation"

    def evaluate(self, simulation: Simulation) -> Iterator[Effect]:
        """Yield the effects."""
        for step in simulation.steps:
            yield Effect("step", step.command, "\n".join((step.outcome, step.head or "", step.detail)))
        for kind in ("arrives", "drops", "undeploys"):
            for commit in getattr(simulation, kind):
                yield Effect(kind, commit.id, commit.subject)
        for kind in ("loses", "overwrites"):
            for path in getattr(simulation, kind):
                yield Effect(kind, path)

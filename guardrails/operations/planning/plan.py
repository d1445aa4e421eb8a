"""What an operation would do, before anyone does it: the simulation of its steps, and what the policies foresee.

A policy may yield effects beside its findings; the steps are simulated by one more policy, which applies to every plan
and weighs in no verdict. Both run where all policies run: in a worker that can be killed.
"""

from __future__ import annotations

import time

from guardrails.config.settings import STANDING, make_setting
from guardrails.engine import gate
from guardrails.engine.judge import Unwatched, judge
from guardrails.exit_codes import UNDECIDED
from guardrails.facts.approval.proposal import plan_digest
from guardrails.facts.operation.simulation import StepForecast
from guardrails.model import Effect, Outcome, PolicyResult, Report, Verdict
from guardrails.operations.planning.forecast import Forecast
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.engine.judge import Watch
    from guardrails.policy import World

_EFFECTS = ("arrives", "drops", "undeploys", "loses", "overwrites", "fires")


class Plan(Record):
    """What would happen, and the report of the check for the same moment, whose verdict and exit code are the plan's.

    `effects` are by kind, each once; `next_allowed` is an RFC 3339 time. `steps` is empty when the simulation could not
    be had, and then `errors` says why. `digest` is what an approval names (`facts.approval.proposal`), None where no
    commit is proposed.
    """

    report: Report
    effects: dict[str, tuple[Effect, ...]]
    steps: tuple[StepForecast, ...]
    next_allowed: str | None
    errors: tuple[str, ...]
    digest: str | None = None

    def but(self, errors: Sequence[str]) -> Plan:
        """The plan with further errors, for which it could not decide."""
        if not errors:
            return self
        code = self.report.exit_code or UNDECIDED
        report = self.report.replaced(verdict=Verdict.DENY, exit_code=code, errors=(*self.report.errors, *errors))
        return self.replaced(report=report, errors=(*self.errors, *errors))

    @property
    def missing(self) -> tuple[str, ...]:
        """The policies that stand in the way."""
        return tuple(decision.result.policy for decision in self.report.decisions if decision.blocks)

    @property
    def waived(self) -> tuple[str, ...]:
        """The policies that fail and do not stand in the way, because somebody waived what they found."""
        return tuple(decision.result.policy for decision in self.report.decisions if decision.waived)

    @property
    def present(self) -> tuple[str, ...]:
        """The policies that hold."""
        results = (decision.result for decision in self.report.decisions)
        return tuple(result.policy for result in results if result.outcome is Outcome.PASS)


_FORECAST = make_setting(Forecast)


def foresee(
    applicable: Sequence[PolicySetting],
    world: World,
    settings: Settings,
    *,
    jobs: int,
    watch: Watch = Unwatched,
) -> Plan:
    """Judge the operation as a check would, and simulate its steps beside that."""
    operation = world.operation
    moment = operation.name if operation else STANDING
    judged = judge(applicable, world, settings, moment=moment, jobs=jobs, beside=[_FORECAST], watch=watch)
    report, observation = judged.report, judged.observation
    forecast = next(result for result in observation.results if result.policy == Forecast.id)
    commit = observation.subject.candidate
    digest = plan_digest(operation, world.environment.name, commit) if operation and commit else None
    return _plan(report, forecast).replaced(digest=digest)


def undecided_plan(error: str, operation: str, environment: str | None) -> Plan:
    """The plan when not even the question made sense."""
    report = gate.weigh([], errors=[error], environment=environment, operation=operation, started=time.time())
    return Plan(report, dict.fromkeys(_EFFECTS, ()), (), None, report.errors)


def _plan(report: Report, forecast: PolicyResult) -> Plan:
    forecast = gate.clean(forecast)
    every = [effect for result in (forecast, *(one.result for one in report.decisions)) for effect in result.effects]
    return Plan(
        report=report,
        effects={kind: _each_once(every, kind) for kind in _EFFECTS},
        steps=tuple(_step(effect) for effect in forecast.effects if effect.kind == "step"),
        next_allowed=next((effect.what for effect in every if effect.kind == "allowed"), None),
        errors=report.errors + ((forecast.reason,) if forecast.outcome is Outcome.ERROR and forecast.reason else ()),
    )


def _each_once(effects: Sequence[Effect], kind: str) -> tuple[Effect, ...]:
    """The effects of one kind; a job may fire twice, but a commit or path is lost only once."""
    found: dict[tuple[str, str], Effect] = {}
    for effect in effects:
        if effect.kind == kind:
            found.setdefault((effect.what, effect.detail if kind == "fires" else ""), effect)
    return tuple(found.values())


def _step(effect: Effect) -> StepForecast:
    outcome, head, detail = effect.detail.split("\n", 2)
    return StepForecast(effect.what, outcome, head or None, detail)

"""Judge the policies of a moment: a worker looks at the world and evaluates them, the gate makes one report of it."""

from __future__ import annotations

import time

from guardrails.engine import worker
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from typing import Self

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.engine.worker import Observation
    from guardrails.model import PolicyResult, Report
    from guardrails.policy import World

    Watch = Callable[[int], AbstractContextManager[Callable[[PolicyResult], None]]]


def do_nothing(*_: object) -> None:
    """Do nothing, where nobody wants anything done."""


class Judged(Record):
    """The report on the policies of a moment, and what was seen."""

    report: Report
    observation: Observation


class Unwatched:
    """Shows nobody how far a judgement of so many policies has come."""

    def __init__(self, policies: int) -> None:
        self.policies = policies

    def __enter__(self) -> Self:
        return self

    def __call__(self, result: PolicyResult) -> None:
        """Take one more result."""

    def __exit__(self, *error: object) -> None:
        """Nothing was begun."""


def judge(
    policies: Sequence[PolicySetting],
    world: World,
    settings: Settings,
    *,
    moment: str,
    jobs: int,
    started: float | None = None,
    left_out: Sequence[str] = (),
    beside: Sequence[PolicySetting] = (),
    witnessed: bool = False,
    watch: Watch = Unwatched,
    meanwhile: Callable[[], object] = do_nothing,
) -> Judged:
    """Judge policies on the world as it is now.

    `moment` is as in `when`; `started` is in seconds since the epoch, by default now. `left_out` are the ids that were
    narrowed away. The policies `beside` are evaluated with the others and weigh in no verdict. `witnessed` asks for the
    files that were read. `meanwhile` is called while the worker looks at the world.
    """
    started = time.time() if started is None else started
    every = [*policies, *beside]
    with worker.Run(every, world, jobs=jobs, witnessed=witnessed) as under_way, watch(len(every)) as heard:
        from guardrails.engine import gate  # while the other process looks at the world

        meanwhile()
        observation = under_way.observe(heard)
    names = {policy.name for policy in beside}
    report = gate.report_on(
        [result for result in observation.results if result.policy not in names],
        policies,
        world,
        settings,
        moment=moment,
        errors=observation.errors,
        subject=observation.subject,
        started=started,
        left_out=left_out,
    )
    return Judged(report, observation)

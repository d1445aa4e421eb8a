"""Whether a guarded run may begin: its policies allow it twice, and what it would lose is saved in between.

The first judgement says no early. The second is made right before the first step, on what is there then. Both must be
about the pinned commits.
"""

from __future__ import annotations

import time

from guardrails.config.settings import moment
from guardrails.engine import gate
from guardrails.engine.gather import gather_fact
from guardrails.engine.judge import judge
from guardrails.errors import CannotKnow
from guardrails.exit_codes import ALLOW
from guardrails.operations import audit
from guardrails.operations.guarded_run import plain_git
from guardrails.operations.guarded_run.last_look import LastLook, require_same_pins
from guardrails.operations.guarded_run.pins import Pins
from guardrails.operations.guarded_run.save_losses import save_losses
from guardrails.operations.guarded_run.steps import fill_steps, place_steps
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from guardrails.audit.chain import Head
    from guardrails.config.settings import PolicySetting
    from guardrails.engine.judge import Judged
    from guardrails.operations.guarded_run.guarded_request import GuardedRequest
    from guardrails.policy import World


class Clearance(Record):
    """What a run is allowed to do."""

    world: World  # as it was judged the second time
    pins: Pins
    last_look: LastLook  # what must still be the same right before the first command
    logged: Head  # the head of the audit log, with the second report in it


def judge_twice(request: GuardedRequest, steps: Sequence[str], *, arrived: Pins | None = None) -> Clearance | None:
    """Judge twice with the same pins, and save in between; None when a report was shown that does not allow it.

    `arrived` are the pins of a run that goes on where HEAD has arrived. Raises UsageError for steps that cannot be run,
    and CannotKnow when HEAD or the candidate moves meanwhile, or what would be lost cannot be saved.
    """
    operation = request.operation
    pins = arrived or gather_fact(Pins, request.world)
    target = pins.target(operation.moves_head_to)
    expected = (target if arrived else pins.head, pins.candidate)
    words = fill_steps(steps, pins, request.environment, request.own_variables())
    plain_git.require_plain(request.world, words)
    operation = operation.replaced(steps=place_steps(words, request.command_folder), arrived=arrived is not None)

    first = request.with_world(at=time.time(), operation=operation.replaced(saving=operation.rescue))
    if _judge_pinned(first, expected) is None:
        return None
    save_losses(first.world, request.settings, request.tell)
    if arrived is None:
        require_same_pins(pins, first.world)

    unchanged = request.with_world(operation=operation)
    last_look = LastLook(unchanged.world, None if arrived else pins, operation, words)
    second = request.with_world(at=time.time(), operation=operation)
    allowed = _judge_pinned(second, expected)
    if allowed is None:
        return None
    judged, logged = allowed
    last_look.read = judged.observation.read
    if arrived is None:
        require_same_pins(pins, second.world)
    holds = gate.summary(judged.report)["pass"]
    request.tell(f"{operation.name} in {request.environment.name} is allowed: {holds} policies hold")
    return Clearance(second.world, pins, last_look, logged)


def judge_and_log(request: GuardedRequest, policies: Sequence[PolicySetting]) -> tuple[Judged, Head]:
    """Judge the operation in the request's world, and log the report. Raises AuditError when it cannot be logged."""
    world, settings, operation = request.world, request.settings, request.operation
    when = moment(operation.name, after=operation.after)
    judged = judge(policies, world, settings, moment=when, jobs=request.jobs, witnessed=True)
    head = audit.log_report(judged.report, settings, request.environment, moment=when, at=world.at, kind="run")
    return judged, head


def _judge_pinned(request: GuardedRequest, expected: tuple[str | None, str | None]) -> tuple[Judged, Head] | None:
    """Judge what must hold before; None when it does not, and that was shown.

    Raises CannotKnow unless HEAD and the candidate that were judged are the expected commits.
    """
    judged, head = judge_and_log(request, request.before)
    report = judged.report
    if report.exit_code != ALLOW:
        request.show(report)
        request.tell(f"{request.operation.name} in {request.environment.name} is refused; nothing was run")
        return None
    if report.subject is None or (report.subject.commit, report.subject.candidate) != expected:
        raise CannotKnow("HEAD or the candidate moved while it was checked; nothing was run, try again")
    return judged, head

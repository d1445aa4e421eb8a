"""The one way from a request to an answer: for every command, every hook, and programs that import guardrails.

    report = guardrails.check(environment="prod", operation="promote", candidate="release/memory-v1")
    if report.exit_code: ...

Each answer is in the audit log before anybody can take it for a permission.
"""

from __future__ import annotations

import os
import time

from guardrails.engine.judge import Unwatched, do_nothing, judge
from guardrails.errors import GuardrailsError, UsageError
from guardrails.exit_codes import UNDECIDED
from guardrails.model import Verdict
from guardrails.request import Question, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from guardrails.audit.chain import Head
    from guardrails.engine.judge import Watch
    from guardrails.facts.approval.verdicts import CarriedVerdict
    from guardrails.model import Report
    from guardrails.operations.evidence.verify_verdict import Verification
    from guardrails.operations.planning.plan import Plan

    Tell = Callable[[str], None]

_MOVES = 20  # refs of a push that are logged


def check(**fields: Any) -> Report:
    """Judge an environment as `guardrails check` does, and give the report; `fields` are those of `Request`.

    The report's `exit_code` is 0 when the verdict is allow. Raises UsageError, ConfigurationError or PluginError, all
    of them GuardrailsError, for a question that makes no sense. Policies are judged in a forked process, so a program
    with threads asks before it starts them.
    """
    return answer(Question(Request(**fields), time.time()))


def answer(
    question: Question,
    *,
    watch: Watch = Unwatched,
    meanwhile: Callable[[], object] = do_nothing,
    tell: Tell = do_nothing,
) -> Report:
    """Judge what applies, and log the verdict.

    `watch` shows how far it has come; `meanwhile` is done while another process looks at the world. `tell` gets a line
    on what is wrong with the log, which is in the report too when it makes the verdict undecided.
    """

    def load() -> None:
        from guardrails.operations import audit  # noqa: F401  # what `log` needs

        meanwhile()

    chosen, left_out = question.narrowed()
    judged = judge(
        [*chosen, *question.always],
        question.world,
        question.settings,
        moment=question.moment,
        jobs=question.request.jobs,
        started=question.started,
        left_out=left_out,
        watch=watch,
        meanwhile=load,
    )
    return log(judged.report, question, tell)


def log(report: Report, question: Question, tell: Tell = do_nothing) -> Report:
    """Log a verdict, and give the report that holds then: what cannot be logged is undecided."""
    from guardrails.operations import audit
    from guardrails.wording.shown_text import visible

    try:
        head = audit.log_report(
            report,
            question.settings,
            question.environment,
            moment=question.moment,
            at=question.world.at,
            **_pushed(question),
        )
    except GuardrailsError as error:
        trouble = visible(str(error))
        if trouble not in report.errors:
            tell(trouble)
        errors = tuple(dict.fromkeys((*report.errors, trouble)))
        return report.replaced(verdict=Verdict.DENY, exit_code=UNDECIDED, errors=errors)
    question.logged = head
    _tell_mended(head, tell)
    return report


def _pushed(question: Question) -> dict[str, Any]:
    """What a push moves, as it is logged: the ref, what it named and what it is to name, of so many refs."""
    updates = question.request.updates
    if not updates:
        return {}
    from guardrails.wording.shown_text import storable

    return {"moves": [storable(f"{one.ref} {one.old} {one.new}") for one in updates[:_MOVES]]}


def _tell_mended(head: Head, tell: Tell) -> None:
    """Say that the log had a torn end, if it had one."""
    from guardrails.wording.shown_text import visible

    if head.mended:
        tell(visible(head.mended))


def plan(question: Question, *, watch: Watch = Unwatched) -> Plan:
    """What the operation of a question would do, and the report of the check before it. Raises as `check`."""
    from guardrails.operations.planning.plan import foresee

    chosen = [*question.applicable(), *question.always]
    return foresee(chosen, question.world, question.settings, jobs=question.request.jobs, watch=watch)


def verify(request: Request, path: str, tell: Tell = do_nothing) -> Verification:
    """Whether the carried verdict in a file still holds, logged.

    The operation and the candidate of the request are those that the verdict must be for; without them it may be for
    any. Raises as `check`, and AuditError when the answer cannot be logged.
    """
    from guardrails.facts.approval.verdicts import read
    from guardrails.operations.evidence.verify_verdict import Verification, clean_text
    from guardrails.operations.evidence.verify_verdict import log as log_verification
    from guardrails.operations.evidence.verify_verdict import verify as compared

    started = time.time()
    try:
        verdict = read(path)
    except GuardrailsError as error:
        question = Question(request, started)
        rules, name = question.settings, question.environment.name
        found = Verification(path, name, errors=(clean_text(str(error)),), digest=rules.digest, source=rules.source)
    else:
        question = Question(_fill_in(request, verdict), started)
        found = compared(
            verdict, question.settings, question.world, moment=question.moment, candidate=request.candidate
        )
    _tell_mended(log_verification(found, question.settings, question.world, moment=question.moment), tell)
    return found


def _fill_in(request: Request, verdict: CarriedVerdict) -> Request:
    """The request with what it leaves open filled in from the verdict."""
    from guardrails.config.settings import STANDING

    candidate = request.candidate if request.candidate is not None else verdict.named
    request = request.replaced(candidate=candidate)
    if request.operation or verdict.moment == STANDING:
        return request
    after = verdict.moment.startswith("after ")
    return request.replaced(operation=verdict.moment.removeprefix("after "), after=after)


def run(
    request: Request,
    command: tuple[str, ...],
    *,
    resume: bool,
    tell: Tell,
    show: Callable[[Report], None],
) -> int:
    """Run the operation of a request guarded, and give the exit code of `guardrails run`.

    `command` stands in for the operation's own steps. `tell` gets a line for whoever watches, `show` each report that
    does not allow it. Raises as `check`, before anything was run.
    """
    from guardrails.config.settings import moment, select_policies
    from guardrails.operations.guarded_run.guarded_request import GuardedRequest
    from guardrails.operations.guarded_run.run import run_guarded

    if request.at is not None:
        raise UsageError("--at looks at another time than the one at which things are run; use guardrails plan")
    question = Question(request, time.time())
    environment, guardrails = question.environment.name, question.world.guardrails
    after = select_policies(question.settings, environment, moment(request.operation, after=True))
    guarded = GuardedRequest(
        world=question.world,
        settings=question.settings,
        before=(*question.applicable(), *question.always),
        after=(*after, *question.always),
        command=command,
        folder=os.getcwd(),
        jobs=request.jobs,
        resume=resume,
        typed=lambda operation: guardrails.line("run", operation, "--env", environment),
        rollback=_way_back(question),
        tell=tell,
        show=show,
    )
    return run_guarded(guarded)


def _way_back(question: Question) -> str:
    """The operation of this environment that leads to the recorded commit; empty when there is none."""
    where = (None, question.environment.name)
    operations = sorted(question.settings.operations.items())
    back = (name for name, one in operations if one.moves_head_to == "previous" and one.environment in where)
    return next(back, "")

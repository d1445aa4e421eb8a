"""What a command puts into an HTML page beside its own answer: what is known of the environment's past."""

from __future__ import annotations

from guardrails.errors import GuardrailsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from guardrails.model import Report
    from guardrails.operations.planning.plan import Plan
    from guardrails.request import Question


def page_maker(question: Question | None) -> Callable[[Report], str]:
    """What makes the page of a report on a question; without one, when none was understood, there is no timeline."""
    return lambda report: render_report(report, question)


def render_report(report: Report, question: Question | None, *, plan: Plan | None = None) -> str:
    """The page of a report, or of a plan with its report."""
    from guardrails.reporters.page.page import render_page
    from guardrails.reporters.page.page_data import data_of_report

    moment = question.moment if question else report.operation or "standing"
    record = question.logged.number if question and question.logged else None
    log = _read_log(question, record)
    moves = _read_moves(question)
    return render_page(data_of_report(report, moment=moment, record=record, plan=plan, log=log, moves=moves))


def _read_moves(question: Question | None) -> dict[str, Any] | None:
    """The JSON history of the environment; None where it cannot be had."""
    import json

    from guardrails.engine.gather import gather_fact
    from guardrails.facts.past.past import Past
    from guardrails.reporters.history_report import History, as_json

    if question is None or question.world.log is None:
        return None
    world = question.world
    try:
        past = gather_fact(Past, world, None)
    except GuardrailsError:
        return None
    found: dict[str, Any] = json.loads(as_json(History(world.environment.name, past, guardrails=world.guardrails)))
    return found


def _read_log(question: Question | None, upto: int | None) -> dict[str, Any] | None:
    from guardrails.reporters.page.logged_verdicts import read_verdicts

    if question is None or question.world.log is None:
        return None
    return read_verdicts(question.world.log, question.environment.name, upto=upto)

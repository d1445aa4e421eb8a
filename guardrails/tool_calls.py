"""An agent's tool call judged: its text becomes actions, and each environment's policies say what they think of them.

A call that touches no guarded place is free: no policy is asked, and nothing is logged. Of the other calls only refused
ones are logged, in the log of each environment that refuses them.
"""

from __future__ import annotations

import os
import time

from guardrails import config
from guardrails.calls import Place
from guardrails.config import places
from guardrails.config.settings import environment_named, select_policies
from guardrails.engine import gate
from guardrails.engine.judge import Unwatched, do_nothing, judge
from guardrails.errors import CannotKnow, GuardrailsError
from guardrails.exit_codes import ALLOW, DENY, UNDECIDED
from guardrails.hosts.kinds import guarding_files
from guardrails.model import Verdict
from guardrails.request import Question, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from guardrails.calls import Action, Call
    from guardrails.config.settings import Settings
    from guardrails.engine.judge import Watch
    from guardrails.facts.tool_call.commands import Reading
    from guardrails.model import Report

OPERATION = "tool-call"  # what the operation is called, and the moment in `when`
_LOGGED = 50  # actions of one refusal
_LONGEST = 2000  # characters of the words of one action that are shown and logged


def vet(
    calls: Sequence[Call],
    request: Request,
    *,
    settings: Settings | None = None,
    watch: Watch = Unwatched,
    tell: Callable[[str], None] = do_nothing,
) -> Report:
    """Judge the calls that make up one tool call, as a request says by which configuration and within which time.

    The report's exit code is 0 when nothing speaks against it, which approves nothing. `settings` take the place of
    those that the request names. `tell` gets a line on what is wrong with a log. Raises as `judgement.check` does.
    """
    started = time.time()
    settings = config.settings_at(settings or config.load(request.config), now=started, at=started)
    return judge_actions(
        actions_in(calls, settings, request), request, settings, started=started, watch=watch, tell=tell
    )


def actions_in(calls: Sequence[Call], settings: Settings, request: Request) -> tuple[Action, ...]:
    """What the calls would do to the places that the settings guard, in the order of the calls."""
    from guardrails.facts.programs.side_by_side import run_to_end
    from guardrails.facts.tool_call.actions import actions_of, actions_of_write
    from guardrails.facts.tool_call.places import guarded_places
    from guardrails.facts.tool_call.shell_reading import read_call

    home, variables = places.home(), dict(os.environ)
    guarded = guarded_places(settings.environments, home=home, files=guard_files(settings), variables=variables)
    found: list[Action] = []
    for call in calls:
        if call.write is not None:
            found += actions_of_write(call, guarded)
            continue
        try:
            reading: Reading = run_to_end(read_call(call, home=home, variables=variables, timeout=request.timeout))
        except CannotKnow as error:
            reading = _unread(call, str(error))
        found += actions_of(reading, guarded, settings.programs, call.shell or "")
    return tuple(dict.fromkeys(found))


def _unread(call: Call, why: str) -> Reading:
    """A call that cannot be read, as all that is known of it: what it names, as written and as a shell joins it."""
    from guardrails.facts.tool_call.commands import Reading, Untold

    text = call.shell if call.shell is not None else " ".join(call.argv or ())
    joined = text.translate(dict.fromkeys(map(ord, "'\"\\")))
    return Reading(untold=(Untold(why, f"{text}\n{joined}", call.folder, text[:_LONGEST]),))


def guard_files(settings: Settings) -> Iterator[Place]:
    """The files by which the guard itself is set: its configuration, waivers, keys, logs and hosts."""
    configurations = (
        settings.source,
        *settings.extended,
        places.user_configuration(),
    )  # the last one may be made at any time
    for path in dict.fromkeys(filter(os.path.isabs, configurations)):
        yield Place("configuration", None, path)
    if waivers := places.find_waivers(settings.source if os.path.isabs(settings.source) else None):
        yield Place("waivers", None, waivers)
    for path in filter(None, (settings.trust.allowed_signers, settings.trust.revoked)):
        yield Place("signers", None, path)
    for name, environment in settings.environments.items():
        yield Place("log", name, settings.audit.log_of(environment))
    for path in guarding_files(places.home(), settings.environments.values()):
        yield Place("host", None, path)


def judge_actions(
    actions: Sequence[Action],
    request: Request,
    settings: Settings,
    *,
    started: float,
    watch: Watch = Unwatched,
    tell: Callable[[str], None] = do_nothing,
) -> Report:
    """Judge actions by the policies of each environment that they touch, and give one report of all."""
    reports = []
    for environment, concerned in _by_environment(actions, settings):
        asked = request.replaced(environment=environment, operation=OPERATION, actions=concerned)
        question = Question(asked, started, settings=settings)
        policies = question.applicable()
        report = judge(
            policies,
            question.world,
            settings,
            moment=OPERATION,
            jobs=request.jobs,
            started=started,
            watch=watch,
        ).report.replaced(actions=concerned)
        reports.append(_log(clean_report(report), question, tell) if report.exit_code else report)
    return _merge(reports, tuple(actions), settings, started)


def is_judged(settings: Settings, environment: str) -> bool:
    """Whether any policy of an environment is asked about a tool call."""
    return bool(select_policies(settings, environment, OPERATION))


def _by_environment(actions: Sequence[Action], settings: Settings) -> list[tuple[str, tuple[Action, ...]]]:
    """Each environment that is touched, with the actions that concern it, in the order of the configuration.

    An action on a file that guards all of them concerns the first environment that asks about tool calls. An
    environment that asks about none is skipped, as long as another one asks; where none does, the call cannot be
    decided.
    """
    asking = [name for name in settings.environments if is_judged(settings, name)]
    touched = [action.environment for action in actions if action.environment is not None]
    asked = asking or [environment_named(settings, name).name for name in dict.fromkeys(touched)]
    asked = asked or list(settings.environments)[:1]
    found = []
    for number, name in enumerate(asked):
        mine = tuple(one for one in actions if one.environment == name or (one.environment is None and number == 0))
        if mine:
            found.append((name, mine))
    return found


def _merge(reports: Sequence[Report], actions: tuple[Action, ...], settings: Settings, started: float) -> Report:
    """Make one report of those on each environment: it denies when one of them does. Without any it has no opinion."""
    if len(reports) == 1:
        return reports[0]
    whole = gate.weigh(
        (decision for report in reports for decision in report.decisions),
        errors=[error for report in reports for error in report.errors],
        operation=OPERATION,
        settings=settings,
        started=started,
    )
    codes = {report.exit_code for report in reports}
    code = DENY if DENY in codes else UNDECIDED if UNDECIDED in codes else ALLOW
    verdict = Verdict.DENY if code else Verdict.ALLOW
    whole = whole.replaced(exit_code=code, verdict=verdict, actions=actions)
    return clean_report(whole) if code else whole


def _log(report: Report, question: Question, tell: Callable[[str], None]) -> Report:
    """Log a refusal. It stays one when the log cannot be written."""
    from guardrails.operations import audit
    from guardrails.wording.shown_text import visible

    names = ("kind", "place", "path", "words", "why")
    actions = [{name: getattr(one, name) for name in names} for one in (report.actions or ())[:_LOGGED]]
    try:
        audit.log_report(
            report,
            question.settings,
            question.environment,
            moment=OPERATION,
            at=question.world.at,
            kind="refusal",
            actions=actions,
        )
    except GuardrailsError as error:
        trouble = visible(str(error))
        tell(trouble)
        return report.replaced(errors=(*report.errors, trouble))
    return report


def clean_report(report: Report) -> Report:
    """The report with actions that hold no secret and that every reader takes."""
    return report.replaced(actions=tuple(_clean_action(action) for action in report.actions or ()))


def _clean_action(action: Action) -> Action:
    """An option and its value are two words, and a secret only together."""
    from shlex import join, split

    from guardrails.wording.shown_text import redact, storable

    line = storable(join(action.words))[:_LONGEST]
    shown = redact(line)
    try:
        words = action.words if shown == join(action.words) else tuple(split(shown))
    except ValueError:  # it was cut within a word, or replaced across one
        words = (shown,)
    return action.replaced(words=words, path=redact(storable(action.path)), why=redact(storable(action.why)))

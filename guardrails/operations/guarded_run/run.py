"""A guarded run: lock, pin, check, save, check again, do it step by step, check what came of it, record.

A run does nothing before every policy of the moment has allowed it twice (`judge_twice.py`), and nothing while an
earlier run is not finished (`unfinished_runs.py`). Right before the command it looks again at names and at the files
that were read. The command gets the pinned ids, so a name that moves later changes nothing.
"""

from __future__ import annotations

import time

from guardrails.engine.gather import gather_fact
from guardrails.errors import GuardrailsError, UsageError
from guardrails.exit_codes import ALLOW, REFUSED, UNVERIFIED
from guardrails.facts.git.checkout import Checkout
from guardrails.operations import audit
from guardrails.operations.guarded_run import journal as journals
from guardrails.operations.guarded_run import unfinished_runs
from guardrails.operations.guarded_run.bring_commits import bring_commits
from guardrails.operations.guarded_run.judge_twice import judge_and_log, judge_twice
from guardrails.operations.guarded_run.last_look import require_same_pins
from guardrails.operations.guarded_run.lock import hold_lock
from guardrails.operations.guarded_run.step_environment import command_variables, overridden_variables
from guardrails.operations.guarded_run.steps import Steps, Watcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.operations.guarded_run.guarded_request import GuardedRequest
    from guardrails.operations.guarded_run.journal import Journal
    from guardrails.operations.guarded_run.judge_twice import Clearance


def run_guarded(request: GuardedRequest) -> int:
    """Run it under the lock, and give the exit code of `guardrails run`.

    Raises UsageError and CannotKnow when it is refused before anything was done.
    """
    request = _with_own_variables(request)
    operation, world = request.operation, request.world
    git_dir = gather_fact(Checkout, world).git_dir
    with hold_lock(git_dir, f"{operation.name} in {request.environment.name}", home=world.home):
        earlier = journals.find_newest(git_dir)
        if request.resume:
            journal, request = unfinished_runs.require_resumable(earlier, request)
            clearance = _go_on(request, journal)
            if clearance is None:
                return REFUSED
        else:
            unfinished_runs.require_no_unfinished(earlier, request)
            clearance = judge_twice(request, request.require_steps())
            if clearance is None:
                return REFUSED
            journal = _begin(request, clearance, git_dir)
        return _do_steps(request, clearance, journal)


def _with_own_variables(request: GuardedRequest) -> GuardedRequest:
    """The request with the variables that a command gets, and a line for each that was inherited otherwise."""
    own, inherited = request.own_variables(), request.world.variables
    for name in overridden_variables(inherited, own):
        request.tell(f"{name} was inherited with another value; the command gets that of {request.environment.name}")
    return request.with_world(variables=command_variables(inherited, own))


def _begin(request: GuardedRequest, clearance: Clearance, git_dir: str) -> Journal:
    """Bring what the steps work on, and start a journal of what was allowed."""
    operation, environment, pins = request.operation, request.environment, clearance.pins
    if operation.candidate_from is not None and pins.candidate is not None:
        bring_commits(environment, operation.candidate_from, pins.candidate)
        require_same_pins(pins, clearance.world)
    audit.anchor(clearance.world, clearance.logged)
    now = time.time()
    entry = journals.JournalEntry(
        operation=operation.name,
        environment=environment.name,
        candidate=operation.candidate,
        pins={**pins.ids(), "target": pins.target(operation.moves_head_to)},
        steps=request.require_steps(),
        folder=request.command_folder or environment.repo,
        quiet=not request.command,
        head=pins.head,
        moves=operation.moves_head_to or "",
    )
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03}"
    return journals.begin(git_dir, entry, stamp)


def _go_on(request: GuardedRequest, journal: Journal) -> Clearance | None:
    """Judge what is left of an unfinished run, and note it in its journal; None when it is not allowed.

    Raises UsageError when the commits that it worked on have moved.
    """
    entry, steps = journal.entry, request.require_steps()
    arrived = unfinished_runs.pins_after_arrival(entry, request.world)
    clearance = judge_twice(request, steps, arrived=arrived)
    if clearance is None:
        return None
    ids = clearance.pins.ids()
    if arrived is None and any(entry.pins.get(name) != commit for name, commit in ids.items()):
        raise UsageError("what it would work on has moved since; run it without --resume")
    folder = request.command_folder
    pins = {**ids, "target": entry.pins.get("target")}
    journal.note(steps=steps, folder=folder or request.environment.repo, pins=pins)
    left = f"step {entry.done + 1} of {len(steps)}" if entry.done < len(steps) else "the check afterwards"
    kept = "" if folder else f"; the output of its steps is kept in {journal.folder}"
    request.tell(f"going on with {left}{kept}")
    return clearance


def _do_steps(request: GuardedRequest, clearance: Clearance, journal: Journal) -> int:
    """Do the steps that are left, check what must hold afterwards, and log how it ended."""
    operation = request.operation
    resume = unfinished_runs.resume_line(request.typed(operation.name), journal.entry)
    watcher = Watcher(request.tell, resume, unfinished_runs.undo_line(request, operation.moves_head_to))
    steps = Steps(journal, clearance.world, request.settings, watcher, clearance.last_look.require_same)
    return _log_end(request, journal, steps.run() or _verify_after(request, journal, watcher))


def _verify_after(request: GuardedRequest, journal: Journal, watcher: Watcher) -> int:
    """Check what must hold after the steps, and note that the run is finished."""
    operation, candidate = request.operation, journal.entry.pins.get("candidate")
    request = request.with_world(at=time.time(), operation=operation.replaced(after=True, candidate=candidate))
    if request.after:
        report = judge_and_log(request, request.after)[0].report
        if report.exit_code != ALLOW:
            request.show(report)
            watcher.tell_what_next(f"{operation.name} is done, but what must hold after it does not", moved=True)
            return UNVERIFIED
    journal.note(finished=True)
    verified = ", and verified" if request.after else ""
    request.tell(f"{operation.name} in {request.environment.name} is done{verified}")
    return 0


def _log_end(request: GuardedRequest, journal: Journal, code: int) -> int:
    """Log how it ended. A log that fails undoes nothing: it is reported, and the run is no success."""
    entry = journal.entry
    said = {"operation": entry.operation, "ended": code, "steps_done": entry.done, "pins": dict(entry.pins)}
    try:
        audit.anchor(request.world, audit.log(request.settings, request.environment, "run", said))
    except GuardrailsError as error:
        request.tell(f"how it ended could not be logged: {error}")
        return code or UNVERIFIED
    return code

"""What an earlier run that is not finished means for the one that is to begin.

A run that has moved HEAD and is not finished is gone on with, or gone back from; nothing else begins before that.
"""

from __future__ import annotations

from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.refs import read_tracking_ref
from guardrails.facts.operation.candidate import Candidate
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.operations.guarded_run.journal import is_step_running
from guardrails.operations.guarded_run.pins import Pins
from guardrails.operations.guarded_run.steps import record_arrival

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from guardrails.config.settings import Settings
    from guardrails.operations.guarded_run.guarded_request import GuardedRequest
    from guardrails.operations.guarded_run.journal import Journal, JournalEntry
    from guardrails.policy import World


def require_no_unfinished(earlier: Journal | None, request: GuardedRequest) -> None:
    """Raise UsageError when an earlier run has moved HEAD and is not finished, unless this one leads back from it.

    Raises CannotKnow while a step of it still runs.
    """
    if earlier is None or earlier.entry.finished:
        return
    _require_not_running(earlier)
    entry, world = earlier.entry, request.world
    leads_back = request.operation.moves_head_to == "previous"
    led_to = _leads_to(entry, request.settings)
    if leads_back and led_to != "previous":
        record_arrival(earlier, world, request.settings)  # it may have been killed before it could
    elif has_moved(entry, world):
        raise UsageError(_describe_unfinished(entry, request.typed, undo_line(request, led_to)))


def require_resumable(earlier: Journal | None, request: GuardedRequest) -> tuple[Journal, GuardedRequest]:
    """The journal to go on with, and the request with the candidate that it had, when everything is where it was left.

    Raises UsageError when there is nothing to resume, or the steps that are done were others, and CannotKnow when a
    step still runs or HEAD is elsewhere.
    """
    operation, environment = request.operation, request.environment
    asked = (operation.name, environment.name)
    if earlier is None or earlier.entry.finished or (earlier.entry.operation, earlier.entry.environment) != asked:
        raise UsageError(
            f"there is no unfinished {operation.name} of {environment.name} to resume; run it without --resume"
        )
    _require_not_running(earlier)
    entry = earlier.entry
    _require_same_steps(entry, request.require_steps(), own=bool(request.command))
    _require_in_place(entry, request.world)
    return earlier, request.with_world(operation=operation.replaced(candidate=operation.candidate or entry.candidate))


def has_moved(entry: JournalEntry, world: World) -> bool:
    """Whether HEAD is where the earlier run has taken it; when somebody else took it elsewhere, policies judge that."""
    now, target = gather_fact(Checkout, world).commit, entry.pins.get("target")
    return target is not None and now in (entry.head, target) and now != entry.pins.get("head")


def pins_after_arrival(entry: JournalEntry, world: World) -> Pins | None:
    """The meaning of a run's names once HEAD is where it leads; None when it is not there.

    From the journal's pins only the former HEAD counts, which no other source can tell.
    """
    checkout, before, operation = gather_fact(Checkout, world), entry.pins.get("head"), world.operation
    moves = operation.moves_head_to if operation else None
    if operation is None or moves is None or before in (None, checkout.commit):
        return None
    if checkout.commit != entry.pins.get("target"):
        return None
    has_candidate = operation.candidate is not None or moves == "candidate"
    ref = world.environment.upstream
    commits = {
        "candidate": gather_fact(Candidate, world).commit if has_candidate else None,
        "upstream": run_to_end(read_tracking_ref(checkout.git, ref)) if ref else None,
        "previous": before,
    }
    if moves == "candidate" and commits[moves] != checkout.commit:
        return None
    commits[moves] = checkout.commit
    return Pins(checkout.git.path, checkout.git_dir, before or "", checkout.branch, **commits)


def resume_line(typed: str, entry: JournalEntry) -> str:
    """What to type to go on with a run; a command of the caller's is not in the configuration, so it is given again."""
    return f"{typed} --resume" if entry.quiet else f"{typed} --resume -- {entry.steps[0]}"


def undo_line(request: GuardedRequest, moves_head_to: str | None) -> str:
    """What to type to undo an operation that leads there, empty when no operation does.

    An operation that leads back is not undone by going back.
    """
    return request.typed(request.rollback) if moves_head_to != "previous" and request.rollback else ""


def _leads_to(entry: JournalEntry, settings: Settings) -> str | None:
    """Where a run leads HEAD; an old journal does not say, and then the configuration does."""
    configured = settings.operations.get(entry.operation)
    return entry.moves or (configured.moves_head_to if configured else None)


def _describe_unfinished(entry: JournalEntry, typed: Callable[[str], str], undo: str) -> str:
    """What to say of a run that has moved HEAD and is not finished: how to go on, and how to go back if that can be."""
    done = f"{entry.done} of {len(entry.steps)} steps are done"
    back = f", or back with `{undo}`" if undo else ""
    resume = resume_line(typed(entry.operation), entry)
    return f"{entry.operation} is not finished ({done}): go on with `{resume}`{back}"


def _require_not_running(journal: Journal) -> None:
    """Raise CannotKnow while the step under way lives on, as it does when only the run itself was killed."""
    entry = journal.entry
    if is_step_running(entry):
        kept = f"; its output is kept in {journal.output(entry.done + 1)}" if entry.quiet else ""
        raise CannotKnow(
            f"step {entry.done + 1} of {entry.operation} still runs as process {entry.running}{kept}; "
            "wait until it is over"
        )


def _require_same_steps(entry: JournalEntry, steps: tuple[str, ...], *, own: bool) -> None:
    """Raise UsageError unless these were the steps of a run, at least those that are done.

    A journal gives no orders: what is left is what the configuration says, or with `own` the caller, now.
    """
    if own == entry.quiet:
        had = "the steps of the configuration" if entry.quiet else "a command of its own"
        raise UsageError(f"the {entry.operation} to resume had {had}; give the same again, or run it without --resume")
    if steps[: entry.done] != entry.steps[: entry.done] or (own and steps != entry.steps):
        raise UsageError("the steps that are done were others; run it without --resume")


def _require_in_place(entry: JournalEntry, world: World) -> None:
    """Raise CannotKnow unless HEAD is where the run left it, or where the step that was cut short leads."""
    checkout, target = gather_fact(Checkout, world), entry.pins.get("target")
    places = [entry.head, *([target] if target and entry.running else [])]
    branches = (entry.pins.get("branch"), world.environment.branch)  # a recovery leads to the second
    if checkout.commit not in places or checkout.branch not in branches:
        raise CannotKnow(f"HEAD is at {checkout.commit}, not at {entry.head} where {entry.operation} left it")

"""What an earlier run that is not finished means for the one that is to begin."""

from __future__ import annotations

from guardrails.engine.gather import gathered
from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.refs import tracked
from guardrails.facts.operation.candidate import Candidate
from guardrails.facts.programs.side_by_side import finished
from guardrails.operations.guarded_run.journal import alive
from guardrails.operations.guarded_run.pins import Pins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.operations.guarded_run.journal import Entry, Journal
    from guardrails.policy import World


def not_running(journal: Journal) -> None:
    """Raise CannotKnow while the step under way lives on, as it does when only the run itself was killed."""
    entry = journal.entry
    if alive(entry):
        kept = f"; its output is kept in {journal.output(entry.done + 1)}" if entry.quiet else ""
        raise CannotKnow(
            f"step {entry.done + 1} of {entry.operation} still runs as process {entry.running}{kept}; "
            "wait until it is over"
        )


def resumable(earlier: Journal | None, operation: str, environment: str) -> Journal:
    """The journal of an unfinished operation, of which nothing runs. Raises UsageError without one, or CannotKnow."""
    entry = earlier.entry if earlier else None
    if (
        earlier is None
        or entry is None
        or entry.finished
        or (entry.operation, entry.environment) != (operation, environment)
    ):
        raise UsageError(f"there is no unfinished {operation} of {environment} to resume; run it without --resume")
    not_running(earlier)
    return earlier


def going_on(typed: str, entry: Entry) -> str:
    """What to type to go on with a run; a command of the caller's is not in the configuration, so it is given again."""
    return f"{typed} --resume" if entry.quiet else f"{typed} --resume -- {entry.steps[0]}"


def require_same(entry: Entry, steps: tuple[str, ...], *, own: bool) -> None:
    """Raise UsageError unless these were the steps of a run, at least those that are done.

    A journal gives no orders: what is left is what the configuration says, or with `own` the caller, now.
    """
    if own == entry.quiet:
        had = "the steps of the configuration" if entry.quiet else "a command of its own"
        raise UsageError(f"the {entry.operation} to resume had {had}; give the same again, or run it without --resume")
    if steps[: entry.done] != entry.steps[: entry.done] or (own and steps != entry.steps):
        raise UsageError("the steps that are done were others; run it without --resume")


def has_moved(entry: Entry, world: World) -> bool:
    """Whether HEAD is where the earlier run has taken it; when somebody else took it elsewhere, policies judge that."""
    now, target = gathered(Checkout, world).commit, entry.pins.get("target")
    return target is not None and now in (entry.head, target) and now != entry.pins.get("head")


def arrived(entry: Entry, world: World) -> Pins | None:
    """What the names of a run mean now that HEAD is where it leads; None when it is not.

    Of the journal's pins only where HEAD was before counts, which nothing else can tell.
    """
    checkout, before, operation = gathered(Checkout, world), entry.pins.get("head"), world.operation
    moves = operation.moves_head_to if operation else None
    if operation is None or moves is None or before in (None, checkout.commit):
        return None
    if checkout.commit != entry.pins.get("target"):
        return None
    named = operation.candidate is not None or moves == "candidate"
    ref = world.environment.upstream
    commits = {
        "candidate": gathered(Candidate, world).commit if named else None,
        "upstream": finished(tracked(checkout.git, ref)) if ref else None,
        "previous": before,
    }
    if moves == "candidate" and commits[moves] != checkout.commit:
        return None
    commits[moves] = checkout.commit
    return Pins(checkout.git.path, checkout.git_dir, before or "", checkout.branch, **commits)


def unfinished(entry: Entry, typed: str, way_back: str) -> str:
    """What to say of a run that has moved HEAD and is not finished: how to go on, and how to go back if that can be."""
    done = f"{entry.done} of {len(entry.steps)} steps are done"
    back = f", or back with `{way_back}`" if way_back else ""
    return f"{entry.operation} is not finished ({done}): go on with `{going_on(typed, entry)}`{back}"


def is_where_it_was(entry: Entry, world: World) -> None:
    """Raise CannotKnow unless HEAD is where the run left it, or where the step that was cut short leads."""
    checkout, target = gathered(Checkout, world), entry.pins.get("target")
    places = [entry.head, *([target] if target and entry.running else [])]
    branches = (entry.pins.get("branch"), world.environment.branch)  # a recovery leads to the second
    if checkout.commit not in places or checkout.branch not in branches:
        raise CannotKnow(f"HEAD is at {checkout.commit}, not at {entry.head} where {entry.operation} left it")

"""What an earlier run that is not finished means for the one that is to begin."""

from __future__ import annotations

from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.repository import Checkout
from guardrails.gather import gathered
from guardrails.operations.journal import alive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.operations.journal import Entry
    from guardrails.policy import World


def not_running(entry: Entry) -> None:
    """Raise CannotKnow while the step under way lives on, as it does when only the run itself was killed."""
    if alive(entry):
        raise CannotKnow(
            f"step {entry.done + 1} of {entry.operation} still runs as process {entry.running}; wait until it is over"
        )


def going_on(typed: str, entry: Entry) -> str:
    """What to type to go on with a run; a command of the caller's is not in the configuration, so it is given again."""
    return f"{typed} --resume" if entry.quiet else f"{typed} --resume -- {entry.steps[0]}"


def require_same(entry: Entry, steps: tuple[str, ...], *, own: bool) -> None:
    """Raise UsageError unless a run had these steps, at least those that are done; `own`: they are the caller's command.

    What the journal says is done by nobody's order: the configuration, or whoever types, says it again.
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


def is_where_it_was(entry: Entry, world: World) -> None:
    """Raise CannotKnow unless HEAD is where the run left it, or where the step that was cut short leads."""
    checkout, target = gathered(Checkout, world), entry.pins.get("target")
    places = [entry.head, *([target] if target and entry.running else [])]
    if checkout.commit not in places or checkout.branch != entry.pins.get("branch"):
        raise CannotKnow(f"HEAD is at {checkout.commit}, not at {entry.head} where {entry.operation} left it")

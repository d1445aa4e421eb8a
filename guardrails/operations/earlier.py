"""What an earlier run that is not finished means for the one that is to begin."""

from __future__ import annotations

from guardrails.errors import CannotKnow
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


def has_moved(entry: Entry, world: World) -> bool:
    """Whether HEAD is where the earlier run has taken it; when somebody else took it elsewhere, policies judge that."""
    now, target = gathered(Checkout, world).commit, entry.pins.get("target")
    return target is not None and now in (entry.head, target) and now != entry.pins.get("head")


def unfinished(entry: Entry, typed: str, way_back: str) -> str:
    """What to say of a run that has moved HEAD and is not finished: how to go on, and how to go back if that can be."""
    done = f"{entry.done} of {len(entry.steps)} steps are done"
    back = f", or back with `{way_back}`" if way_back else ""
    return f"{entry.operation} is not finished ({done}): go on with `{typed} --resume`{back}"


def is_where_it_was(entry: Entry, world: World) -> None:
    """Raise CannotKnow unless HEAD is where the run left it, or where the step that was cut short leads."""
    checkout, target = gathered(Checkout, world), entry.pins.get("target")
    places = [entry.head, *([target] if target and entry.running else [])]
    branches = (entry.pins.get("branch"), world.environment.branch)  # a recovery leads to the second
    if checkout.commit not in places or checkout.branch not in branches:
        raise CannotKnow(f"HEAD is at {checkout.commit}, not at {entry.head} where {entry.operation} left it")

"""A second look, directly before the first command, at all on which a guarded run was judged."""

from __future__ import annotations

from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.witness import require_unchanged, state_of
from guardrails.facts.worktree.at_risk import Standing
from guardrails.operations.guarded_run.pins import Pins
from guardrails.operations.guarded_run.plain_git import names_git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from guardrails.facts.witness import State
    from guardrails.model import Operation
    from guardrails.policy import World


class LastLook:
    """Names, files that were read, and the work tree where a step may change it; each is what was judged, or is not.

    `read` are the files that the judgement rests on, to be set when it is done.
    """

    def __init__(self, world: World, pins: Pins | None, operation: Operation, steps: Sequence[str]) -> None:
        self._world = world
        self._pins = pins
        self._target = None  # of a candidate: git refuses to merge over files of that name
        if pins is not None and operation.moves_head_to != "candidate":
            self._target = pins.target(operation.moves_head_to)
        self._standing = gather_fact(Standing, world, self._target).paths if names_git(steps) else None
        self.read: Mapping[str, State] = {}

    def require_same(self) -> None:
        """Raise CannotKnow unless all is as it was. HEAD is compared last, since that is fast."""
        looked_at = dict(self.read)
        if self._pins is not None:
            looked_at |= {path: state_of(path) for path in gather_fact(Checkout, self._world).head_files()}
            require_same_pins(self._pins, self._world)
        if self._standing is not None:
            self._require_same_work_tree(self._standing)
        require_unchanged(looked_at)

    def _require_same_work_tree(self, before: Mapping[str, State]) -> None:
        now = gather_fact(Standing, self._world, self._target).paths
        for path in sorted(before.keys() | now.keys()):
            if before.get(path) != now.get(path):
                raise CannotKnow(f"{path} was changed after it was checked; nothing was run, try again")


def require_same_pins(pins: Pins, world: World) -> None:
    """Raise CannotKnow unless every name still means what it was pinned to."""
    now = gather_fact(Pins, world)
    for name in Pins.__fields__:
        if getattr(now, name) != getattr(pins, name):
            raise CannotKnow(f"{name} moved while it was checked; nothing was run, try again")

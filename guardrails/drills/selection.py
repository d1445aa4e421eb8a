"""Which drills are played: those that plugins provide, each at every operation and on every stage that it is for."""

from __future__ import annotations

import re
import tomllib
from collections import Counter

from guardrails.config.settings import hint_at_known
from guardrails.errors import PluginError, UsageError
from guardrails.plugins.stages import Stage
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from guardrails.plugins.drills import Drill
    from guardrails.plugins.loader import Plugins

_NAME = r"[a-z0-9]+(-[a-z0-9]+)*"


class Turn(Record):
    """One drill at one operation on one stage: what is played at a time."""

    drill: Drill
    operation: str
    stage: Stage

    @property
    def id(self) -> str:
        """Where, of which policy, when and what, such as `openclaw/clean-worktree/after-update/an-edit`."""
        moment = self.operation.replace(" ", "-")
        return f"{self.stage.name}/{self.drill.policy}/{moment}/{self.drill.name}"


def every_turn(drills: Iterable[Drill]) -> list[Turn]:
    """All turns, those of a policy together. Raises PluginError when two would have one id, or one cannot be named."""
    found = []
    for drill in drills:
        if not re.fullmatch(_NAME, drill.name) or not drill.operations:
            raise PluginError(
                f"the drill {drill.name!r} of {drill.policy} needs a name such as an-edit, and operations"
            )
        for stage in drill.stages or (_scratch(),):
            found += [Turn(drill, operation, stage) for operation in drill.operations]
    doubled = [name for name, count in Counter(turn.id for turn in found).items() if count > 1]
    if doubled:
        raise PluginError(f"two drills are called {doubled[0]}")
    return sorted(found, key=lambda turn: (turn.drill.policy, turn.stage.name))


def to_be_proven(plugins: Plugins) -> set[str]:
    """The policies that must have drills: each that is installed, and each instance in a profile, by its own name."""
    names = set(plugins.policies)
    for path in plugins.profiles.values():
        with open(path, "rb") as file:
            names |= set(tomllib.load(file).get("policies", {}))
    return names


def narrowed(turns: Sequence[Turn], policies: Sequence[str], known: set[str]) -> tuple[list[Turn], list[str]]:
    """The turns of these policies, by default of all, and the policies that have none.

    Raises UsageError for a policy that is not known.
    """
    proven = {turn.drill.policy for turn in turns}
    for name in policies:
        if name not in known | proven:
            raise UsageError(f"unknown policy {name}; {hint_at_known(name, sorted(known | proven))}")
    wanted = set(policies) or known | proven
    return [turn for turn in turns if turn.drill.policy in wanted], sorted(wanted - proven)


def _scratch() -> Stage:
    from guardrails.drills.scratch_stage import SCRATCH

    return SCRATCH

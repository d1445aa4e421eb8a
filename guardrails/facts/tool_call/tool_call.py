"""What an agent's tool call would do in one environment."""

from __future__ import annotations

from fnmatch import fnmatchcase

from guardrails.calls import Action
from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.model import Environment
from guardrails.policy import Fact
from guardrails.record import Table
from guardrails.remedies import Guardrails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from guardrails.policy import World


class ToolCall(Fact):
    """The actions of the call in question that concern `environment`, and those on files that guard all.

    `home` is what `~` stands for. `variables` are those that each environment gives its programs, by its name. `source`
    is the repository that production's releases come from, None where that is not configured.
    """

    environment: Environment
    actions: tuple[Action, ...] = ()
    home: str = ""
    variables: Table = Table()
    source: str | None = None
    guardrails: Guardrails = Guardrails()

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Take the actions that were found when the call was read.

        Raises DoesNotApply where nothing is about to happen, CannotKnow when nobody said what the call does.
        """
        if world.operation is None:
            raise DoesNotApply("no tool call is in question")
        if not world.operation.actions:
            raise CannotKnow("what does the call do? `guardrails vet` reads one and asks")
        here = world.environment
        return cls(
            here,
            tuple(one for one in world.operation.actions if one.environment in (None, here.name)),
            world.home,
            Table(
                {
                    name: Table({key: one.filled(text, world.home) for key, text in one.variables.items()})
                    for name, one in world.environments.items()
                }
            ),
            next((one.repo for one in world.sources), None),
            world.guardrails,
        )

    def certain(self, *kinds: str) -> tuple[Action, ...]:
        """The actions of these kinds that would happen, each path and kind once."""
        found = {(one.kind, one.path): one for one in reversed(self.actions) if one.kind in kinds and not one.why}
        return tuple(reversed(found.values()))

    def doubtful(self, *kinds: str) -> tuple[Action, ...]:
        """The actions of these kinds that may or may not happen."""
        return tuple(one for one in self.actions if one.kind in kinds and one.why)

    def is_among(self, path: str, patterns: Iterable[str]) -> bool:
        """Whether a path is one of these patterns of fnmatch, in which `{repo}` and `{state_dir}` stand for theirs."""
        for pattern in patterns:
            try:
                if fnmatchcase(path, self.environment.filled(pattern, self.home)):
                    return True
            except DoesNotApply:  # the environment has no such value
                continue
        return False


def require_told(actions: Iterable[Action]) -> None:
    """Raise CannotKnow when there is an action of which it cannot be told whether it would happen."""
    for one in actions:
        words = " ".join(one.words)
        raise CannotKnow(f"cannot tell what `{words[:200]}` does: {one.why}; {one.path} is guarded")

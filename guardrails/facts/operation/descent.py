"""What must descend from what: the candidate from HEAD, or each pushed commit from what the remote has."""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.operation.candidate import Ancestry, Candidate
from guardrails.facts.operation.pushes import Pushes
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

_COMPARED = ("same", "descendant", "ancestor", "diverged", "unrelated")


class Descent(Fact):
    """The pairs to judge. `base` is what the older one of each is called: HEAD, or the remote's ref."""

    base: str
    ancestries: tuple[Ancestry, ...]

    @classmethod
    async def gather(cls, world: World, refs: tuple[str, ...]) -> Self:
        """Compare the candidate with HEAD or, in a push, the updates of refs that match one of the patterns."""
        operation = world.operation
        if operation is None or (operation.name != "push" and not operation.actions):
            return cls("HEAD", (await world.fact(Ancestry),))
        pushes: Pushes = await world.fact(Pushes)
        unknown = [push.ref for push in pushes.updates if push.relation == "unknown" and push.matching(refs)]
        if unknown:
            raise CannotKnow(f"what the remote has of {', '.join(unknown)} cannot be told; fetch first")
        return cls(
            "the remote's",
            tuple(
                Ancestry(pushes.repo, push.old, Candidate(push.ref, push.new), push.relation)
                for push in pushes.updates
                if push.relation in _COMPARED and push.matching(refs)
            ),
        )

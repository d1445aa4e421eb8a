"""What must descend from what: the candidate from HEAD, or each pushed commit from what the remote has."""

from __future__ import annotations

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
        if world.operation is None or world.operation.name != "push":
            return cls("HEAD", (await world.fact(Ancestry),))
        pushes: Pushes = await world.fact(Pushes)
        return cls(
            "the remote's",
            tuple(
                Ancestry(pushes.repo, push.old, Candidate(push.ref, push.new), push.relation)
                for push in pushes.updates
                if push.relation in _COMPARED and push.matching(refs)
            ),
        )

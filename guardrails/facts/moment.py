"""The moment that is being judged."""

from __future__ import annotations

from guardrails.policy import Fact
from guardrails.remedies import Guardrails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World


class MomentInQuestion(Fact):
    """The environment, the operation (None: at all times), whether it has happened, and when that is asked.

    `at` is in seconds since the epoch. `moves_head_to` is where the operation leads: candidate, upstream or previous.
    `candidate` is the name of what it brings, as it was given; `arrived`: HEAD is already where the operation leads.
    `guardrails` is how to ask again.
    """

    environment: str
    operation: str | None
    after: bool
    at: float
    moves_head_to: str | None = None
    candidate: str | None = None
    arrived: bool = False
    guardrails: Guardrails = Guardrails()

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Say what was asked; there is nothing to look at."""
        if (operation := world.operation) is None:
            return cls(world.environment.name, None, after=False, at=world.at, guardrails=world.guardrails)
        leads = (operation.moves_head_to, operation.candidate, operation.arrived)
        given = (operation.name, operation.after, world.at, *leads)
        return cls(world.environment.name, *given, guardrails=world.guardrails)

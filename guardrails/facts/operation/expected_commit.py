"""Where HEAD must be after an operation, and where it is."""

from __future__ import annotations

from guardrails.facts.approval.deployments import Deployment, Deployments
from guardrails.facts.approval.upstream import Upstream
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.operation.candidate import Candidate
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World


class ExpectedCommit(Fact):
    """HEAD, and the commit that the operation leads to.

    `what` is candidate, upstream or previous, and None before an operation or when it does not move HEAD. `commit` is
    None when there is no such commit.
    """

    repo: str
    head: str
    what: str | None = None
    commit: str | None = None

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Resolve it as the operation's own pins are. Raises CannotKnow as they do."""
        checkout: Checkout = await world.fact(Checkout, None)
        operation = world.operation
        if operation is None or not operation.after or operation.moves_head_to is None:
            return cls(checkout.git.path, checkout.commit)
        if operation.moves_head_to == "candidate":
            commit: str | None = (await world.fact(Candidate)).commit
        elif operation.moves_head_to == "upstream":
            commit = (await world.fact(Upstream)).commit
        else:
            commit = _returned_to((await world.fact(Deployments)).records)
        return cls(checkout.git.path, checkout.commit, operation.moves_head_to, commit)


def _returned_to(records: tuple[Deployment, ...]) -> str | None:
    """Where the newest recorded way back led; a guarded one is recorded before it is checked."""
    newest = next(iter(records), None)
    return newest.commit if newest and newest.leads_to == "previous" else None
